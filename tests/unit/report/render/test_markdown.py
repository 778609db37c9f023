"""Test the Markdown summary: bounded, and without injected markup."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.reports import FINDING, HOSTILE, LAW, report, verdicts
from support.pages.markdown_page import Page

from conformance.checks.verdict import Finding, Outcome, Verdict
from conformance.report.render import markdown, templating
from conformance.report.report import Conclusion, FailOn, Report

MOST = 40_000
"""Characters; code hosts accept 65,536 for a comment."""
MARKUP = "`](x)**![x](http://h.example/)|\n# a\n```\n</details><script>@team #7 ~~x~~ $y$ _z_"


def shown(whole: Report) -> str:
    text = markdown.render(whole, LAW.families)
    text.encode("utf-8")
    assert len(text) < MOST
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
    outcomes = {
        "HTTP-01": Outcome.FAILED,
        "SHAPE-06": Outcome.FAILED,
        "FILTER-04": Outcome.INCONCLUSIVE,
        "FILTER-05": Outcome.INCONCLUSIVE,
        "FILTER-06": Outcome.INCONCLUSIVE,
    }
    text = shown(report(verdicts(outcomes), notes=("A note.",)))
    page = Page(text)
    assert text.startswith("## ❌ Not conformant")
    assert "| family | passed | failed | inconclusive | |" in re.sub(r" +", " ", text)
    assert "| FILTER | 8 | | 3 |" in re.sub(r" +", " ", text)
    heads = re.findall(r"^### (.*)$", text, re.MULTILINE)
    assert heads == ["HTTP-01 failed (MUST)", "SHAPE-06 not met (SHOULD)"]
    assert LAW.requirement("HTTP-01").statement in page.text
    told = ["GET /api/integrations/provider", "seen", "/0/name", f"{FINDING.curl}\n"]
    assert [one for one in page.code if one in told][:4] == told
    assert "\n- response: `seen` at `/0/name`\n- expected: other\n" in text
    assert "<summary>3 requirements not decided</summary>" in text
    assert "FILTER-04 to FILTER-06 inconclusive: a reason" in page.text
    assert "Note: A note." in page.text


@pytest.mark.parametrize(
    ("members", "sign"),
    [
        ({"conclusion": Conclusion.ERROR, "reason": "Nothing listens."}, "⚠️ Not tested"),
        ({"conclusion": Conclusion.ERROR, "interrupted": True}, "⚠️ Interrupted"),
    ],
)
def test_a_server_that_was_not_judged(members: dict[str, object], sign: str) -> None:
    text = shown(report(verdicts(otherwise=Outcome.ERROR), **members))
    assert text.startswith(f"## {sign}: ")
    # No requirement was judged, so there is nothing to list.
    assert "| family |" not in text
    assert "<details>" not in text
    found = shown(report(verdicts({"HTTP-01": Outcome.FAILED}, Outcome.ERROR), **members))
    assert "| HTTP | 1 | 4 |" in found
    assert "### HTTP-01 failed" in found


def long(text: str) -> Finding:
    return Finding(text, text, f"curl {text}", text, text, text)


@pytest.mark.parametrize("text", ["x" * 9_000, "\U000e0001" * 9_000, "|`@#1" * 2_000])
def test_it_is_short_whatever_happened(text: str) -> None:
    judged = tuple(
        replace(
            verdict,
            outcome=(Outcome.FAILED, Outcome.INCONCLUSIVE)[number % 2],
            reason=f"{number} {text}",
            findings=(long(text),) * 5,
        )
        for number, verdict in enumerate(verdicts() * 3)
    )
    whole = report(judged, notes=(text,) * 100, target=f"https://host.example/{text}")
    page = Page(shown(whole))
    assert page.tags.count("h3") == markdown.DETAILED + 1
    assert "too long for this page" in page.text


def test_the_broken_ones_that_count_come_first() -> None:
    found = Page(shown(report(verdicts(otherwise=Outcome.FAILED)))).text
    assert found.index("HTTP-01 failed") < found.index("Also failed") < found.index("SHAPE-06")
    strict = report(verdicts({"SHAPE-06": Outcome.FAILED}), fail_on=FailOn.SHOULD)
    assert "### SHAPE-06 failed (SHOULD)" in shown(strict)


def hostile(text: str) -> Report:
    """Return a report in which every text from outside is this text."""
    law = replace(LAW.requirement("HTTP-01"), statement=text, source=text)
    judged = [Verdict(law, Outcome.FAILED, text, text, (Finding(*[text] * 6),) * 2)]
    judged += [
        Verdict(replace(law, id=f"HTTP-{number}"), outcome, text, text)
        for number, outcome in enumerate([*Outcome] * 3, 20)
    ]
    return report(
        tuple(judged), target=text, contract_version=text, notes=(text,), reason=text, run_id="7"
    )


@pytest.mark.parametrize("text", [HOSTILE, MARKUP, "::error::x\n##[error]x", "~~~\n```\n````", ""])
def test_hostile_text_stays_text(text: str) -> None:
    whole = shown(hostile(text))
    page = Page(whole)
    assert all(line.isprintable() for line in whole.splitlines())
    assert not {"a", "img", "script", "em", "h1", "del", "s"} & {*page.tags}
    assert page.tags.count("details") == whole.count("\n<details>") == 1
    assert page.tags.count("pre") == 1
    assert not re.search(r"^\s*::|##(\w*)\[", whole, re.MULTILINE)


@pytest.mark.parametrize("text", ["@octocat", "a @org/team", "see #12", "me@example.com"])
def test_mentions_and_references_are_disabled(text: str) -> None:
    for part in Page(f"{templating.plain(text)}\n").words:
        assert not re.search(r"@\w|#\d", part)
    words = Page(shown(hostile(text)))
    bare = "".join(words.words)
    for code in words.code:
        bare = bare.replace(code, "", 1)
    assert not re.search(r"@\w|#\d", bare)


@given(st.text())
def test_any_text(text: str) -> None:
    page = Page(shown(hostile(text)))
    assert page.tags.count("table") == 1
    assert page.tags.count("pre") == 1
    assert page.tags.count("h2") == 1


@given(st.text("`~ a\n"))
def test_no_text_ends_its_fence(text: str) -> None:
    block = templating.fenced(text, "sh")
    page = Page(f"before\n\n{block}\n\nafter\n")
    assert page.tags == ["p", "pre", "code", "p"]
