"""Render a report as JUnit XML: one suite per family, one case per requirement."""

from __future__ import annotations

from itertools import groupby

import junitparser

from conformance.checks.verdict import Outcome, Verdict
from conformance.core.text import visible
from conformance.report.render.parts import headline
from conformance.report.report import TOOL, BaselineResult, Report


def render(report: Report) -> str:
    """Return the report as JUnit XML.

    A failure that does not count is a skipped case with a message that says so, because JUnit
    viewers distinguish only red and green. A baseline is a suite of its own, with one case for each
    entry that does not fit.
    """
    document = junitparser.JUnitXml(TOOL)
    for family, verdicts in groupby(
        report.verdicts, key=lambda verdict: verdict.requirement.family
    ):
        suite = _suite(report, family)
        for verdict in verdicts:
            suite.add_testcase(_case(report, verdict))
        if report.notes and not len(document):
            # Once for the whole run, as the output of the first suite.
            suite.append(_notes(report))  # type: ignore[no-untyped-call]
        document.add_testsuite(suite)
    if report.baseline is not None:
        document.add_testsuite(_baseline(report, report.baseline))
    document.update_statistics()  # type: ignore[no-untyped-call]
    # Only the whole run has a duration, because one request serves many requirements.
    document.time = round(report.duration, 3)
    text: bytes = document.tostring()  # type: ignore[no-untyped-call]
    return text.decode("utf-8") + "\n"


def _notes(report: Report) -> junitparser.junitparser.SystemOut:
    notes = junitparser.junitparser.SystemOut()
    notes.text = "\n".join(f"note: {visible(note)}" for note in report.notes)
    return notes


def _suite(report: Report, name: str) -> junitparser.TestSuite:
    suite = junitparser.TestSuite(name)
    suite.timestamp = report.started.replace(tzinfo=None).isoformat(timespec="seconds")
    suite.add_property("target", visible(report.target))
    suite.add_property("contract", visible(report.contract_version))
    suite.add_property("profile", report.profile)
    suite.add_property("seed", str(report.seed))
    suite.add_property("verdict", headline(report))
    suite.add_property("reason", visible(report.reason))
    suite.add_property("requests", str(report.requests))
    suite.add_property("run", visible(report.run_id))
    return suite


def _baseline(report: Report, result: BaselineResult) -> junitparser.TestSuite:
    suite = _suite(report, "BASELINE")
    suite.add_property("file", visible(result.file))
    for problem in result.problems:
        case = junitparser.TestCase(
            f"{problem.requirement} {problem.kind}", classname=f"{TOOL}.BASELINE", time=0
        )
        case.result = [junitparser.Failure(visible(problem.message), "baseline")]
        suite.add_testcase(case)
    if not result.problems:
        suite.add_testcase(
            junitparser.TestCase("every entry fits", classname=f"{TOOL}.BASELINE", time=0)
        )
    return suite


def _case(report: Report, verdict: Verdict) -> junitparser.TestCase:
    requirement = verdict.requirement
    case = junitparser.TestCase(
        visible(f"{requirement.id} {requirement.statement}"),
        classname=f"{TOOL}.{requirement.family}",
        time=0,
    )
    result: junitparser.junitparser.FinalResult | None = None
    if verdict.outcome is Outcome.FAILED and report.counts_against(verdict):
        result = junitparser.Failure(visible(verdict.reason), str(requirement.level))
        result.text = _details(verdict)
    elif verdict.known is not None:
        until = f" until {verdict.known.expires}" if verdict.known.expires else ""
        result = junitparser.Skipped(visible(f"known to fail{until}: {verdict.known.reason}"))
        case.system_out = _details(verdict)
    elif verdict.outcome is Outcome.FAILED:
        result = junitparser.Skipped(visible(f"{requirement.level} not met: {verdict.reason}"))
        case.system_out = _details(verdict)
    elif verdict.outcome is Outcome.ERROR:
        result = junitparser.Error(visible(verdict.reason), "not judged")
    elif verdict.outcome is not Outcome.PASSED:
        result = junitparser.Skipped(visible(f"{verdict.outcome}: {verdict.reason}"))
    if result is not None:
        case.result = [result]
    return case


def _details(verdict: Verdict) -> str:
    lines = [verdict.requirement.statement, f"Source: {verdict.requirement.source}"]
    for finding in verdict.findings:
        lines += ["", finding.message, finding.curl]
    return "\n".join(map(visible, lines))
