"""Test which responses to refused credentials are errors that passed."""

from __future__ import annotations

import pytest
from support.canned.exchanges import exchange

from conformance.evidence.exchange import Access, AccessKind, Exchange
from conformance.evidence.refusals import passing


def tried(status: int, query: str = "", method: str = "GET") -> Exchange:
    access = Access(AccessKind.ABSENT, "no credential", None)
    return exchange(b"", query, status=status, access=access, method=method)


@pytest.mark.parametrize("status", [302, 404, 406, 500])
@pytest.mark.parametrize("refusal", [401, 403])
def test_an_error_that_did_not_recur_passed(status: int, refusal: int) -> None:
    error, refused = tried(status), tried(refusal)
    assert passing([error, refused]) == passing([refused, error]) == {error}


def test_an_error_is_not_excused_by_another_request() -> None:
    assert not passing([tried(500), tried(500), tried(401, "category=GIT")])
    assert not passing([tried(500), tried(401, method="HEAD")])


def test_an_accepted_credential_is_no_error() -> None:
    assert not passing([tried(200), tried(401)])
