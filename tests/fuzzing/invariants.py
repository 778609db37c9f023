"""What has to hold whatever a target sends."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from xml.etree import ElementTree

import jsonschema_rs
from support.canned.reports import report

from conformance.checks.findings import EXAMPLES
from conformance.checks.judging import judge
from conformance.checks.verdict import Finding, Outcome
from conformance.contract.loader import default_path
from conformance.evidence.evidence import Evidence
from conformance.report.render import console, html, junit, markdown, terminal
from conformance.report.render import json as as_json
from conformance.report.report import Report
from fuzzing.evidences import LAW

LONGEST_MESSAGE = 4000
LONGEST_SUMMARY = 40_000
LONGEST_POINTER = 2000
SCHEMA = jsonschema_rs.Draft202012Validator(
    json.loads((default_path().parent / "report.schema.json").read_text("utf-8"))
)


class Broken(Exception):
    """An invariant does not hold."""


def require(condition: bool, what: str) -> None:
    """Check an invariant, also where Python runs without assertions.

    Raises:
        Broken: it does not hold.
    """
    if not condition:
        raise Broken(what)


def judged(gathered: Evidence) -> Report:
    """Judge evidence by every check, and check the verdicts; the report on them."""
    verdicts = judge(gathered, LAW.requirements)
    # A copy remembers nothing of what was worked out for the first one.
    again = judge(replace(gathered), LAW.requirements)
    require(verdicts == again, "equal evidence is judged alike")
    for verdict in verdicts:
        name = verdict.requirement.id
        failed = verdict.outcome is Outcome.FAILED
        require(failed == bool(verdict.findings), f"{name}: findings if and only if failed")
        require(len(verdict.findings) <= EXAMPLES, f"{name}: no more examples than promised")
        require(verdict.reason.isprintable(), f"{name}: the reason is plain text")
        for finding in verdict.findings:
            _check(name, finding)
    return report(verdicts)


def _check(name: str, finding: Finding) -> None:
    require(finding.message.isprintable(), f"{name}: the message is plain text in one line")
    require(finding.observed != "", f"{name}: something was observed")
    require(finding.curl.isprintable(), f"{name}: the command is plain text in one line")
    lengths = len(finding.message), len(finding.curl), len(finding.observed)
    require(max(lengths) <= LONGEST_MESSAGE, f"{name}: no text is endless: {lengths}")
    require(len(finding.pointer) <= LONGEST_POINTER, f"{name}: the pointer is not endless")


def rendered(whole: Report) -> None:
    """Render a report in every form, and check each.

    Raises:
        Broken: a form is not what readers of it can read.
    """
    text = as_json.render(whole)
    require(text.isascii(), "the JSON report is ASCII")
    data = json.loads(text, parse_constant=_no_constant)
    require(SCHEMA.is_valid(data), "the JSON report fits its schema")
    # Built by this process from strings of its own; the document declares no entities.
    ElementTree.fromstring(junit.render(whole).encode())  # noqa: S314 - see above
    summary = markdown.render(whole, LAW.families)
    require(len(summary) <= LONGEST_SUMMARY, "the summary is short")
    require(all(map(str.isprintable, summary.splitlines())), "the summary is plain text")
    page = html.render(whole, LAW.families)
    require(all(map(str.isprintable, page.split("\n"))), "the page is plain text")
    page.encode()
    require(page.count("<script>") == 1, "the page has no script but its own")


def shown(whole: Report) -> None:
    """Print a report as for a person, and check that it does nothing to a terminal.

    Raises:
        Broken: a character in it is more than text.
    """
    stream = io.StringIO()
    terminal.render(whole, console.console_for(stream), LAW.families)
    text = stream.getvalue()
    text.encode()
    odd = {character for character in text if not (character.isprintable() or character == "\n")}
    require(not odd, f"the terminal gets text only, not {sorted(map(ascii, odd))}")


def _no_constant(word: str) -> float:
    raise Broken(f"the JSON report holds {word}")
