"""Every report says what a run created, and whether it is gone."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema_rs
import pytest
from support.canned.reports import report, verdicts
from support.canned.verdicts import LAW
from support.pages.printed import printed
from support.repository import ROOT

from conformance.checks.verdict import Outcome
from conformance.report.fixtures_used import FixturesUsed, Leftover
from conformance.report.render import html, markdown, terminal
from conformance.report.render.json import render as render_json
from conformance.report.report import Conclusion, Report

NAMES = ("conformance-0123456789ab-1", "conformance-0123456789ab-2")
CURL = "curl -sS -X DELETE https://conductor.example.com/api/integrations/provider/" + NAMES[1]
GONE = FixturesUsed(NAMES, 12.4, 321)
LEFT = replace(GONE, left=(Leftover(NAMES[1], CURL),), receipt="/tmp/r.json")  # noqa: S108
SCHEMA = json.loads((ROOT / "spec" / "report.schema.json").read_bytes())


def rendered(whole: Report) -> list[str]:
    """Return the report as people read it: terminal, page, summary."""
    return [
        " ".join(text.split())
        for text in (
            printed(terminal.render, whole, LAW.families),
            html.render(whole, LAW.families),
            markdown.render(whole, LAW.families),
        )
    ]


@pytest.mark.parametrize(
    ("used", "text"),
    [
        (FixturesUsed(), "No provider was created."),
        (GONE, "2 providers created for 12 s"),
        (GONE, "removed again: none of them is left."),
        (LEFT, "1 could not be removed."),
        (LEFT, CURL),
        (LEFT, "To remove models, too: conductor-conformance fixtures remove --receipt"),
        (replace(GONE, refused=("PUT /x returned status 500",)), "PUT /x returned status 500"),
    ],
)
def test_it_is_in_every_report(used: FixturesUsed, text: str) -> None:
    whole = replace(report(), fixtures=used)
    assert all(text in one for one in rendered(whole))
    written = json.loads(render_json(whole))
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(written)
    assert written["fixtures"]["left"] == [{"name": one.name, "curl": CURL} for one in used.left]


def test_a_read_only_run_does_not_mention_it() -> None:
    assert "fixtures" not in report().as_dict()
    assert not any("Fixtures" in one or "fixtures:" in one for one in rendered(report()))


def test_what_is_left_fails_a_conformant_run_and_changes_no_verdict() -> None:
    assert report().exit_code == replace(report(), fixtures=GONE).exit_code == 0
    left = replace(report(), fixtures=LEFT)
    assert (left.conclusion, left.exit_code) == (Conclusion.CONFORMANT, 1)
    assert replace(left, interrupted=True).exit_code == 130


def test_what_could_be_decided_comes_with_the_command_that_plans_it() -> None:
    undecided = verdicts({"FILTER-04": Outcome.INCONCLUSIVE})
    decidable = tuple(
        replace(one, decided_by="an inactive provider")
        if one.outcome is Outcome.INCONCLUSIVE
        else one
        for one in undecided
    )
    advice = "conductor-conformance fixtures plan URL"
    assert all(advice in one for one in rendered(report(decidable)))
    for other in (report(undecided), replace(report(decidable), fixtures=GONE)):
        assert not any(advice in one for one in rendered(other))
