"""Test the terminal report: short, and plain text outside terminals."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from support.canned.reports import LAW, report, verdicts
from support.canned.sample_reports import SAMPLES, finding
from support.pages.printed import Terminal, printed

from conformance.checks.verdict import Known, Outcome
from conformance.report.render.terminal import render
from conformance.report.report import BaselineResult, Conclusion, FailOn, Report

CODES = re.compile(r"\x1b\[([0-9;]*)m")
COLOURS = re.compile(r"(?:^|;)(?:3[0-7]|9[0-7]|38|48|4[0-7])(?:;|$)")
FAILED, OPEN, NOT_APPLICABLE = Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE
EVERYTHING = replace(SAMPLES["everything"], notes=("The credential was sent unencrypted.",))


@pytest.fixture(autouse=True)
def _known_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")


def shown(whole: Report) -> str:
    return printed(render, whole, LAW.families)


def on_terminal(whole: Report) -> str:
    return printed(render, whole, LAW.families, stream=Terminal())


def without_codes(whole: Report) -> list[str]:
    """Return the lines on a terminal, without the command, which is never wrapped."""
    lines = CODES.sub("", on_terminal(whole)).splitlines()
    return [line for line in lines if "reproduce" not in line]


def test_it_fits_on_a_screen_even_when_everything_fails() -> None:
    lines = shown(EVERYTHING).splitlines()
    assert len(lines) <= 75
    assert max(len(line) for line in lines if "reproduce" not in line) <= 100
    text = "\n".join(lines)
    for told in ("HTTP-01", "SECRET-01", "NOT CONFORMANT  50 requirements are broken"):
        assert told in text


def test_a_right_server_needs_only_a_few_lines() -> None:
    text = shown(report())
    assert len(text.splitlines()) <= 17
    assert "CONFORMANT  Every requirement that applies is met." in text
    number = len(LAW.requirements)
    last = f"{number} requirements checked with 123 requests (limit 4,000) in 1.2 s\n"
    assert f"{last}profile standard, seed 7, run 0123456789ab\n" in text
    assert "HTTP        7 passed" in text


def test_what_was_not_requested_was_not_checked() -> None:
    text = shown(SAMPLES["refused"])
    assert f"1 of {len(LAW.requirements)} requirements checked with 1 request " in text


@pytest.mark.parametrize("variable", ["CLICOLOR_FORCE", "TTY_COMPATIBLE"])
def test_a_file_has_no_codes_and_no_padding(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")
    text = shown(EVERYTHING)
    assert "\x1b" not in text
    assert not re.search(r"[ \t]\n", text)
    assert text.endswith("\n")


@pytest.mark.parametrize(
    ("variable", "value", "colours"),
    [("NO_COLOR", "", True), ("NO_COLOR", "1", False), ("TERM", "dumb", False)],
)
def test_colours_can_be_switched_off(
    variable: str, value: str, colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    text = on_terminal(EVERYTHING)
    assert any(COLOURS.search(codes) for codes in CODES.findall(text)) is colours
    assert ("\x1b" in text) is (variable != "TERM")


@pytest.mark.parametrize(("off", "colours"), [("", True), ("1", False)])
def test_colours_can_be_forced_into_a_log(
    off: str, colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = shown(EVERYTHING)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", off)
    text = shown(EVERYTHING)
    assert any(COLOURS.search(codes) for codes in CODES.findall(text)) is colours
    # Codes follow the spaces at the end of a line.
    lines = [line.rstrip() for line in CODES.sub("", text).splitlines()]
    assert lines == plain.splitlines()


def test_a_wide_terminal_is_not_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    assert max(map(len, without_codes(EVERYTHING))) <= 110


def test_a_failure_shows_request_response_and_expectation() -> None:
    found = finding()
    text = shown(report(verdicts({"HTTP-01": FAILED}, findings=[found])))
    lines = [line.strip() for line in text.splitlines()]
    start = lines.index("HTTP-01 failed  MUST")
    assert lines[start : start + 6] == [
        "HTTP-01 failed  MUST",
        LAW.requirement("HTTP-01").statement,
        f"request   GET {LAW.path}?{found.query}",
        f"response  {found.observed}  at /0/category",
        f"expected  {found.expected}",
        f"reproduce {found.curl}",
    ]


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_nothing_is_cut_in_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    outcomes = dict.fromkeys(("MODEL-01", "FILTER-01", "AUTH-01", "ROBUST-01"), FAILED)
    outcomes |= dict.fromkeys(("MODEL-02", "FILTER-02", "AUTH-02"), OPEN)
    outcomes |= dict.fromkeys(("MODEL-03", "FILTER-03"), NOT_APPLICABLE)
    known = Known("a reason", date(2026, 12, 31))
    judged = tuple(
        replace(one, known=known) if one.requirement.id == "ROBUST-01" else one
        for one in verdicts(outcomes)
    )
    lines = without_codes(report(judged))
    assert max(map(len, lines)) <= columns
    begun = [line.split()[0] for line in lines if line[:3].strip() and line[:2] == "  "]
    assert [name for name in begun if name in LAW.families] == [*LAW.families]
    text = "".join("".join(lines).split())
    for told in (
        "ROBUST-01 known to fail until 2026-12-31: a reason",
        "3 passed, 1 failed, 1 inconclusive, 1 not-applicable",
        LAW.requirement("MODEL-01").statement,
        "NOT CONFORMANT",
    ):
        assert told.replace(" ", "") in text


def test_known_failures_and_the_baseline() -> None:
    text = shown(SAMPLES["known"])
    assert "\nHTTP-04 known to fail until 2099-01-31: ticket 12\n" in text
    assert "1 known to fail" in text
    assert "HTTP-04 failed" not in text
    alone = BaselineResult("known.toml", alone=True)
    whole = report(conclusion=Conclusion.NON_CONFORMANT, baseline=alone)
    assert "\nBASELINE DOES NOT FIT " in shown(whole)


def test_what_counts_comes_first() -> None:
    judged = verdicts(dict.fromkeys(("SHAPE-06", "SHAPE-07", "MODEL-03", "AUTH-08"), FAILED))
    text = shown(report(judged))
    assert text.index("AUTH-08 failed") < text.index("SHAPE-06 not met")
    everything = shown(report(judged, fail_on=FailOn.SHOULD))
    assert everything.index("SHAPE-06 failed") < everything.index("AUTH-08 failed")


@pytest.mark.parametrize(
    ("ids", "outcome", "line"),
    [
        ("HTTP-01", OPEN, "HTTP-01 inconclusive: a reason"),
        (
            ", ".join(f"AUTH-0{number}" for number in range(1, 9)),
            NOT_APPLICABLE,
            "AUTH-01 to AUTH-08 not-applicable: a reason",
        ),
        (
            "HTTP-01, HTTP-02, HTTP-04, SHAPE-05",
            OPEN,
            "HTTP-01, HTTP-02, HTTP-04, SHAPE-05 inconclusive: a reason",
        ),
    ],
)
def test_what_was_not_decided_is_listed_by_its_reason(
    ids: str, outcome: Outcome, line: str
) -> None:
    judged = verdicts(dict.fromkeys(ids.split(", "), outcome))
    assert line in shown(report(judged)).splitlines()


def test_a_run_that_could_not_begin_has_its_reason_only() -> None:
    text = shown(report(verdicts(otherwise=Outcome.ERROR), reason="Nothing listens there."))
    assert "Statuses, media type" not in text
    assert "error: a reason" not in text
    assert "NOT TESTED  Nothing listens there." in text
    assert len(text.splitlines()) <= 8
