"""Test that refused credentials differ from the accepted one, also in the curl commands."""

from __future__ import annotations

import base64
import hmac
import json
import subprocess
from collections.abc import Sequence

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from support.canned.exchanges import GRANTED

from conformance.evidence.exchange import AccessKind
from conformance.target.refused_credentials import CLAIMS, Form, forms, granted


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def jwt(signature: bytes, **claims: object) -> str:
    header = {"alg": "RS256" if len(signature) > 64 else "HS256", "typ": "JWT"}
    return ".".join(
        encoded(part)
        for part in (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    )


JWTS = (
    jwt(bytes(32), sub="app"),
    jwt(b"\xff" * 32, sub="app", exp=4102444800),
    jwt(b"\x00" * 48, sub="app"),
    jwt(bytes(range(64)), sub="app", roles=["ADMIN", "USER"]),
    jwt(b"\x00" * 256, sub="a" * 700),
    jwt(b"\x00", sub="x"),
)
OPAQUE = (
    *("A", "a", "AB", "Ba", "abc", "AAAA", "aaaaaaaa", "BBBBBBBBB"),
    "0123456789abcdef0123456789abcdef",
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "dGhlLXRva2VuLWlzLWJhc2U2NA==",
    "a.b.c",
    "not.a.jwt-at-all.really",
    "$HOME `id` $(id) \"quoted\" 'single' \\back",
    "two words and *.* {a,b} ~ ! #",
    "-n -e %s %d",
    "x" * 4000,
)


def ids(token: str) -> str:
    return f"{token[:12]}-{len(token)}"


def value(form: Form, token: str) -> str | None:
    return form.make(token) if form.make is not None else None


@pytest.mark.parametrize("token", [*JWTS, *OPAQUE], ids=ids)
def test_every_form_differs_from_the_token(token: str) -> None:
    for form in forms(token):
        made = value(form, token)
        assert made != token, form.access.form
        # Hexadecimal tokens are case-insensitive, and surrounding spaces do not count.
        if form.access.kind is not AccessKind.TAMPERED or "case" not in form.access.form:
            assert (made or "").strip().lower() != token.strip().lower(), form.access.form


PRINTABLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=130)
TOKENS = st.sampled_from([*JWTS, *OPAQUE, "7", "..", "A-" * 100]) | PRINTABLE


@given(TOKENS, TOKENS)
def test_no_form_is_the_token_or_one_that_is_issued_later(first: str, later: str) -> None:
    # Tokens are renewed during a run, and a new one may be shorter.
    for form in forms(first):
        assert form.access != GRANTED
        for token in (first, later):
            made = value(form, token)
            assert made is None or made.strip() != token.strip(), form.access.form
            prepared = requests.Request("GET", "http://host", headers={"x": made or ""}).prepare()
            assert prepared.headers["x"] == (made or "")


@pytest.mark.parametrize("later", ["opaque", "a.b.c.d"])
def test_claims_of_a_token_that_has_none_are_made_up(later: str) -> None:
    made = [form.make(later) for form in forms(JWTS[0]) if form.make is not None]
    assert sum(CLAIMS in made_up for made_up in made) == 7
    assert len(set(made)) == len(made)


@given(st.binary(min_size=2, max_size=80))
def test_a_changed_signature_differs_in_its_bytes(signature: bytes) -> None:
    # The last character of base64 may carry bits that decoders ignore.
    token = jwt(signature, sub="app")
    (changed,) = (form for form in forms(token) if form.access.form.endswith("changed"))
    head, claims, made = str(value(changed, token)).split(".")
    assert [head, claims] == token.split(".")[:2]
    assert base64.urlsafe_b64decode(made + "=" * (-len(made) % 4)) != signature


@pytest.mark.parametrize("token", JWTS, ids=ids)
def test_a_json_web_token_is_attacked_in_its_own_ways(token: str) -> None:
    tried = {form.access.form: value(form, token) for form in forms(token)}
    for word in ("none", "None"):
        unsigned = tried[f"its claims without a signature (alg {word})"]
        assert unsigned is not None
        head, claims, signature = unsigned.split(".")
        assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"alg": word, "typ": "JWT"}
        assert (claims, signature) == (token.split(".")[1], "")
    nothing = tried["its claims, signed with an empty key"]
    assert nothing is not None
    head, claims, signature = nothing.split(".")
    assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"alg": "HS256", "typ": "JWT"}
    assert claims == token.split(".")[1]
    assert signature == encoded(hmac.digest(b"", f"{head}.{claims}".encode(), "sha256"))
    without = ".".join(token.split(".")[:2])
    assert tried["the token without its signature"] == f"{without}."
    assert tried["the token without its signature and the dot before it"] == without
    moved = tried["its signature with different claims"]
    assert moved is not None
    assert moved.split(".")[::2] == token.split(".")[::2]
    assert moved.split(".")[1] != token.split(".")[1]
    assert tried["the token with upper and lower case swapped"] == token.swapcase()


def test_kinds_of_forms() -> None:
    kinds = [form.access.kind for form in forms(OPAQUE[-1])]
    assert kinds == [
        AccessKind.ABSENT,
        AccessKind.EMPTY,
        *[AccessKind.UNKNOWN] * 4,
        *[AccessKind.TAMPERED] * 5,
    ]
    assert [form.access.kind for form in forms(JWTS[0])].count(AccessKind.TAMPERED) == 8
    for token in (JWTS[0], OPAQUE[-1]):
        names = [form.access.form for form in forms(token)]
        assert len(set(names)) == len(names)


def shell_words(words: Sequence[str], token: str) -> list[str]:
    """Let bash evaluate shell words like the arguments of curl."""
    script = "".join(f"printf '%s\\0' {word}\n" for word in words)
    done = subprocess.run(
        ["bash", "--norc", "--noprofile", "-u", "-c", script],
        env={"CONDUCTOR_AUTH_TOKEN": token, "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize("token", [*JWTS, *OPAQUE], ids=ids)
def test_bash_makes_the_value_that_is_sent(token: str) -> None:
    tried = forms(token)
    told = [form for form in tried if form.access.shell is not None]
    accepted = granted(with_token=True).shell
    assert accepted is not None
    assert tried[0].access.shell is None
    empty, *made, whole = shell_words([*(str(form.access.shell) for form in told), accepted], token)
    assert whole == f"X-Authorization: {token}"
    # For curl, a semicolon after the name means an empty value.
    assert (empty, value(told[0], token)) == ("X-Authorization;", "")
    assert made == [f"X-Authorization: {value(form, token)}" for form in told[1:]]


def test_no_token_is_sent_without_one() -> None:
    assert granted(with_token=False).shell is None
