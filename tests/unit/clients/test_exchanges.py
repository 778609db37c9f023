"""Recorded exchanges, and what of them is in a log."""

from __future__ import annotations

import json

from support.canned.clients import LISTING, SECRET, TOKEN, sent, token_request

from conformance.clients.exchanges import log_line, tokens, without_all

SECRETS = {SECRET: "key secret", TOKEN + "-that-is-long": "token"}


def test_the_kinds_of_requests() -> None:
    assert sent().is_listing
    assert sent(path=f"/team{LISTING}/").is_listing
    assert sent(path=LISTING.replace("v", "%76")).is_listing
    assert not sent(path=f"{LISTING}/openAI").is_listing
    assert not token_request().is_listing
    assert token_request(path="//api//token/").is_token_request
    assert tokens([token_request(issued="a"), token_request(status=401), sent()]) == {"a"}
    assert token_request(status=200, issued="b").issued == "b"


def test_a_line_of_the_log_has_no_credential() -> None:
    line = log_line(
        sent(f"secret={SECRET}", headers=(("cookie", "s=1"), ("accept", "*/*"))), SECRETS
    )
    found = json.loads(line)
    assert found["query"] == "secret=(key secret)"
    assert found["headers"] == [
        ["x-authorization", "(redacted)"],
        ["cookie", "(redacted)"],
        ["accept", "*/*"],
    ]
    assert (found["method"], found["path"], found["status"]) == ("GET", LISTING, 200)


def test_the_beginning_of_a_secret_is_removed_as_well() -> None:
    secrets = {"0123456789abcdef": "token"}
    assert without_all("a 0123456789abcdef b 0123456789abc… c", secrets) == "a (token) b (token)… c"
    assert without_all("01234567", secrets) == "01234567"
