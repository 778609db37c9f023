"""Test which responses to refused credentials are errors that passed."""

from __future__ import annotations

import pytest
from support.canned.exchanges import exchange

from conformance.evidence.exchange import Access, AccessKind, Exchange
from conformance.evidence.refusals import is_not_acceptable, passing


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
