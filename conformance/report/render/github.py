"""GitHub Actions: annotations for broken requirements, and the job summary of the step."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from conformance.checks.verdict import Verdict
from conformance.core.text import clipped, visible
from conformance.errors import UsageError
from conformance.report.render.parts import failed, headline, ranges
from conformance.report.report import Report

MOST = 10
"""GitHub shows at most this many annotations of a kind for one step."""
LONGEST = 500
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
        yield command("error", headline(report), _text(report.reason))
        broken = broken[: MOST - 1]
    listed = broken if len(broken) <= MOST else broken[: MOST - 1]
    for verdict in listed:
        requirement = verdict.requirement
        kind = "error" if report.counts_against(verdict) else "warning"
        yield command(kind, f"{requirement.id} ({requirement.level})", _about(verdict))
    left = broken[len(listed) :]
    if left:
        kind = "error" if report.counts_against(left[0]) else "warning"
        ids = ", ".join(ranges([verdict.requirement.id for verdict in left]))
        yield command(kind, f"{len(left)} more", _text(f"also failed: {ids}"))


def _about(verdict: Verdict) -> str:
    lines = [_text(verdict.requirement.statement)]
    lines += [_text(finding.message) for finding in verdict.findings[:1]]
    return "\n".join(lines)


def _text(text: str) -> str:
    return clipped(visible(text[: LONGEST + 1]), LONGEST)


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
            "--markdown FILE writes it elsewhere"
        ) from error
