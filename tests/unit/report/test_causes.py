"""Failures are grouped by the response that shows most of them."""

from __future__ import annotations

from dataclasses import replace

from support.canned.reports import FINDING, LAW

from conformance.checks.verdict import Finding, Outcome, Verdict
from conformance.report.causes import causes


def failed(name: str, *queries: str) -> Verdict:
    findings = tuple(found(query) for query in queries)
    return Verdict(LAW.requirement(name), Outcome.FAILED, "a reason", "3 answers", findings)


def found(query: str) -> Finding:
    return replace(FINDING, query=query, message=f"GET /list?{query}: seen; expected other")


def test_the_response_that_shows_most_comes_first() -> None:
    verdicts = [
        failed("FILTER-01", "a=1", "b=2"),
        failed("FILTER-02", "b=2"),
        failed("FILTER-04", "c=3"),
        failed("FILTER-05", "c=3", "b=2"),
        failed("FILTER-06", "c=3"),
        failed("FILTER-07", "d=4"),
        failed("FILTER-08", "c=3", "d=4"),
    ]
    first, second = causes(verdicts)
    assert first.finding.query == "c=3"
    assert first.requirements == ("FILTER-04", "FILTER-05", "FILTER-06", "FILTER-08")
    assert second.finding.query == "b=2"
    assert second.requirements == ("FILTER-01", "FILTER-02")


def test_of_two_the_shorter_request_is_named() -> None:
    both = [failed("FILTER-01", "a=1&b=2", "a=1"), failed("FILTER-02", "a=1&b=2", "a=1")]
    assert [cause.finding.query for cause in causes(both)] == ["a=1"]


def test_a_response_that_breaks_one_requirement_is_no_cause() -> None:
    assert causes([failed("FILTER-01", "a=1"), failed("FILTER-02", "b=2")]) == ()
    assert causes([]) == ()
    passed = replace(failed("FILTER-01", "a=1"), outcome=Outcome.PASSED)
    assert causes([passed, failed("FILTER-02", "a=1")]) == ()
