"""Render a report as Markdown, short enough for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance._version import __version__
from conformance.checks.verdict import Finding, Outcome, Verdict
from conformance.core.text import clipped, counted, visible
from conformance.report.render import templating
from conformance.report.render.parts import (
    failed,
    families,
    headline,
    known_failures,
    ranges,
    request_line,
    total,
    undecided,
)
from conformance.report.report import Conclusion, Report

DETAILED = 5
"""Number of failed requirements shown with request and response."""
LISTED = 10
"""Number of further ones shown in one line each; of the rest only the ids are shown."""
MOST_GROUPS = 8
MOST_NOTES = 5
LONGEST = 200
"""Characters of a text; longer texts are cut."""
LONGEST_COMMAND = 1_500
"""Characters of a command; a longer one is left out, because half a command is useless."""
SIGNS = {"conformant": "✅", "not conformant": "❌", "baseline does not fit": "❌"}


@dataclass(frozen=True, slots=True)
class _Shown:
    """A finding with its texts cut to size."""

    request: str
    observed: str
    place: str
    expected: str
    curl: str | None


def render(report: Report, titles: Mapping[str, str]) -> str:
    """Return the report as GitHub-flavoured Markdown of bounded length.

    Everything that a target sent stays text. ``titles`` maps the names of families to their titles.
    """
    broken = failed(report)
    groups = undecided(report)
    if len(groups) == 1 and report.conclusion is Conclusion.ERROR:
        # The verdict already gives that reason.
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
            total=total,
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
        request=_cut(request_line(finding)),
        observed=_cut(finding.observed),
        place=_cut(finding.pointer),
        expected=_cut(finding.expected),
        curl=command if len(command) <= LONGEST_COMMAND else None,
    )


def _cut(text: str) -> str:
    # Escapes of unprintable characters are longer than the characters.
    return clipped(visible(text[: LONGEST + 1]), LONGEST)


def _ids(ids: tuple[str, ...] | list[str]) -> str:
    return _cut(", ".join(ranges(ids)))
