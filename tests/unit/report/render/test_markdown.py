"""Test the Markdown summary, as a reader of the rendered page sees it."""

from __future__ import annotations

import re
from dataclasses import replace

from support.canned.reports import FINDING, LAW, report, verdicts
from support.canned.sample_reports import SAMPLES
from support.pages.markdown_page import Page

from conformance.checks.verdict import Compared, Outcome
from conformance.report.render import markdown
from conformance.report.report import FailOn, Report

FAILED = Outcome.FAILED


def shown(whole: Report) -> str:
    text = markdown.render(whole, LAW.families)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    return text


def test_a_right_server() -> None:
    text = shown(report())
    page = Page(text)
    assert text.startswith("## ✅ Conformant: contract of GET /api/integrations/provider\n")
    assert "Every requirement that applies is met." in page.text
    assert "<details>" not in text
    assert {"table", "strong", "h2"} < {*page.tags}
    assert "h3" not in page.tags
    for family, title in LAW.families.items():
        assert f"| {family} |" in text
        assert title in page.text


def test_a_wrong_server() -> None:
    outcomes = {"HTTP-01": FAILED, "SHAPE-06": FAILED}
    outcomes |= dict.fromkeys(("FILTER-04", "FILTER-05", "FILTER-06"), Outcome.INCONCLUSIVE)
    text = shown(report(verdicts(outcomes), notes=("A note.",)))
    page = Page(text)
    assert text.startswith("## ❌ Not conformant")
    assert "| family | passed | failed | inconclusive | |" in re.sub(r" +", " ", text)
    assert "| FILTER | 9 | | 3 |" in re.sub(r" +", " ", text)
    heads = re.findall(r"^### (.*)$", text, re.MULTILINE)
    assert heads == ["HTTP-01 failed (MUST)", "SHAPE-06 not met (SHOULD)"]
    assert LAW.requirement("HTTP-01").statement in page.text
    told = ["GET /api/integrations/provider", "seen", "/0/name", f"{FINDING.curl}\n"]
    # The response that shows both failures comes first.
    assert [one for one in page.code if one in told][:5] == [told[0], *told]
    assert "\n- response: `seen` at `/0/name`\n- expected: other\n" in text
    assert "<summary>3 requirements not decided</summary>" in text
    assert "FILTER-04 to FILTER-06 inconclusive: a reason" in page.text
    assert "Note: A note." in page.text


def test_both_commands_of_a_comparison_stand_in_lines_of_their_own() -> None:
    found = replace(FINDING, compared=Compared("activeOnly=false", "curl -sS https://b.example"))
    text = shown(report(verdicts({"HTTP-01": FAILED}, findings=[found])))
    commands = f"{FINDING.curl}\n# Compare with:\ncurl -sS https://b.example\n"
    assert commands in Page(text).code


def test_known_failures() -> None:
    text = shown(SAMPLES["known"])
    assert "\n- HTTP-04 until 2099-01-31: ticket 12\n- FILTER-01: ticket 13\n" in text
    assert re.search(r"^\| family \|.* known \| \|$", text, re.MULTILINE)


def test_a_server_that_was_not_judged() -> None:
    text = shown(SAMPLES["untested"])
    # No requirement was judged, so there is nothing to list.
    assert "| family |" not in text
    assert "<details>" not in text
    found = shown(report(verdicts({"HTTP-01": FAILED}, Outcome.ERROR), interrupted=True))
    assert "| HTTP | 1 | 6 |" in found
    assert "### HTTP-01 failed" in found


def test_the_broken_ones_that_count_come_first() -> None:
    text = shown(SAMPLES["everything"])
    assert text.count("\n### ") == 6
    found = Page(text).text
    assert found.index("HTTP-01 failed") < found.index("Also failed") < found.index("SHAPE-06")
    strict = report(verdicts({"SHAPE-06": FAILED}), fail_on=FailOn.SHOULD)
    assert "### SHAPE-06 failed (SHOULD)" in shown(strict)
