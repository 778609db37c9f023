"""Judging canned evidence, and what a finding must be like."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from conformance.checks.judging import judge
from conformance.checks.verdict import Finding, Outcome, Verdict
from conformance.contract.loader import load
from conformance.contract.query import Query, documented
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.spans import Span
from support.canned.exchanges import CLUSTER, evidence, exchange

LAW = load()
UNFILTERED = Query("activeOnly=false")


def verdict(requirement: str, gathered: Evidence) -> Verdict:
    """Judge one requirement."""
    (found,) = judge(gathered, [LAW.requirement(requirement)])
    return found


def everywhere(body: Any, **members: Any) -> dict[str, Exchange]:
    """Return the same answer to every documented query, by its wire form."""
    return {query.wire: exchange(body, query, **members) for query in documented(LAW)}


def answering(body: Any, **members: Any) -> Evidence:
    """Return the evidence of a run in which every documented query had the same answer."""
    return evidence(replaced=everywhere(body, **members))


def only(*exchanges: Exchange, **members: Any) -> Evidence:
    """Return the evidence of a run in which nothing was read but these, the first one twice."""
    first, *others = exchanges
    return evidence(spans=(Span(first, tuple(others), first),) * 5, opening=first, **members)


def replacing(query: str, body: Any, **members: Any) -> Evidence:
    """Return the evidence of a run in which one query had another answer than it should."""
    return evidence(replaced={query: exchange(body, query, **members)})


@dataclass(frozen=True)
class Broken:
    """Evidence that breaks a requirement, and the first finding that it must lead to."""

    id: str
    gathered: Evidence
    observed: str
    expected: str
    query: str = ""
    pointer: str = ""
    found: int = 1
    asked: str = ""
    curl: str = field(default="", repr=False)

    def check(self) -> None:
        """Assert that the requirement fails with that finding."""
        result = verdict(self.id, self.gathered)
        assert result.outcome is Outcome.FAILED
        number = f"{self.found} violation{'s' if self.found > 1 else ''}"
        assert result.reason.partition(",")[0] == number
        self._check_finding(result.findings[0])
        for finding in result.findings:
            assert finding.message.isprintable()
            shlex.split(finding.curl)

    def _check_finding(self, finding: Finding) -> None:
        assert finding.observed == self.observed
        assert finding.expected == self.expected
        assert (finding.query, finding.pointer) == (self.query, self.pointer)
        wire = f"?{self.query}" if self.query else ""
        asked = self.asked or f"GET {LAW.path}{wire}"
        assert finding.message == f"{asked}: {self.observed}; expected {self.expected}"


Tests = tuple[Callable[..., None], Callable[..., None], Callable[..., None]]


def as_tests(
    broken: Sequence[Broken],
    legal: Sequence[tuple[str, Evidence]],
    inconclusive: Sequence[tuple[str, Evidence, str]],
) -> Tests:
    """Return the tests of a family: violations, legal responses, and evidence that is missing.

    A case of ``inconclusive`` has the reason of the verdict as its last item.
    """

    @pytest.mark.parametrize("case", broken, ids=label)
    def test_broken(case: Broken) -> None:
        case.check()

    @pytest.mark.parametrize(("requirement", "gathered"), legal)
    def test_unusual_but_legal(requirement: str, gathered: Evidence) -> None:
        result = verdict(requirement, gathered)
        assert (result.outcome, result.findings) == (Outcome.PASSED, ())

    @pytest.mark.parametrize(("requirement", "gathered", "reason"), inconclusive)
    def test_inconclusive(requirement: str, gathered: Evidence, reason: str) -> None:
        result = verdict(requirement, gathered)
        assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, reason)

    return test_broken, test_unusual_but_legal, test_inconclusive


def label(case: Any) -> str | None:
    """Name a case of a table by its requirement and what is observed."""
    return f"{case.id} {case.observed[:40]}" if isinstance(case, Broken) else None


__all__ = [
    "CLUSTER",
    "LAW",
    "UNFILTERED",
    "Broken",
    "answering",
    "as_tests",
    "everywhere",
    "evidence",
    "exchange",
    "label",
    "only",
    "replacing",
    "verdict",
]
