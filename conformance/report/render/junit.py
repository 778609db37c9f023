"""Render a report as JUnit XML: one suite per family, one case per requirement."""

from __future__ import annotations

from itertools import groupby

import junitparser

from conformance.checks.verdict import Outcome, Verdict
from conformance.core.text import visible
from conformance.report.render.parts import commands, frequency, headline
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
            notes = junitparser.junitparser.SystemOut()
            notes.text = "\n".join(f"note: {visible(note)}" for note in report.notes)
            suite.append(notes)  # type: ignore[no-untyped-call]
        _add(document, suite)
    if report.baseline is not None:
        _add(document, _baseline(report, report.baseline))
    # The schema of Jenkins' xUnit plugin (junit-10) has no count of skipped cases of the whole run.
    for count in ("tests", "failures", "errors"):
        setattr(document, count, sum(getattr(suite, count) for suite in document))
    # Only the whole run has a duration, because one request serves many requirements.
    document.time = round(report.duration, 3)
    text: bytes = document.tostring()  # type: ignore[no-untyped-call]
    return text.decode("utf-8") + "\n"


def _add(document: junitparser.JUnitXml, suite: junitparser.TestSuite) -> None:
    suite.update_statistics()  # type: ignore[no-untyped-call]
    document.add_testsuite(suite)


def _suite(report: Report, name: str) -> junitparser.TestSuite:
    suite = junitparser.TestSuite(name)
    suite.timestamp = report.started.replace(tzinfo=None).isoformat(timespec="seconds")
    for name, value in (
        ("target", report.target),
        ("contract", report.contract_version),
        *_settings(report),
        ("verdict", headline(report)),
        ("reason", report.reason),
        ("requests", str(report.requests)),
        ("run", report.run_id),
    ):
        suite.add_property(name, visible(value))
    return suite


def _settings(report: Report) -> tuple[tuple[str, str], ...]:
    if report.client is not None:
        return (("scenarios", str(report.client.scenarios)),)
    return (("profile", report.profile), ("seed", str(report.seed)))


def _baseline(report: Report, result: BaselineResult) -> junitparser.TestSuite:
    suite = _suite(report, "BASELINE")
    suite.add_property("file", visible(result.file))
    for problem in result.problems:
        case = _named(f"{problem.requirement} {problem.kind}", "BASELINE")
        case.result = [junitparser.Failure(visible(problem.message), "baseline")]
        suite.add_testcase(case)
    if not result.problems:
        suite.add_testcase(_named("every entry fits", "BASELINE"))
    return suite


def _named(name: str, family: str) -> junitparser.TestCase:
    return junitparser.TestCase(name, classname=f"{TOOL}.{family}", time=0)


def _case(report: Report, verdict: Verdict) -> junitparser.TestCase:
    requirement = verdict.requirement
    case = _named(visible(f"{requirement.id} {requirement.statement}"), requirement.family)
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
        lines += ["", finding.message]
        lines += [f"The response is right for {finding.right_for}."] if finding.right_for else []
        lines += [f"Seen {found}." for found in [frequency(finding)] if found]
        lines += commands(finding)
    return "\n".join(map(visible, lines))
