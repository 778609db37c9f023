"""Stand-ins reveal only type and length of a value, and compare as the values do."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.checks.detectors.secret_values import in_clear, secret_within
from conformance.core.json_walk import unpacked
from conformance.recording.stand_ins import StandIns

TEXTS = st.text(max_size=40) | st.sampled_from(
    [
        "********",
        "••••",
        "sk-1a2b****",
        "${workflow.secrets.key}",
        "#{x}",
        "$(pass)",
        "$TOKEN",
        "vault:team/key",
        "https://api.example.com:8443/v1",
        "<redacted>",
        "[hidden]",
        "changeme",
        "a",
        "ab",
        "aa",
        " ",
        "…",
        "日本語",
        "sk-proj-4f9a",
        'PlainLoginModule required username="u" password="Hunter22x";',
        "amqp://shop:s3cret@mq.example.com",
        "Bearer 9f8e7d6c5b4a3928",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    ]
)


@given(st.lists(TEXTS, max_size=30))
def test_texts_keep_their_length_and_whether_they_are_in_clear(values: list[str]) -> None:
    made = StandIns()
    for value in values:
        stand_in = made.text(value)
        assert len(stand_in) == len(value)
        assert in_clear(stand_in) == in_clear(value)
        assert secret_within(stand_in) == secret_within(value)
        assert stand_in.isascii() == value.isascii()
        assert isinstance(unpacked(stand_in), str)
        assert made.text(value) == stand_in


@given(st.sets(TEXTS, max_size=40))
def test_different_texts_have_different_stand_ins(values: set[str]) -> None:
    made = StandIns()
    assert len(set(map(made.text, values))) == len(values)


@pytest.mark.parametrize("value", ["sk-proj-4f9a81c2", "hunter2hunter2", "amqp://shop:pw1234@mq"])
def test_nothing_of_a_text_is_left(value: str) -> None:
    stand_in = StandIns().text(value)
    assert not any(value[place : place + 4] in stand_in for place in range(len(value) - 3))


def test_masks_and_references_stay_such() -> None:
    made = StandIns()
    assert made.text("********") == "********"
    assert made.text("${workflow.secrets.key}").startswith("${")
    assert made.text("https://api.example.com").startswith("ref:")
    assert made.text("") == ""


def test_another_recording_has_other_stand_ins() -> None:
    assert len({StandIns().text("sk-proj-4f9a81c2") for _ in range(5)}) == 5


@given(st.sets(st.integers() | st.integers(-20, 20), max_size=20))
def test_whole_numbers_keep_digits_and_sign(values: set[int]) -> None:
    made = StandIns()
    found = {value: made.integer(value) for value in values}
    assert len({abs(one) for one in found.values()}) == len({abs(one) for one in values})
    for value, stand_in in found.items():
        assert len(str(stand_in)) == len(str(value))
        assert (stand_in > 0) == (value > 0)


@given(st.floats())
def test_numbers_stay_numbers(value: float) -> None:
    made = StandIns()
    stand_in = made.number(value)
    json.dumps(stand_in)
    assert math.isfinite(stand_in) == math.isfinite(value)
    if math.isfinite(value) and abs(value) < 2**53:
        assert stand_in.is_integer() == value.is_integer()
        assert (stand_in > 0) == (value > 0)
    if value.is_integer() and abs(value) < 10**15:
        # As 1 and 1.0 are equal, so are their stand-ins.
        assert stand_in == made.integer(int(value))


@pytest.mark.parametrize("word", ["1.5", "0.25", "-12.0e-07", "3E5", "-0.0"])
def test_numerals_keep_their_length(word: str) -> None:
    stand_in = StandIns().numeral(word)
    float(stand_in)
    assert len(stand_in) == len(word)
    assert (stand_in[0] == "-", "." in stand_in) == (word[0] == "-", "." in word)


def test_booleans_are_exchanged_or_not() -> None:
    made = StandIns()
    assert made.boolean(True) is not made.boolean(False)
    assert len({StandIns().boolean(True) for _ in range(60)}) == 2


@given(st.text(max_size=40))
def test_a_shaped_text_keeps_all_but_letters_and_digits(value: str) -> None:
    stand_in = StandIns().shaped(value)
    assert len(stand_in) == len(value)
    assert [one for one in stand_in if not one.isalnum()] == [
        one for one in value if not one.isalnum()
    ]


def test_a_shaped_text_keeps_the_given_words() -> None:
    stand_in = StandIns().shaped("gpt-4o at 10.0.0.7, not gpt-4o-mini2", ["gpt-4o"])
    assert stand_in.startswith("gpt-4o ")
    assert "10.0.0.7" not in stand_in
    assert "mini2" not in stand_in
