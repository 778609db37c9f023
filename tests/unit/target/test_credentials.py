"""Test reading credentials, and that they are never disclosed."""

from __future__ import annotations

import base64
import json
import os
import shlex
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.processes.children import exists, wait_until

from conformance.errors import CannotTest, UsageError
from conformance.target.credentials import (
    AccessKey,
    Credential,
    Token,
    TokenCommand,
    from_environment,
)
from conformance.target.refused_credentials import forms, granted
from conformance.target.secret_search import Secrets

TOKEN, KEY, SECRET = "CONDUCTOR_AUTH_TOKEN", "CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET"
PAIR = {KEY: "the-key", SECRET: "the-secret"}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({TOKEN: "", KEY: "", SECRET: ""}, None),
        ({TOKEN: " \n"}, None),
        ({TOKEN: "the-token"}, Token("the-token")),
        ({TOKEN: " the-token\n"}, Token("the-token")),
        ({TOKEN: "two words"}, Token("two words")),
        (PAIR, AccessKey("the-key", "the-secret")),
        ({KEY: " the-key ", SECRET: "the-secret\n"}, AccessKey("the-key", "the-secret")),
        ({TOKEN: "the-token", **PAIR}, Token("the-token")),
        ({TOKEN: " ", **PAIR}, AccessKey("the-key", "the-secret")),
        ({TOKEN: "the-token", KEY: "half"}, Token("the-token")),
        ({KEY: "clé", SECRET: "schlüssel"}, AccessKey("clé", "schlüssel")),
    ],
)
def test_what_the_environment_gives(
    environment: dict[str, str], expected: Credential | None
) -> None:
    assert from_environment(environment) == expected


def test_a_token_file_comes_before_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"\n  from-the-file \r\n")
    assert from_environment({TOKEN: "the-token", **PAIR}, path) == Token("from-the-file")
    assert from_environment({KEY: "half"}, path) == Token("from-the-file")


ODD = ("s3cr\net", "s3crét", "s3cret\x00")
BOTH = "both are needed, so set both or neither"
UNUSABLE = (
    "a token with characters that a header cannot carry; "
    "copy it again, on one line and without anything around it"
)
UNPRINTED = "a non-printable character; set it again, on one line"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({KEY: "s3cret"}, f"{KEY} is set but {SECRET} is not; {BOTH}"),
        ({SECRET: "s3cret", KEY: " "}, f"{SECRET} is set but {KEY} is not; {BOTH}"),
        *(({TOKEN: odd}, f"{TOKEN} contains {UNUSABLE}") for odd in ODD),
        # Bytes of the environment that are not UTF-8 become lone surrogates.
        ({KEY: "key\udcff", SECRET: "s3cret"}, f"{KEY} contains {UNPRINTED}"),
        ({KEY: "key", SECRET: "s3cret\udcff"}, f"{SECRET} contains {UNPRINTED}"),
    ],
)
def test_what_is_said_of_an_unusable_environment(environment: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_environment(environment)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the token file {} is empty; write the token into it"),
        (b" \n\t\n", "the token file {} is empty; write the token into it"),
        (b"\xff\xfes3cret", "the token file {} is not text; it must contain the token and"),
        (b"s3cret\ns3cret", f"the token file {{}} contains {UNUSABLE}"),
        ("s3\ufeffcret".encode(), f"the token file {{}} contains {UNUSABLE}"),
    ],
)
def test_what_is_said_of_an_unusable_file(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        from_environment({}, path)
    assert str(caught.value).startswith(said.format(path))
    assert "cret" not in str(caught.value)
    with pytest.raises(UsageError, match="Is a directory; give a readable file"):
        from_environment({}, tmp_path)


@pytest.mark.parametrize("name", ["s3cret", "s3cret" * 100, "file/s3cret"])
def test_a_token_in_place_of_its_file_is_not_repeated(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"^cannot read the token file: file not found") as caught:
        from_environment({}, tmp_path / name)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_description_of_a_credential_discloses_it() -> None:
    secrets = Secrets()
    secrets.add("s3cret-s3cret")
    described = [
        repr(Token("s3cret-s3cret")),
        repr(AccessKey("s3cret-s3cret", "s3cret-s3cret")),
        repr(secrets),
        str(secrets),
        repr(granted(with_token=True)),
        repr([form.access for form in forms("s3cret-s3cret-s3cret-s3cret")]),
    ]
    assert "s3cret" not in "".join(described)


JWT = ".".join(
    base64.urlsafe_b64encode(part).rstrip(b"=").decode()
    for part in (b'{"alg":"HS256"}', b'{"sub":"me"}', b"a signature of 32 bytes, as HS256")
)


@given(st.binary(max_size=5), st.binary(max_size=5))
def test_a_secret_in_base64_of_more_is_found(before: bytes, after: bytes) -> None:
    secret = "pass-word-s3cret"
    secrets = Secrets()
    secrets.add(secret)
    redacted, found = secrets.redacted(base64.b64encode(before + secret.encode() + after))
    assert found
    assert len(redacted) <= len("[credential]") + len(base64.b64encode(before + b"12" + after)) + 4


@pytest.mark.parametrize(
    ("secret", "text", "result"),
    [
        ("long-enough", b"nothing here", b"nothing here"),
        ("long-enough", b"12345678-and-more", b"[credential]"),
        ("long-enough", b"long-enough, long-enough", b"[credential], [credential]"),
        # Shorter ones would be found by coincidence.
        ("short", b"short", b"short"),
        ('quo"ted-secret', b'{"echo": "quo\\"ted-secret"}', b'{"echo": "[credential]"}'),
        ("l\u00e4ngeres-Geheimnis", b"l\\u00e4ngeres-Geheimnis", b"[credential]"),
        (JWT, JWT.rpartition(".")[2].encode(), b"[credential]"),
        (JWT, JWT.partition(".")[0].encode(), JWT.partition(".")[0].encode()),
    ],
)
def test_what_is_redacted_out(secret: str, text: bytes, result: bytes) -> None:
    secrets = Secrets()
    # A secret within another does not leave the rest of it.
    for value in ("12345678", "12345678-and-more", secret):
        secrets.add(value)
    assert secrets.redacted(text) == (result, text != result)


PRINTABLE = st.characters(exclude_categories=["C", "Z"])


@given(st.text(PRINTABLE, min_size=8), st.binary())
def test_no_secret_survives(secret: str, around: bytes) -> None:
    secrets = Secrets()
    secrets.add(secret)
    for spelled in (secret, json.dumps(secret)[1:-1]):
        redacted, found = secrets.redacted(around + b"|" + spelled.encode() + b"|" + around)
        assert found
        assert b"[credential]" in redacted


def printing(code: str) -> TokenCommand:
    return TokenCommand((sys.executable, "-c", code))


def test_a_command_prints_the_token() -> None:
    command = TokenCommand.of(f"{shlex.quote(sys.executable)} -c 'print(\" a.token \")'")
    assert command.words[1:] == ("-c", 'print(" a.token ")')
    assert command.token(60) == Token("a.token")
    assert "a.token" not in repr(command)


@pytest.mark.parametrize("text", ["", "  ", "vault 'print"])
def test_a_command_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="the token command is empty or has an open quotation"):
        TokenCommand.of(text)


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (printing("exit(7)"), "failed with exit code 7; run it by itself"),
        (printing("pass"), "printed no token"),
        (printing("print('two\\nlines')"), "printed no token"),
        (printing("import sys; sys.stdout.buffer.write(b'\\xff')"), "printed no token"),
        (printing("print('x' * 70000)"), "printed more than 64 KiB; it must print the token"),
        (printing("while True: print('x' * 70000)"), "printed more than 64 KiB"),
        (TokenCommand(("no-such-program-here", "s3cret")), "cannot be run: No such file"),
        (TokenCommand(("a\0b",)), "cannot be run"),
    ],
)
def test_why_a_command_gave_no_token_is_told(command: TokenCommand, problem: str) -> None:
    with pytest.raises(CannotTest, match=problem) as caught:
        command.token(60)
    assert "s3cret" not in str(caught.value)


def test_a_command_does_not_outlast_the_run() -> None:
    with pytest.raises(CannotTest, match=r"took longer than 0\.2 s"):
        printing("import time; time.sleep(60)").token(0.2)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="there are no process groups")
def test_what_a_command_has_started_does_not_outlast_the_run(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    stop = threading.Event()

    def run() -> None:
        with pytest.raises(CannotTest):
            TokenCommand(("sh", "-c", f"sleep 600 & echo $! > {file}; wait")).token(60, stop)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: file.exists() and file.read_text().endswith("\n"))
    stop.set()
    thread.join()
    wait_until(lambda: not exists(int(file.read_text())))


def test_a_command_goes_before_variables_and_excludes_a_file(tmp_path: Path) -> None:
    environment = {TOKEN: "t"}
    assert from_environment(environment, token_command="x y") == TokenCommand(("x", "y"))
    with pytest.raises(UsageError, match="leave one of them out"):
        from_environment(environment, tmp_path / "token", "x y")
