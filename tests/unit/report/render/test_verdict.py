"""The verdict comes first in every format, in the same words."""

from __future__ import annotations

import json

import pytest
from support.canned.reports import LAW, report
from support.canned.sample_reports import SAMPLES
from support.pages.printed import printed

from conformance.report.render import badge, html, markdown, terminal
from conformance.report.report import Conclusion

OTHERS = {"baseline": report(conclusion=Conclusion.NON_CONFORMANT)}


@pytest.mark.parametrize(
    ("name", "headline", "more", "mark"),
    [
        ("conformant", "conformant", "", "good"),
        ("broken", "not conformant", " (3 broken)", "bad"),
        ("known", "not conformant", " (1 broken)", "bad"),
        ("excused", "passes with 1 known failure", "", "warn"),
        ("undecided", "conformant as far as decided (11 undecided)", "", "warn"),
        ("untested", "not tested", "", "trouble"),
        ("interrupted", "interrupted", "", "trouble"),
        ("refused", "not conformant", " (1 broken)", "bad"),
        ("baseline", "not conformant", "", "bad"),
    ],
)
def test_the_verdict(name: str, headline: str, more: str, mark: str) -> None:
    whole = (SAMPLES | OTHERS)[name]
    shown = printed(terminal.render, whole, LAW.families, columns=300).splitlines()
    assert f"{headline.upper()}  {whole.reason}" in shown
    sign = {"good": "✅", "warn": "🟡", "bad": "❌", "trouble": "⚠️"}[mark]
    first = f"## {sign} {headline.capitalize()}: contract of GET {LAW.path}\n"
    assert markdown.render(whole, LAW.families).startswith(first)
    page = html.render(whole, LAW.families)
    assert f'<div class="banner {mark}">' in page
    head = page.index(f"<h1>{headline.capitalize()}</h1>")
    assert head < page.index(whole.target, page.index("<h1>"))
    assert f"<title>{headline.capitalize()}: {whole.target}</title>" in page
    colour = {"good": "brightgreen", "warn": "yellow", "bad": "red", "trouble": "lightgrey"}[mark]
    assert json.loads(badge.render(whole)) == {
        "schemaVersion": 1,
        "label": "Conductor contract",
        "message": f"{headline}{more}",
        "color": colour,
    }
