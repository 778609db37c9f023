"""JUnit XML: a suite per family, a case per requirement."""

from __future__ import annotations

from itertools import groupby

import junitparser

from conformance.report import TOOL, Report
from conformance.text import visible
from conformance.verdict import Outcome, Verdict


def render(report: Report) -> str:
    """Return the report as JUnit XML.

    A failure that does not make the target non-conformant is a skipped case whose message says so,
    since readers of JUnit know only red and green.
    """
    document = junitparser.JUnitXml(TOOL)
    for family, verdicts in groupby(
        report.verdicts, key=lambda verdict: verdict.requirement.family
    ):
        suite = junitparser.TestSuite(family)
        suite.timestamp = report.started.replace(tzinfo=None).isoformat(timespec="seconds")
        suite.add_property("target", visible(report.target))
        suite.add_property("contract", visible(report.contract_version))
        suite.add_property("profile", report.profile)
        suite.add_property("seed", str(report.seed))
        for verdict in verdicts:
            suite.add_testcase(_case(report, verdict))
        document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]
    text: bytes = document.tostring()  # type: ignore[no-untyped-call]
    return text.decode("utf-8") + "\n"


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
