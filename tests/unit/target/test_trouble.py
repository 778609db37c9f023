"""Test the descriptions of transient failures, and reading ``Retry-After``."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.clock import busy
from support.canned.exchanges import exchange

from conformance.target.trouble import Tally, in_words, retry_after

NOW = 1_770_000_000
AT = formatdate(NOW + 12, usegmt=True)


@pytest.mark.parametrize("status", [429, 503, 529])
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 3 ", 3),
        # A request to wait for no time is none.
        ("0", None),
        ("86400", 86400),
        ("9" * 5000, float("inf")),
        (AT, 12),
        # Obsolete forms of a date, which recipients must accept (RFC 9110, section 5.6.7).
        ("Monday, 02-Feb-26 02:40:12 GMT", 12),
        ("Mon Feb  2 02:40:12 2026", 12),
        (formatdate(NOW - 60, usegmt=True), None),
        ("Mon, 01 Jan 1900 00:00:00 GMT", None),
        # Unreadable values are ignored.
        ("soon", None),
        ("-5", None),
        ("+5", None),
        ("1.5", None),
        ("1e3", None),
        ("٣", None),
        ("", None),
        ("5, 7", None),
        ("Mon, 99 Feb 2026 99:99:99 GMT", None),
    ],
)
def test_the_server_says_how_long_to_wait(status: int, value: str, seconds: float | None) -> None:
    assert retry_after(busy(status, value), lambda: NOW) == seconds


def test_only_a_busy_server_is_believed() -> None:
    for status in (200, 301, 502, 504):
        assert retry_after(busy(status, "7")) is None
    assert retry_after(busy(429)) is None


@pytest.mark.parametrize("wrong_by", [-3600, 3600])
def test_a_date_is_read_by_the_clock_of_the_server(wrong_by: int) -> None:
    headers = {"Date": formatdate(NOW, usegmt=True), "Retry-After": AT}
    answer = exchange(b"", status=429, headers=headers)
    assert retry_after(answer, lambda: NOW + wrong_by) == 12


@given(st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, \d+ \w+ \d+ \d+:\d+:\d+ \w+"))
def test_any_text_is_a_wait_or_none(value: str) -> None:
    for header in ("Retry-After", "Date"):
        headers = {"Retry-After": AT, header: value}
        seconds = retry_after(exchange(b"", status=429, headers=headers), lambda: NOW)
        assert seconds is None or seconds > 0


@given(st.integers(1, 10**9), st.integers(1, 10**6))
def test_whole_seconds_and_dates_are_taken_at_their_word(seconds: int, later: int) -> None:
    assert retry_after(busy(429, str(seconds))) == seconds
    date = formatdate(NOW + later, usegmt=True)
    assert retry_after(busy(503, date), lambda: NOW) == later


def test_counts_are_put_in_words() -> None:
    counts = {"503": 3, "429": 12, "closed": 1, "timeout": 1, "502": 1, "cut-short": 2}
    assert in_words(counts) == (
        "12 responses with status 429, 3 responses with status 503, 2 truncated responses, "
        "1 response with status 502, 1 lost connection, 1 timeout"
    )


def test_what_passed_is_told_apart_from_what_did_not() -> None:
    tally = Tally()
    tally.add_passing({}, over=True)
    tally.add_passing({"429": 1}, over=False)
    assert tally.notes(0.0, 0.0) == []
    tally.add_passing({"429": 2}, over=True)
    tally.stayed.update({"closed": 1})
    passed, stayed, spaced = tally.notes(4.24, 0.0548)
    assert passed == (
        "Transient failures were retried: 3 responses with status 429; 4.2 s of waiting in total."
    )
    assert "kept failing (1 lost connection); these failures are not judged" in stayed
    assert spaced.endswith("requests were sent up to 0.05 s apart.")
