"""What a client sends and prints, from requests made by hand."""

from __future__ import annotations

import pytest
from support.canned.clients import (
    SECRET,
    TOKEN,
    evidence,
    providers,
    seen,
    sent,
    token_request,
)

from conformance.clients import wire_checks
from conformance.clients.answer import Answer
from conformance.clients.exchanges import Sent
from conformance.clients.judging import Check
from conformance.clients.observation import NotOffered, Observation, Undecided

PLAIN = seen("plain", token_request(), sent(), answer=providers())
TWICE = seen("plain", token_request(), sent(), sent(at=2), answer=providers())


def observed(check: Check, one: Observation, plain: Observation = PLAIN) -> list[str]:
    run = evidence(plain, one)
    return [breach.observed for breach in check(run, one)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", []),
        ("category=GIT&activeOnly=false", []),
        ("type=GIT", ["undocumented parameter type"]),
        ("Category=GIT&a=1&a=2", ["undocumented parameter Category", "undocumented parameter a"]),
    ],
)
def test_parameters(query: str, found: list[str]) -> None:
    assert observed(wire_checks.parameters, seen("plain", sent(query))) == found


@pytest.mark.parametrize(
    ("scenario", "query", "found"),
    [
        ("plain", "", []),
        ("plain", "category=", ['category ""']),
        ("category", "category=VECTOR_DB", []),
        ("category", "category=VECTOR%5FDB", []),
        ("category", "category=vector_db", ['category "vector_db"']),
        ("category", "", ["no category"]),
        ("category", "category=VECTOR_DB&category=GIT", ['category "GIT"']),
        ("spaced-category", "category=DATA+LAKE%20%26+CO", []),
        ("spaced-category", "category=DATA%2520LAKE", ['category "DATA%20LAKE"']),
    ],
)
def test_the_category(scenario: str, query: str, found: list[str]) -> None:
    one = seen(scenario, sent(query), answer=providers())
    assert observed(wire_checks.category, one) == found


@pytest.mark.parametrize(
    ("scenario", "query", "found"),
    [
        ("plain", "", []),
        ("plain", "activeOnly=true", []),
        ("plain", "activeOnly=false", ['activeOnly "false"']),
        ("active", "activeOnly=True", ['activeOnly "True"']),
        ("inactive", "activeOnly=false", []),
        ("inactive", "activeOnly=False", ['activeOnly "False"']),
        ("inactive", "", ["no activeOnly"]),
        ("inactive", "activeOnly=true", ['activeOnly "true"']),
        ("inactive", "activeOnly=false&activeOnly=true", ['activeOnly "true"']),
    ],
)
def test_inactive_providers(scenario: str, query: str, found: list[str]) -> None:
    one = seen(scenario, sent(query), answer=providers())
    assert observed(wire_checks.active_only, one) == found


def test_a_category_under_another_name_is_sent_wrongly_without_an_answer() -> None:
    assert observed(wire_checks.category, seen("category", sent("type=VECTOR_DB"))) == [
        "no category"
    ]


def test_a_list_besides_the_one_that_is_wanted() -> None:
    wanted = sent("category=VECTOR_DB")
    assert observed(wire_checks.category, seen("category", sent(), wanted)) == []
    refused = sent("category=VECTOR_DB", status=401)
    one = seen("category", refused, sent(), answer=providers())
    assert observed(wire_checks.category, one) == ["no category"]


def test_one_category_after_the_other() -> None:
    each = [sent(f"category={name}") for name in ("GIT", "EMAIL")]
    assert observed(wire_checks.category, seen("plain", *each)) == []
    assert len(observed(wire_checks.category, seen("plain", each[0], each[0]))) == 2


@pytest.mark.parametrize("check", [wire_checks.category, wire_checks.active_only])
def test_a_filter_that_is_not_sent_needs_an_answer(check: Check) -> None:
    with pytest.raises(Undecided):
        observed(check, seen("both", sent()))
    with pytest.raises(NotOffered):
        observed(check, seen("both", sent(), answer=Answer(unsupported="category")))


def test_offered_filters() -> None:
    assert observed(wire_checks.offered, seen("inactive", sent("activeOnly=false"))) == []
    refused = seen("category", answer=Answer(unsupported="category"))
    assert observed(wire_checks.offered, refused) == ["the client does not offer category"]
    with pytest.raises(Undecided):
        observed(wire_checks.offered, seen("category", sent(), answer=providers()))


@pytest.mark.parametrize(
    ("exchanges", "found"),
    [
        ([token_request(), sent()], []),
        # Without a token at first, or with one of an earlier process.
        ([sent(token=None, status=401), token_request(2), sent(at=3)], []),
        ([token_request(), sent(token=None, status=401)], ["no X-Authorization"]),
        (
            [token_request(), sent(token=f"Bearer {TOKEN}", status=401)],
            ["another value in X-Authorization"],
        ),
        ([sent(token=None, status=401)], ["no token request"]),
        ([token_request(status=400)], ["the token request got status 400"]),
    ],
)
def test_the_token(exchanges: list[Sent], found: list[str]) -> None:
    assert observed(wire_checks.token, seen("plain", *exchanges)) == found


def test_methods() -> None:
    fine = [token_request(path="/api//token"), sent()]
    assert observed(wire_checks.methods, seen("plain", *fine)) == []
    wrong = [sent(method="HEAD"), sent(method="POST"), sent(path="/api/token", method="PUT")]
    found = observed(wire_checks.methods, seen("plain", *wrong))
    assert found == ["method HEAD", "method POST", "method PUT"]


def test_a_slash_at_the_end() -> None:
    fine = seen("trailing-slash", token_request(), sent())
    assert observed(wire_checks.trailing_slash, fine) == []
    wrong = seen("trailing-slash", token_request(status=404, path="/api//token"))
    (found,) = observed(wire_checks.trailing_slash, wrong)
    assert found == "the request got status 404, and no list was received"
    with pytest.raises(Undecided, match="either"):
        observed(wire_checks.trailing_slash, wrong, plain=seen("plain", sent(status=401)))


def expired(number: int) -> list[Sent]:
    return [
        one
        for turn in range(number)
        for one in (
            token_request(turn, issued=f"t{turn}"),
            sent(token=f"t{turn}", status=401, at=turn + 0.5, content={}),
        )
    ]


def test_a_token_that_expired() -> None:
    renewed = [*expired(1), token_request(2), sent(at=3)]
    assert observed(wire_checks.expiry, seen("expired-token", *renewed)) == []
    assert observed(wire_checks.expiry, seen("expired-token", *expired(1))) == [
        "no new token was requested"
    ]
    assert observed(wire_checks.expiry, seen("expired-token", *expired(2))) == [
        "no list was received with a new token"
    ]
    with pytest.raises(Undecided):
        observed(wire_checks.expiry, seen("expired-token", token_request()))
    wrong = [*expired(1), token_request(2), sent("activeOnly=", status=400, at=3)]
    with pytest.raises(Undecided, match="got status 400"):
        observed(wire_checks.expiry, seen("expired-token", *wrong))


def test_tokens_that_always_expired() -> None:
    assert observed(wire_checks.expiry, seen("always-expired", *expired(10))) == []
    found = observed(wire_checks.expiry, seen("always-expired", *expired(11), code=None))
    assert found == ["11 requests although each token was refused"]
    with pytest.raises(Undecided, match="did not end"):
        observed(wire_checks.expiry, seen("always-expired", *expired(3), code=None))


def test_what_follows_a_403() -> None:
    refused = [token_request(), sent(status=403)]
    check = wire_checks.plain_refusal
    assert observed(check, seen("forbidden", *refused)) == []
    again = seen("forbidden", *refused, token_request(2), sent(status=403, at=3))
    assert observed(check, again) == [
        "1 token request after status 403",
        "1 request for the list after status 403",
    ]
    # It always reads the list twice.
    twice = seen("forbidden", *refused, sent(status=403, at=3))
    assert observed(check, twice, plain=TWICE) == []
    assert len(observed(check, twice)) == 1
    # It was sent before the response came.
    assert observed(check, seen("forbidden", *refused, sent(status=403, at=1.05))) == []


@pytest.mark.parametrize(("at", "found"), [(4.1, []), (4.05, []), (3.0, ["repeated after 1.9 s"])])
def test_repetitions_after_a_429(at: float, found: list[str]) -> None:
    one = seen("retry-after", token_request(), sent(status=429), sent(at=at))
    assert observed(wire_checks.retry_after, one) == found


def test_another_origin() -> None:
    first = [token_request(), sent(status=302)]
    check = wire_checks.other_origin
    assert observed(check, seen("redirect", *first)) == []
    assert observed(check, seen("redirect", *first, sent(origin=1, token=None))) == []
    assert observed(check, seen("redirect", *first, sent(origin=1))) == [
        "the token was sent to another origin in the header x-authorization"
    ]
    asks = sent(origin=1, token=None, method="POST", body=SECRET.encode())
    assert observed(check, seen("redirect", *first, asks)) == [
        "the key secret was sent to another origin in the body"
    ]
    with pytest.raises(Undecided, match="not redirected"):
        observed(check, seen("redirect", token_request()))


def test_output() -> None:
    check = wire_checks.output
    assert observed(check, seen("plain", token_request(), output=b"2 providers")) == []
    leaks = f"{TOKEN}\n{SECRET}".encode()
    assert observed(check, seen("plain", token_request(), output=leaks)) == [
        "a token in the output",
        "a key secret in the output",
    ]
    with pytest.raises(Undecided, match="no request"):
        observed(check, seen("plain", output=leaks))


@pytest.mark.parametrize(
    "check",
    [wire_checks.parameters, wire_checks.category, wire_checks.methods, wire_checks.token],
)
def test_who_sends_nothing_is_not_blamed(check: Check) -> None:
    with pytest.raises(Undecided, match="exit code 0"):
        observed(check, seen("plain"))
