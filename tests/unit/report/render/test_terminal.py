"""Test the terminal report: short, and plain text outside terminals."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.reports import FINDING, HOSTILE, LAW, report, verdicts

from conformance.checks.verdict import Finding, Known, Outcome, Verdict
from conformance.report.render.console import WIDEST, console_for
from conformance.report.render.terminal import render
from conformance.report.report import Conclusion, FailOn, Report

CODES = re.compile(r"\x1b\[([0-9;]*)m")
COLOURS = re.compile(r"(?:^|;)(?:3[0-7]|9[0-7]|38|48|4[0-7])(?:;|$)")
LONG = Finding(
    message="GET /api/integrations/provider?category=AI_MODEL&activeOnly=true: provider with a "
    "rather long name of category that is not the one; expected only providers of the category",
    query="category=AI_MODEL&activeOnly=true",
    curl='curl -sS -H "X-Authorization: $CONDUCTOR_AUTH_TOKEN" '
    "'https://conductor.example.com/api/integrations/provider?category=AI_MODEL&activeOnly=true'",
    pointer="/0/category",
    observed='provider "a provider with a rather long name" of category "not the one"',
    expected='only providers of category "AI_MODEL"',
)


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _known_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")


def shown(whole: Report, stream: io.StringIO | None = None) -> str:
    stream = stream or io.StringIO()
    render(whole, console_for(stream), LAW.families)
    return stream.getvalue()


EVERYTHING_FAILS = report(
    verdicts(
        otherwise=Outcome.FAILED,
        reason="12 violations, 5 of them shown",
        findings=[LONG] * 5,
    ),
    notes=("The credential was sent unencrypted, over plain http.",),
)


def test_it_fits_on_a_screen_even_when_everything_fails() -> None:
    lines = shown(EVERYTHING_FAILS).splitlines()
    assert len(lines) <= 70
    assert max(len(line) for line in lines if "reproduce" not in line) <= 100
    text = "\n".join(lines)
    for requirement in ("HTTP-01", "SECRET-01"):
        assert requirement in text
    assert "NOT CONFORMANT  44 requirements are broken" in text


def test_a_right_server_needs_only_a_few_lines() -> None:
    text = shown(report())
    assert len(text.splitlines()) <= 16
    assert "CONFORMANT  Every requirement that applies is met." in text
    number = len(LAW.requirements)
    last = f"{number} requirements checked with 123 requests (limit 4,000) in 1.2 s\n"
    assert f"{last}profile standard, seed 7, run 0123456789ab\n" in text
    assert "HTTP     5 passed" in text


@pytest.mark.parametrize("whole", [report(), EVERYTHING_FAILS])
def test_without_a_terminal_there_are_no_codes_and_no_padding(whole: Report) -> None:
    text = shown(whole)
    assert "\x1b" not in text
    assert not re.search(r"[ \t]\n", text)
    assert text.endswith("\n")


def test_on_a_terminal_there_are_colours() -> None:
    assert any(
        COLOURS.search(codes) for codes in CODES.findall(shown(EVERYTHING_FAILS, Terminal()))
    )


@pytest.mark.parametrize(
    ("variable", "value"), [("NO_COLOR", "1"), ("NO_COLOR", "yes"), ("TERM", "dumb")]
)
def test_colours_can_be_switched_off(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    text = shown(EVERYTHING_FAILS, Terminal())
    assert not any(COLOURS.search(codes) for codes in CODES.findall(text))
    if variable == "TERM":
        assert "\x1b" not in text


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"])
def test_no_setting_puts_codes_into_a_file(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")
    assert "\x1b" not in shown(EVERYTHING_FAILS)


def test_an_empty_no_color_means_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert "\x1b[" in shown(report(), Terminal())


def test_a_wide_terminal_is_not_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    text = CODES.sub("", shown(EVERYTHING_FAILS, Terminal()))
    assert max(len(line) for line in text.splitlines() if "reproduce" not in line) <= WIDEST


def test_a_narrow_terminal_loses_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = CODES.sub("", shown(report(verdicts({"HTTP-01": Outcome.FAILED})), Terminal()))
    squeezed = "".join(text.split())
    assert "".join(LAW.requirement("HTTP-01").statement.split()) in squeezed
    assert "NOTCONFORMANT" in squeezed


def test_a_failure_shows_request_response_and_expectation() -> None:
    text = shown(report(verdicts({"HTTP-01": Outcome.FAILED}, findings=[LONG])))
    lines = [line.strip() for line in text.splitlines()]
    start = lines.index("HTTP-01 failed  MUST")
    assert lines[start : start + 6] == [
        "HTTP-01 failed  MUST",
        LAW.requirement("HTTP-01").statement,
        "request   GET /api/integrations/provider?category=AI_MODEL&activeOnly=true",
        f"response  {LONG.observed}  at /0/category",
        f"expected  {LONG.expected}",
        f"reproduce {LONG.curl}",
    ]


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_no_name_is_cut_in_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    outcomes = dict.fromkeys(("MODEL-01", "FILTER-01", "AUTH-01", "ROBUST-01"), Outcome.FAILED)
    outcomes |= dict.fromkeys(("MODEL-02", "FILTER-02", "AUTH-02"), Outcome.INCONCLUSIVE)
    outcomes |= dict.fromkeys(("MODEL-03", "FILTER-03"), Outcome.NOT_APPLICABLE)
    judged = tuple(
        replace(one, known=Known("a reason", date(2026, 12, 31)))
        if one.requirement.id == "ROBUST-01"
        else one
        for one in verdicts(outcomes)
    )
    text = CODES.sub("", shown(report(judged), Terminal()))
    lines = text.splitlines()
    assert max(len(line) for line in lines if "reproduce" not in line) <= columns
    begun = [line.split()[0] for line in lines if line[:3].strip() and line[:2] == "  "]
    assert [name for name in begun if name in LAW.families] == [*LAW.families]
    assert "ROBUST-01 known to fail until 2026-12-31: a reason" in " ".join(text.split())
    assert "3 passed, 1 failed, 1 inconclusive, 1 not-applicable" in " ".join(text.split())


def test_what_counts_comes_first() -> None:
    outcomes = dict.fromkeys(("SHAPE-06", "SHAPE-07", "MODEL-03", "AUTH-08"), Outcome.FAILED)
    text = shown(report(verdicts(outcomes)))
    assert text.index("AUTH-08 failed") < text.index("SHAPE-06 not met")
    everything = shown(report(verdicts(outcomes), fail_on=FailOn.SHOULD))
    assert everything.index("SHAPE-06 failed") < everything.index("AUTH-08 failed")


@pytest.mark.parametrize(
    ("outcomes", "line"),
    [
        ({"HTTP-01": Outcome.INCONCLUSIVE}, "HTTP-01 inconclusive: a reason"),
        (
            {f"AUTH-0{number}": Outcome.NOT_APPLICABLE for number in range(1, 9)},
            "AUTH-01 to AUTH-08 not-applicable: a reason",
        ),
        (
            dict.fromkeys(("HTTP-01", "HTTP-02", "HTTP-04", "SHAPE-05"), Outcome.INCONCLUSIVE),
            "HTTP-01, HTTP-02, HTTP-04, SHAPE-05 inconclusive: a reason",
        ),
        ({"HTTP-01": Outcome.ERROR}, None),
    ],
)
def test_what_was_not_decided_is_listed_by_its_reason(
    outcomes: dict[str, Outcome], line: str | None
) -> None:
    lines = shown(report(verdicts(outcomes))).splitlines()
    if line is None:
        # The conclusion already gives the reason.
        assert not any("error: a reason" in one for one in lines)
    else:
        assert line in lines


@pytest.mark.parametrize(
    ("members", "headline"),
    [
        ({}, "CONFORMANT  "),
        ({"conclusion": Conclusion.NON_CONFORMANT}, "NOT CONFORMANT  "),
        ({"conclusion": Conclusion.ERROR}, "NOT TESTED  "),
        ({"conclusion": Conclusion.ERROR, "interrupted": True}, "INTERRUPTED  "),
    ],
)
def test_headlines(members: dict[str, Any], headline: str) -> None:
    lines = shown(report(reason="The reason.", **members)).splitlines()
    assert f"{headline}The reason." in lines


def test_a_run_that_could_not_begin_has_no_table() -> None:
    whole = report(verdicts(otherwise=Outcome.ERROR), reason="Nothing listens there.")
    text = shown(whole)
    assert "Statuses, media type" not in text
    assert "NOT TESTED  Nothing listens there." in text
    assert len(text.splitlines()) <= 8


def hostile(text: str) -> Report:
    """Return a report in which every text that a target can influence is this text."""
    finding = Finding(text, text, text, text, text, text)
    law = replace(LAW.requirement("HTTP-01"), statement=text)
    failed = Verdict(law, Outcome.FAILED, text, text, (finding,) * 2)
    unknown = Verdict(LAW.requirement("HTTP-02"), Outcome.INCONCLUSIVE, text, text)
    return report((failed, unknown), target=text, notes=(text,), reason=text, contract_version=text)


def test_hostile_text_stays_text() -> None:
    text = shown(hostile(HOSTILE))
    assert "\\u001b[31m" in text
    assert not set(text) & set("\x00\x08\x1b\u202e\u2028\ud800\uffff")
    text.encode()


@given(st.text() | st.sampled_from(["[bold]x[/bold]", "[/]", "[link=x]y", ":smile:", "\\[x]"]))
def test_any_text_is_shown_as_text(text: str) -> None:
    result = shown(hostile(text))
    assert all(line.isprintable() for line in result.split("\n"))
    on_terminal = CODES.sub("", shown(hostile(text), Terminal()))
    assert all(line.isprintable() for line in on_terminal.split("\n"))


@pytest.mark.parametrize("before", range(0, 100, 7))
def test_no_line_begins_like_a_command_for_a_ci_server(before: int) -> None:
    text = "a" * before + " ::error::x" * 20
    finding = replace(FINDING, observed=text, expected=text, curl=text)
    whole = report(
        verdicts(otherwise=Outcome.FAILED, reason=text, findings=[finding]),
        reason=text,
        notes=[text],
    )
    lines = shown(whole).splitlines()
    assert not [line for line in lines if line.lstrip().startswith("::")]
    assert any(line.lstrip().startswith("\\u003a:") for line in lines)


def test_markup_is_not_interpreted() -> None:
    one = replace(FINDING, observed='provider "[bold]loud[/bold] :smile:"')
    assert '"[bold]loud[/bold] :smile:"' in shown(
        report(verdicts({"HTTP-01": Outcome.FAILED}, findings=[one]))
    )
