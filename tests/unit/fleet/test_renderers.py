"""The renderers of a fleet: complete, and without injected markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from support.canned.fleets import entry, failing, fleet, mixed, untested
from support.canned.hostile_reports import MARKUP, TEXTS, hostile
from support.pages import html_page
from support.pages.printed import printed

from conformance.fleet import exports, html, markdown, terminal
from conformance.fleet.search import matching
from conformance.fleet.summary import Fleet, State
from conformance.report.render.templating import plain

FOLDER = Path("nightly")


def changed() -> Fleet:
    before = fleet(entry("eu-1", failing("HTTP-01")), entry("eu-2"), entry("old"), entry("down-1"))
    return mixed().since(before, "nightly-1")


def terminal_of(result: Fleet, search: str = "") -> str:
    found = matching(result.entries, search) if search else None
    return printed(terminal.render, result, folder=FOLDER, found=found)


def test_terminal() -> None:
    text = terminal_of(changed(), "FILTER-04:failed region:eu")
    assert text.startswith(
        "2 of 8 targets conformant\n"
        "1 conformant, 1 conformant as far as decided, 4 not conformant, 2 not tested; 12.5 s, "
        "seed 7\n"
    )
    for part in (
        "2 targets not tested  group ",
        "  … refused after N tries\n",
        "3 targets not conformant  group ",
        "  FILTER-01, FILTER-04\n",
        "  request   GET /api/integrations/provider\n",
        "  targets   eu-2, eu-3, us-1\n",
        "\nundecided\n  1 target      STABLE-01, STABLE-02\n",
        "\nsince nightly-1\n",
        "  newly failing: 1 target\n    FILTER-01, FILTER-04: eu-2\n",
        "  newly not tested: 1 target\n    down-1\n",
        "  newly passing: 1 target\n    HTTP-01: eu-1\n",
        "  gone: 1 target\n    old\n",
        "\n2 targets found\n    eu-2: not conformant, fails FILTER-01, FILTER-04\n",
    ):
        assert part in text
    assert text.endswith("\nreports: nightly\n")
    assert "since before\n  no difference\n" in terminal_of(mixed().since(mixed(), "before"))


def test_targets_that_changed_alike_share_a_line() -> None:
    names = [f"t{number}" for number in range(9)]
    before = fleet(*map(entry, names))
    now = fleet(*(entry(name, failing("HTTP-01")) for name in names)).since(before, "before")
    line = "HTTP-01: t0, t1, t2, t3, t4 and 4 more"
    assert f"newly failing: 9 targets\n    {line}\n" in terminal_of(now)
    assert line in html_page.Page(html.render(now), "targets/").text


def test_many_are_counted() -> None:
    many = fleet(*(entry(f"t{n}", failing("HTTP-01", way=f"{n:012x}")) for n in range(30)))
    text = terminal_of(many, "HTTP-01:failed")
    assert "20 more groups on the page" in text
    assert "    and 10 more\n" in text
    assert "10 more groups on the page" in markdown.render(many)


@pytest.mark.parametrize("result", [fleet(), mixed(), changed(), fleet(not_asked=("a",))])
def test_headlines(result: Fleet) -> None:
    head = terminal_of(result).partition("\n")[0]
    assert head in html_page.Page(html.render(result), "targets/").text
    assert head in markdown.render(result)
    assert json.loads(exports.badge(result))["message"].capitalize() == head


def test_the_page_links_reports_and_groups() -> None:
    result = changed()
    text = html.render(result)
    page = html_page.Page(text, "targets/")
    page.check()
    for one in result.entries:
        assert f'href="targets/{one.name}.json"' in text
    for group in result.groups():
        assert f"group-{group.id}" in page.ids
    with_page = replace(result.entries[0], reports={"json": "targets/a", "html": "targets/b"})
    assert html.link(with_page) == "targets/b"


@pytest.mark.parametrize("text", TEXTS)
def test_what_a_target_sends_stays_text(text: str) -> None:
    def with_texts(text: str) -> Fleet:
        strange = replace(entry("a", hostile(text, more=2)), state=State.ERROR)
        return fleet(strange, entry("b", untested(text or "-")))

    result = with_texts(text)
    page = html_page.Page(html.render(result), "targets/")
    page.check()
    # Groups of equal size come in the order of their digests.
    harmless = html_page.Page(html.render(with_texts("-")), "targets/")
    assert sorted(page.tags) == sorted(harmless.tags)
    assert all(line.isprintable() for line in terminal_of(result).splitlines())
    shown = markdown.render(result)
    assert all(line.isprintable() for line in shown.splitlines())
    assert not re.search(r"^::", shown, re.MULTILINE)


def test_markdown_escapes() -> None:
    shown = markdown.render(fleet(entry("a", untested(MARKUP))))
    assert "<script>" not in shown
    assert plain("@team") in shown


def test_prometheus() -> None:
    lines = exports.prometheus(mixed()).splitlines()
    name = "conductor_conformance"
    assert f'{name}_fleet_targets{{outcome="non-conformant"}} 4' in lines
    assert f'{name}_fleet_requirement_failed{{requirement="FILTER-04"}} 4' in lines
    assert f'{name}_target_exit_code{{target="us-2",label_region="us"}} 1' in lines
    strange = exports.prometheus(fleet(entry("a", labels={"x": 'a"b\\c'}))).splitlines()
    assert strange[-1] == f'{name}_target_exit_code{{target="a",label_x="a\\"b\\\\c"}} 0'
    pair = r"[a-z_]+=\"([^\"\\]|\\.)*\""
    sample = re.compile(rf"[a-z_]+(\{{{pair}(,{pair})*\}})? \d+")
    for line in (*lines, *strange):
        assert line.startswith("# ") or sample.fullmatch(line), line
    # Each metric is announced once, before its samples.
    announced = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(announced) == len(set(announced))


@pytest.mark.parametrize(
    ("result", "message", "color"),
    [
        (fleet(entry("a"), entry("b")), "all 2 targets conformant", "brightgreen"),
        (mixed(), "2 of 8 targets conformant", "lightgrey"),
        (fleet(entry("a", failing("HTTP-01"))), "0 of 1 target conformant", "red"),
    ],
)
def test_the_badge(result: Fleet, message: str, color: str) -> None:
    assert json.loads(exports.badge(result)) == {
        "schemaVersion": 1,
        "label": "Conductor fleet",
        "message": message,
        "color": color,
    }
