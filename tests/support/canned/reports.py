"""Reports made by hand, for tests of what is concluded and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from conformance.checks.verdict import Finding, Outcome, Verdict
from conformance.contract.loader import load
from conformance.report.conclusion import conclude
from conformance.report.report import FailOn, Report

LAW = load()
FINDING = Finding(
    message="GET /api/integrations/provider: seen; expected other",
    query="",
    curl="curl -sS https://conductor.example.com/api/integrations/provider",
    pointer="/0/name",
    observed="seen",
    expected="other",
)
HOSTILE = "a\x00\x08\x1b[31mb\ud800\uffff]]></x>&amp;<script>\u202e\nc\u2028"
"""Text that breaks XML, terminals and encodings where it is not escaped."""


def verdicts(
    outcomes: Mapping[str, Outcome] | None = None,
    otherwise: Outcome = Outcome.PASSED,
    *,
    reason: str = "a reason",
    findings: Sequence[Finding] = (FINDING,),
) -> tuple[Verdict, ...]:
    """Return a verdict for each requirement: some of them as given, the rest alike."""
    found = []
    for requirement in LAW.requirements:
        outcome = (outcomes or {}).get(requirement.id, otherwise)
        shown = tuple(findings) if outcome is Outcome.FAILED else ()
        found.append(Verdict(requirement, outcome, reason, "3 answers", shown))
    return tuple(found)


def report(judged: tuple[Verdict, ...] | None = None, **members: Any) -> Report:
    """Return a report on these verdicts, with the conclusion that follows from them."""
    judged = verdicts() if judged is None else judged
    fail_on = members.get("fail_on", FailOn.MUST)
    conclusion, reason = conclude(judged, fail_on=fail_on, require_evidence=False)
    whole: dict[str, Any] = {
        "contract_version": LAW.version,
        "contract_sha256": LAW.sha256,
        "target": "https://conductor.example.com/api",
        "started": datetime(2026, 2, 2, 3, 4, 5, 678_901, tzinfo=UTC),
        "duration": 1.23456,
        "seed": 7,
        "profile": "standard",
        "conclusion": conclusion,
        "reason": reason,
        "requests": 123,
        "verdicts": judged,
        "most_requests": 4000,
        "run_id": "0123456789ab",
    }
    return Report(**(whole | members))
