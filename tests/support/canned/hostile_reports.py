"""Reports in which everything that can come from outside is one text."""

from __future__ import annotations

from dataclasses import replace

from conformance.checks.verdict import Finding, Kind, Known, Outcome, Verdict
from conformance.report.report import Report
from support.canned.comparisons import STARTED
from support.canned.reports import LAW, report

WAYS = ("ba9876543210", "0123456789ab")


def hostile(text: str, outcome: Outcome, number: int = 0, *, more: int = 60) -> Report:
    """Return a report of requirements that came to this outcome, and some to others.

    With ``number`` 1 it is another one, with known failures.
    """
    law = replace(LAW.requirement("HTTP-01"), statement=text or "-", source=text or "-")
    finding = Finding(*[text or "-"] * 6)
    judged = [
        Verdict(
            replace(law, id=f"HTTP-{one}"),
            result,
            text or "-",
            text,
            (finding,) if result is Outcome.FAILED else (),
            (Kind(WAYS[number], text),) if result is Outcome.FAILED else (),
            Known(text or "-") if result is Outcome.FAILED and one % 2 and number else None,
        )
        for one, result in enumerate([outcome, Outcome.FAILED, *Outcome, *[outcome] * more], 20)
    ]
    return report(
        tuple(judged),
        target=text or "-",
        contract_version=text or "-",
        reason=text or "-",
        notes=(text or "-",),
        started=STARTED,
        run_id="0123456789ab",
        profile="quick" if number else "standard",
        interrupted=bool(number),
    )
