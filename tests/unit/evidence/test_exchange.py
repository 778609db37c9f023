"""What an exchange is by itself: complete, transient, refused, stored, and how it is described."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.canned.exchanges import exchange

from conformance.evidence.exchange import (
    Access,
    AccessKind,
    Exchange,
    Trouble,
    TroubleKind,
    simplicity,
    unresolved,
)

PLAIN = exchange([], "category=GIT")
CLOSED = replace(exchange(b""), status=0, trouble=Trouble(TroubleKind.CLOSED, "it was closed"))
CUT = replace(PLAIN, trouble=Trouble(TroubleKind.CLOSED, "it was closed"))


@pytest.mark.parametrize(
    ("one", "properties"),
    [
        (PLAIN, {"ok", "conclusive", "listing"}),
        (exchange({}), {"ok", "conclusive"}),
        (exchange([], status=201), {"conclusive"}),
        (exchange([], status=401), {"conclusive", "refused"}),
        (exchange([], status=403), {"conclusive", "refused"}),
        (exchange([], status=402), {"conclusive"}),
        (exchange([], status=500), {"conclusive"}),
        (exchange([], status=429), {"transient"}),
        (exchange([], status=503), {"transient"}),
        (CLOSED, {"transient"}),
        (CUT, {"transient"}),
    ],
)
def test_what_a_response_is(one: Exchange, properties: set[str]) -> None:
    names = ("ok", "conclusive", "listing", "refused", "transient", "timed_out")
    assert {name for name in names if getattr(one, name)} == properties


def test_the_statuses_that_pass_are_the_documented_ones() -> None:
    """docs/method.md lists them, and docs/configuration.md those of gateways."""
    documented = {408, 425, 429, 502, 503, 504, *range(520, 528), 529, 530}
    assert {status for status in range(600) if exchange([], status=status).transient} == documented


def test_a_timeout_is_told_from_other_trouble() -> None:
    late = replace(CLOSED, trouble=Trouble(TroubleKind.TIMEOUT, "too late"))
    assert late.timed_out
    assert not CLOSED.timed_out


def test_the_size_of_a_body_outlasts_the_body() -> None:
    assert exchange(b"[ ]").length == 3
    assert replace(exchange(b"[ ]"), body=b"", size=3).length == 3
    assert replace(exchange(b""), size=0).length == 0


def test_the_server_worked_on_a_response_in_the_middle_of_the_wait() -> None:
    assert replace(PLAIN, started=10.0, elapsed=3.0).moment == 11.5


def test_values_of_a_repeated_header_are_joined() -> None:
    one = replace(PLAIN, headers=(("vary", "a"), ("server", "x"), ("vary", "b")))
    assert (one.header("Vary"), one.header("via")) == ("a, b", None)
    assert one.may_be_stored
    assert not exchange([], headers={"cache-control": "private, No-Store"}).may_be_stored


def test_only_a_settled_failure_tells_its_attempts() -> None:
    failed = replace(exchange(b"", status=503), attempts=3)
    assert failed.outcome == "status 503"
    settled = replace(failed, settled=True)
    assert settled.outcome == "status 503, in each of 3 attempts while other queries were answered"
    assert CLOSED.outcome == "it was closed"


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (exchange([]), False),
        (exchange([], status=401), True),
        (exchange([], status=404), False),
        (exchange([], status=499), False),
        (exchange([], status=500), True),
        (exchange([], status=429), True),
        (CLOSED, True),
        (replace(exchange([], status=500), settled=True), False),
        (exchange([], status=500, access=Access(AccessKind.ABSENT, "none", None)), False),
    ],
)
def test_failures_that_have_nothing_to_do_with_the_query(one: Exchange, expected: bool) -> None:
    assert unresolved(one) == expected


def test_the_simplest_query_is_short_and_not_generated() -> None:
    generated = replace(exchange([], "a=1"), request=replace(PLAIN.request, generated=True))
    assert min([generated, PLAIN, exchange([], "a=1")], key=simplicity).query.wire == "a=1"
    assert min([generated, PLAIN], key=simplicity) is PLAIN
