"""Reports in which everything that can come from outside is one text."""

from __future__ import annotations

from dataclasses import replace

from conformance.checks.verdict import Compared, Finding, Kind, Known, Outcome, Verdict
from conformance.core.text import visible
from conformance.report.report import BaselineResult, Problem, ProblemKind, Report
from support.canned.comparisons import STARTED
from support.canned.reports import HOSTILE, LAW, report
from support.canned.sample_reports import TIMES, views

WAYS = ("ba9876543210", "0123456789ab")
MARKUP = "`](x)**![x](http://h.example/)|\n# a\n```\n</details><script>@team #7 ~~x~~ $y$ _z_"
TEXTS = [HOSTILE, MARKUP, "::error::x\n##[error]x", "~~~\n```\n````", ""]


def hostile(
    text: str, outcome: Outcome = Outcome.FAILED, number: int = 0, *, more: int = 60
) -> Report:
    """Return a report of requirements that came to this outcome, and some to others.

    With ``number`` 1 it is another one, with known failures.
    """
    words = text or "-"
    law = replace(LAW.requirement("HTTP-01"), statement=words, source=words)
    finding = Finding(
        *(words, words, words, words, words, words),
        provider=words,
        credential=words,
        compared=Compared(words, words),
        seen=1,
        responses=2,
    )
    judged = [
        Verdict(
            replace(law, id=f"HTTP-{one}"),
            result,
            words,
            text,
            (finding,) * 2 if result is Outcome.FAILED else (),
            (Kind(WAYS[number], text),) if result is Outcome.FAILED else (),
            Known(words) if result is Outcome.FAILED and one % 2 and number else None,
        )
        for one, result in enumerate([outcome, Outcome.FAILED, *Outcome, *[outcome] * more], 20)
    ]
    return report(
        tuple(judged),
        target=words,
        contract_version=words,
        reason=words,
        notes=(words,),
        started=STARTED,
        run_id="0123456789ab",
        profile="quick" if number else "standard",
        interrupted=bool(number),
        baseline=BaselineResult(words, (Problem(ProblemKind.UNKNOWN, visible(words), words),)),
        views=views(query=text, values={text: text, "activeOnly": text}),
        times=TIMES,
    )
