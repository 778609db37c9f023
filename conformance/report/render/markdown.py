"""The report as Markdown: short enough for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance._version import __version__
from conformance.checks.verdict import Finding, Outcome, Verdict
from conformance.core.text import clipped, counted, visible
from conformance.report.render import templating
from conformance.report.render.parts import (
    asked,
    failed,
    families,
    headline,
    known_failures,
    ranges,
    undecided,
)
from conformance.report.report import Conclusion, Report

DETAILED = 5
"""Failed requirements shown with what was asked and answered."""
LISTED = 10
"""Further ones shown in one line each; of the others only the ids."""
MOST_GROUPS = 8
MOST_NOTES = 5
LONGEST = 200
"""Characters of a text; what is longer is cut."""
LONGEST_COMMAND = 1_500
"""Characters of a command; a longer one is left out, since half of one is of no use."""
SIGNS = {"conformant": "✅", "not conformant": "❌", "baseline does not fit": "❌"}


@dataclass(frozen=True, slots=True)
class _Shown:
    """A finding, cut to what fits."""

    asked: str
    observed: str
    place: str
    expected: str
    curl: str | None


def render(report: Report, titles: Mapping[str, str]) -> str:
    """Return the report as GitHub-flavoured Markdown, in which whatever a target sent stays text.

    Its length is bounded, whatever the target did. ``titles`` are those of the families by name.
    """
    broken = failed(report)
    groups = undecided(report)
    if len(groups) == 1 and report.conclusion is Conclusion.ERROR:
        # The verdict has said it.
        groups = ()
    used = [
        number
        for number, outcome in enumerate(Outcome)
        if any(family.numbers[number] for family in families(report))
    ]
    text = (
        templating.markdown()
        .get_template("report.md")
        .render(
            report=report,
            version=__version__,
            sign=SIGNS.get(headline(report), "⚠️"),
            headline=headline(report).capitalize(),
            outcomes=[list(Outcome)[number] for number in used],
            used=used,
            any_known=bool(known_failures(report)),
            known=known_failures(report)[:LISTED],
            more_known=len(known_failures(report)) - LISTED,
            families=families(report),
            judged=any(verdict.outcome is not Outcome.ERROR for verdict in report.verdicts),
            titles=titles,
            detailed=broken[:DETAILED],
            listed=broken[DETAILED:][:LISTED],
            others=_ids([verdict.requirement.id for verdict in broken[DETAILED:][LISTED:]]),
            shown=_shown,
            groups=groups[:MOST_GROUPS],
            more_groups=len(groups) - MOST_GROUPS,
            open=sum(len(group.ids) for group in groups),
            ids=_ids,
            notes=report.notes[:MOST_NOTES],
            counted=counted,
            cut=_cut,
        )
    )
    return text.rstrip("\n") + "\n"


def _shown(verdict: Verdict) -> _Shown | None:
    if not verdict.findings:
        return None
    finding: Finding = verdict.findings[0]
    command = visible(finding.curl[: LONGEST_COMMAND + 1])
    return _Shown(
        asked=_cut(asked(finding)),
        observed=_cut(finding.observed),
        place=_cut(finding.pointer),
        expected=_cut(finding.expected),
        curl=command if len(command) <= LONGEST_COMMAND else None,
    )


def _cut(text: str) -> str:
    # What does not print takes more room where it is shown.
    return clipped(visible(text[: LONGEST + 1]), LONGEST)


def _ids(ids: tuple[str, ...] | list[str]) -> str:
    return _cut(", ".join(ranges(ids)))
