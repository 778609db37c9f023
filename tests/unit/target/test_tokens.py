"""Test renewing tokens once for all threads, with retries, and the errors if it fails."""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from support.canned.clock import RIGHT, Clock, busy, troubled
from support.processes.children import exists, wait_until

from conformance.errors import CannotTest
from conformance.evidence.exchange import Exchange, TroubleKind
from conformance.target.credentials import LONGEST_TOKEN, AccessKey, Token, TokenCommand
from conformance.target.pacing import Pace
from conformance.target.retries import Retries
from conformance.target.tokens import Tokens

KEY = AccessKey("key", "secret of the key")
DEADLINE = 60
"""Seconds; only so that a test cannot hang."""


class Issuer:
    """Returns the given responses to token requests, with new tokens if the status is 200."""

    def __init__(self, *answers: Exchange) -> None:
        self.clock = Clock()
        self.answers = iter(answers)
        self.asked: list[bytes] = []
        self.remembered: list[str] = []
        retries = Retries(Pace(60, clock=self.clock, sleep=self.clock.sleep))
        self.tokens = Tokens(KEY, retries, self.post, self.remembered.append)

    def post(self, body: bytes) -> tuple[Exchange, bytes]:
        self.asked.append(body)
        answer = next(self.answers)
        return answer, json.dumps({"token": f"token {len(self.asked)}"}).encode()


def test_a_token_has_no_successor() -> None:
    token = Token("mine")
    retries = Retries(Pace(60))
    for credential in (token, None):
        tokens = Tokens(credential, retries, Issuer().post, print)
        assert not tokens.renewable
        assert tokens.obtain() is None
        tokens.renew(token)
        assert tokens.current is credential


def test_a_token_is_obtained_and_renewed_with_the_key() -> None:
    issuer = Issuer(RIGHT, RIGHT)
    tokens = issuer.tokens
    assert tokens.renewable
    assert tokens.obtain() is None
    first = tokens.current
    assert first == Token("token 1")
    tokens.renew(first)
    assert tokens.current == Token("token 2")
    # Another thread has already renewed it.
    tokens.renew(first)
    assert issuer.remembered == ["token 1", "token 2"]
    assert json.loads(issuer.asked[0]) == {"keyId": "key", "keySecret": "secret of the key"}
    assert "secret" not in repr(tokens)


@pytest.mark.parametrize(
    "trouble", [busy(429, "2"), busy(429), busy(503), troubled(TroubleKind.CLOSED)]
)
def test_trouble_with_token_requests_is_waited_out(trouble: Exchange) -> None:
    tokens = Issuer(*[trouble] * 7, RIGHT, trouble, RIGHT).tokens
    if trouble.status:
        assert tokens.obtain() is None
    else:
        # Without any successful response before, it does not wait.
        assert tokens.obtain() == replace(trouble, attempts=5)
        tokens.renew(None)
    tokens.renew(tokens.current)
    assert tokens.current is not None


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_key_that_is_refused_is_told_so(status: int) -> None:
    tokens = Issuer(busy(status), RIGHT, busy(status)).tokens
    refusal = tokens.obtain()
    assert refusal is not None
    assert refusal.status == status
    assert tokens.obtain() is None
    with pytest.raises(CannotTest, match=rf"now refuses it \(status {status}\)"):
        tokens.renew(tokens.current)


def test_no_other_token_to_be_had() -> None:
    tokens = Issuer(RIGHT, busy(500), *[busy(503)] * 1000).tokens
    assert tokens.obtain() is None
    with pytest.raises(CannotTest, match="the token expired and could not be renewed: POST"):
        tokens.renew(tokens.current)
    with pytest.raises(CannotTest, match="did not recover"):
        tokens.renew(tokens.current)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", b'{"token": 5}', b'{"token": " "}', '{"token": "é"}'.encode()),
        json.dumps({"token": "x" * (LONGEST_TOKEN + 1)}).encode(),
    ],
)
def test_an_answer_without_a_usable_token(body: bytes) -> None:
    tokens = Tokens(KEY, Retries(Pace(60)), lambda _: (RIGHT, body), print)
    assert tokens.obtain() is not None
    with pytest.raises(CannotTest, match="without a usable token"):
        tokens.renew(None)


def test_one_renewal_is_enough_for_all_threads() -> None:
    issuer = Issuer(*[RIGHT] * 100)
    tokens = issuer.tokens
    tokens.obtain()
    used = tokens.current
    together = threading.Barrier(8, timeout=DEADLINE)

    def renew() -> None:
        together.wait()
        tokens.renew(used)

    with ThreadPoolExecutor(8) as threads:
        for _ in range(8):
            threads.submit(renew)
    assert len(issuer.asked) == 2


def test_a_token_is_renewed_by_running_the_command_again(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("")
    count = f"f = open({str(counter)!r}, 'a+'); f.write('x'); print('token', f.tell(), sep='-')"
    remembered: list[str] = []
    command = TokenCommand((sys.executable, "-c", count))
    tokens = Tokens(command, Retries(Pace(60)), Issuer().post, remembered.append)
    assert tokens.renewable
    assert tokens.obtain() is None
    first = tokens.current
    assert first == Token("token-1")
    tokens.renew(first)
    # Another thread, which used the first token as well, comes late.
    tokens.renew(first)
    assert tokens.current == Token("token-2")
    assert remembered == ["token-1", "token-2"]


def test_a_command_that_prints_the_refused_token_again_ends_the_run() -> None:
    command = TokenCommand((sys.executable, "-c", "print('same')"))
    tokens = Tokens(command, Retries(Pace(60)), Issuer().post, print)
    tokens.obtain()
    with pytest.raises(CannotTest, match="printed the token again that the server refuses"):
        tokens.renew(tokens.current)


def test_a_target_that_is_closed_ends_the_command(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    code = f"import os, time; print(os.getpid(), file=open({str(file)!r}, 'w')); time.sleep(600)"
    command = TokenCommand((sys.executable, "-c", code))
    tokens = Tokens(command, Retries(Pace(60)), Issuer().post, print)
    with ThreadPoolExecutor(1) as threads:
        obtained = threads.submit(tokens.obtain)
        wait_until(lambda: file.exists() and file.read_text().endswith("\n"))
        tokens.close()
        assert isinstance(obtained.exception(DEADLINE), CannotTest)
    assert not exists(int(file.read_text()))
