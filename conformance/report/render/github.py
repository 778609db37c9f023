"""GitHub Actions: annotations for broken requirements, and the job summary of the step."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from conformance.checks.verdict import Verdict
from conformance.errors import UsageError
from conformance.report.render.parts import cut, failed, headline, ranges
from conformance.report.report import Qualification, Report

MOST = 10
"""GitHub shows at most this many annotations of a kind for one step."""
LONGEST = 500
"""Characters of a text."""
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = _DATA | {":": "%3A", ",": "%2C"}


def render(report: Report) -> str:
    """Return one annotation per line and broken requirement, at most ``MOST``.

    Requirements that count come first. If a run failed and none of them counts, the first
    annotation is the reason.
    """
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    broken = failed(report)
    if report.exit_code and not any(map(report.counts_against, broken)):
        yield command("error", headline(report), cut(report.reason, LONGEST))
        broken = broken[: MOST - 1]
    elif not report.exit_code and report.qualification is not Qualification.NONE:
        yield command("warning", headline(report), cut(report.reason, LONGEST))
        broken = broken[: MOST - 1]
    listed = broken if len(broken) <= MOST else broken[: MOST - 1]
    for verdict in listed:
        requirement = verdict.requirement
        texts = [requirement.statement, *(finding.message for finding in verdict.findings[:1])]
        text = "\n".join(cut(text, LONGEST) for text in texts)
        yield command(_kind(report, verdict), f"{requirement.id} ({requirement.level})", text)
    left = broken[len(listed) :]
    if left:
        ids = ranges([verdict.requirement.id for verdict in left])
        text = cut(f"also failed: {ids}", LONGEST)
        yield command(_kind(report, left[0]), f"{len(left)} more", text)


def _kind(report: Report, verdict: Verdict) -> str:
    return "error" if report.counts_against(verdict) else "warning"


def command(kind: str, title: str, text: str) -> str:
    """Return a workflow command in one line; the text is escaped and cannot begin another one."""
    return f"::{kind} title={_escaped(title, _PROPERTY)}::{_escaped(text, _DATA)}"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)


INSIDE = "GITHUB_ACTIONS"
SUMMARY = "GITHUB_STEP_SUMMARY"


def summary_file(environment: Mapping[str, str]) -> str | None:
    """Return the path of the step's summary; ``None`` outside GitHub Actions."""
    return (environment.get(SUMMARY) or None) if environment.get(INSIDE) == "true" else None


def append(path: str, text: str) -> None:
    """Append to the summary, which earlier commands of the step may have written to.

    Raises:
        UsageError: the file cannot be written.
    """
    # If the path is a pipe without a reader, this fails instead of waiting.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(os.open(path, flags, 0o666), "w", encoding="utf-8") as stream:  # noqa: PTH123
            stream.write(text)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"cannot write the summary to ${SUMMARY} ({reason}); "
            "write it elsewhere with --markdown FILE"
        ) from error
