"""Test the HTML report: complete, and self-contained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from support.canned.reports import LAW, report
from support.canned.sample_reports import BROKEN, GIT, SAMPLES, failing, views
from support.pages.html_page import Page

from conformance.core.text import visible
from conformance.report.render import html
from conformance.report.render import json as as_json
from conformance.report.render.html_parts import FAILED, Cell, cards, grid
from conformance.report.render.parts import Mark
from conformance.report.report import FailOn, Report

LARGEST = 700_000
"""Characters of a page on which every requirement is broken with all its examples."""


def page(whole: Report) -> Page:
    found = Page(html.render(whole, LAW.families))
    found.check()
    return found


def told(value: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every text and number of a JSON value with its path of names."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from told(inner, *path, name)
    elif isinstance(value, list):
        for inner in value:
            yield from told(inner, *path)
    elif value is not None and not isinstance(value, bool):
        yield path, value


@pytest.mark.parametrize("name", SAMPLES)
def test_the_page_contains_everything_in_the_json_report(name: str) -> None:
    whole = SAMPLES[name]
    data = json.loads(as_json.render(whole))
    shown = page(whole)
    words = " ".join(shown.text.replace(" ,", ",").split())
    for path, value in told(data):
        match path:
            case ("schemaVersion" | "started" | "durationSeconds" | "responseTimes", *_):
                # Belongs to the format, or is shown in another form.
                continue
            case (*_, "message"):
                # Repeats other fields.
                continue
            case _ if isinstance(value, int):
                assert str(value) in words or f"{value:,}" in words, path
            case _:
                assert visible(value) in words, path
    assert whole.started.strftime("%Y-%m-%d %H:%M:%S UTC") in words
    assert f"{whole.duration:.3f} s" in words
    assert {verdict.requirement.id for verdict in whole.verdicts} <= {*shown.ids}


def test_kinds_of_failures() -> None:
    kinds = {card.id: card.kind.name for card in cards(SAMPLES["known"])}
    assert kinds["HTTP-04"] == kinds["FILTER-01"] == "known to fail"
    assert kinds["MODEL-03"] == "not met"
    assert kinds["ROBUST-01"] == "failed"
    strict = replace(SAMPLES["broken"], fail_on=FailOn.SHOULD)
    assert {card.id for card in cards(strict) if card.kind is FAILED} == {*BROKEN}
    text = page(SAMPLES["known"]).text
    assert "Known to fail until 2099-01-31 : ticket 12" in text
    assert "The baseline does not fit" in text
    for kind in ("new", "expired", "stale", "unknown"):
        assert f"SHAPE-01 does not fit: {kind}." in text


def cell(whole: Report, query: str) -> Cell:
    drawn = grid(whole, cards(whole))
    assert drawn is not None
    (found,) = (one for row in drawn.rows for one in row.cells if one.view.query == query)
    return found


def test_the_matrix_shows_which_query_broke_what() -> None:
    whole = SAMPLES["broken"]
    drawn = grid(whole, cards(whole))
    assert drawn is not None
    assert (drawn.side, drawn.top) == (("category",), "activeOnly")
    assert drawn.columns == ("absent", "true", "false")
    assert [row.values for row in drawn.rows[:2]] == [("absent",), ("AI_MODEL",)]
    assert sum(len(row.cells) for row in drawn.rows) == 24
    assert [card.id for card in drawn.elsewhere] == ["ROBUST-01"]
    bad = cell(whole, GIT[0])
    assert ([card.id for card in bad.broken], bad.mark) == (
        ["HTTP-04", "FILTER-01", "MODEL-03"],
        Mark.BAD,
    )
    assert cell(whole, "category=EMAIL").words == "no violation"
    text = page(whole).text
    assert "Broken by other queries only: ROBUST-01 ." in text


def test_a_cell_with_only_uncounted_failures_is_a_warning() -> None:
    advised = report(failing({"MODEL-03": GIT}), views=views())
    assert cell(advised, GIT[0]).mark is Mark.WARN
    assert cell(SAMPLES["excused"], GIT[0]).mark is Mark.WARN


def test_cells_of_queries_that_were_not_judged() -> None:
    whole = SAMPLES["interrupted"]
    assert cell(whole, GIT[0]).words == "broken"
    assert (cell(whole, "").words, cell(whole, "").mark) == ("not judged", Mark.TROUBLE)
    assert cell(whole, "category=EMAIL").words == "not sent"
    assert grid(report(), cards(report())) is None
    assert "12 requirements could not be decided all the same" in page(SAMPLES["undecided"]).text


def test_shared_reasons_are_not_repeated() -> None:
    text = html.render(SAMPLES["undecided"], LAW.families)
    reason = "the target showed no inactive provider"
    # Once inside each requirement and once per outcome above, but in no summary line.
    assert text.count(reason) == len(LAW.requirements) + 2
    assert "Undecided requirements" in text
    assert "Undecided requirements" not in html.render(SAMPLES["untested"], LAW.families)


def test_the_page_of_the_largest_report_is_not_too_large() -> None:
    text = html.render(SAMPLES["everything"], LAW.families)
    assert len(text) < LARGEST
    found = page(SAMPLES["everything"])
    assert text.count('<span class="label">Response</span>') == len(LAW.requirements) * 5
    assert "and 53 more below" in found.text
    assert "and 58 more" in found.text
