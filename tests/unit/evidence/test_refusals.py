"""Test which responses to refused credentials are errors that passed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.canned.exchanges import evidence, exchange

from conformance.evidence.exchange import Access, AccessKind, Exchange
from conformance.evidence.refusals import is_not_acceptable, passing, recurring_redirects


def tried(status: int, query: str = "", method: str = "GET") -> Exchange:
    access = Access(AccessKind.ABSENT, "no credential", None)
    return exchange(b"", query, status=status, access=access, method=method)


@pytest.mark.parametrize("status", [300, 302, 404, 406, 500])
@pytest.mark.parametrize("refusal", [401, 403])
def test_an_error_that_did_not_recur_passed(status: int, refusal: int) -> None:
    error, refused = tried(status), tried(refusal)
    assert passing([error, refused]) == passing([refused, error]) == {error}


def test_an_error_is_not_excused_by_another_request() -> None:
    assert not passing([tried(500), tried(500), tried(401, "category=GIT")])
    assert not passing([tried(500), tried(401, method="HEAD")])


@pytest.mark.parametrize("status", [200, 204, 299])
def test_an_accepted_credential_is_no_error(status: int) -> None:
    assert not passing([tried(status), tried(401)])


@pytest.mark.parametrize(
    ("status", "accept", "expected"),
    [
        (406, "text/html", True),
        (405, "text/html", False),
        (415, "text/html", False),
        (406, "application/json", False),
        (406, "application/hal+json, text/html", False),
    ],
)
def test_a_media_type_may_be_refused_before_the_credential(
    status: int, accept: str, expected: bool
) -> None:
    assert is_not_acceptable(exchange(b"", status=status, accept=accept)) == expected


TWICE = (302, 401, 302, 401)


@pytest.mark.parametrize(
    ("refusals", "granted", "number"),
    [
        (TWICE * 2, 200, 4),
        # An outage redirects everyone for a while, and its end may seem to be one of two.
        ((302, 302, 302, 302, 401, 401, 401, 401), 200, 0),
        (TWICE, 200, 0),
        # Where most requests have a refused credential, these may be redirects of anyone.
        (TWICE * 2 + (401,) * 2000, 200, 0),
        # So are those that the accepted credential meets as well.
        (TWICE * 2, 302, 0),
        ((401, 401, 401), 200, 0),
        # Another requirement judges other errors.
        ((500, 401, 500, 401, 500, 401, 500, 401), 200, 0),
    ],
)
def test_redirects_that_recur_for_refused_credentials_only(
    refusals: tuple[int, ...], granted: int, number: int
) -> None:
    in_turn = [
        replace(tried(status), started=float(place)) for place, status in enumerate(refusals)
    ]
    given = exchange([], status=granted)
    found = recurring_redirects(evidence(given, refusals=tuple(in_turn)))
    assert [one.status for one in found] == [302] * number


def test_requests_at_the_same_time_are_put_in_order() -> None:
    in_turn = [replace(tried(302 if n < 4 else 401), started=float(n)) for n in range(8)]
    mixed = tuple(in_turn[::2] + in_turn[1::2])
    assert not recurring_redirects(evidence(refusals=mixed))
