"""Values from a target are formatted in one line, limited in length, and without secrets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.json_values import json_values

from conformance.core.text import (
    clipped,
    counted,
    format_typed_value_at,
    format_value,
    format_value_at,
    listed,
    outlined,
    pointer,
    sentence,
    type_name,
    visible,
)

JSON = json_values()


@given(st.text())
def test_visible_text_is_one_printable_line(text: str) -> None:
    result = visible(text)
    assert result.isprintable()
    assert len(result.splitlines()) <= 1
    result.encode()
    if text.isprintable() and "##" not in text:
        assert result == text


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("plain", "plain"),
        ("ünïcödé 語", "ünïcödé 語"),
        ("a\nb\tc", "a\\u000ab\\u0009c"),
        ("\x1b[31mred\x1b[0m", "\\u001b[31mred\\u001b[0m"),
        ("\u202eevil", "\\u202eevil"),
        ("\ud800", "\\ud800"),
        ("\u2028", "\\u2028"),
        ("##vso[task.complete]", "#\\u0023vso[task.complete]"),
        ("a ##[error]b", "a #\\u0023[error]b"),
        ("### ##teamcity[x]", "### #\\u0023teamcity[x]"),
        ("## a heading [x]", "## a heading [x]"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_unprintable_characters_are_escaped(text: str, result: str) -> None:
    assert visible(text) == result


@given(JSON)
def test_any_value_is_formatted_in_one_short_line(value: Any) -> None:
    for result in (format_value(value), outlined(value)):
        assert result
        assert result.isprintable()
        assert len(result) < 1000


@pytest.mark.parametrize(
    ("value", "formatted", "in_outline", "kind"),
    [
        (None, "null", "null", "null"),
        (True, "true", "boolean", "boolean"),
        (7, "7", "number", "integer"),
        (1.5, "1.5", "number", "number"),
        ("text", '"text"', "string of 4 characters", "string"),
        ("x", '"x"', "string of 1 character", "string"),
        ("x" * 2000, f'"{"x" * 79}…"', "string of 2,000 characters", "string"),
        (10**200, f"{'1':0<79}…", "number", "integer"),
        ({}, "empty object", "empty object", "object"),
        ([], "empty array", "empty array", "array"),
        ({"a": 1, "b": "secret"}, "object with a, b", "object with a, b", "object"),
        (dict.fromkeys("abcdefgh"), "object with a, b, c, d, e, f and 2 more", None, "object"),
        (["secret", 1, 2], "array of 3 (integer or string)", None, "array"),
        ([{"a": 1}], "array of 1 (object)", None, "array"),
    ],
)
def test_formats_of_values(value: Any, formatted: str, in_outline: str | None, kind: str) -> None:
    assert format_value(value) == formatted
    assert outlined(value) == (in_outline or formatted)
    assert type_name(value) == kind


@given(st.text(min_size=12), st.lists(st.sampled_from(["0", "a", "settings"]), max_size=3))
def test_content_of_a_configuration_is_never_shown(secret: str, below: list[str]) -> None:
    place = pointer(0, "configuration", *below)
    for value in (secret, [secret], {"key": secret}):
        assert format_value_at(place, value) == format_typed_value_at(place, value)
        assert format_value_at(place, value) == outlined(value)
    for other in ("/0/name", "/0/configurations"):
        assert format_value_at(other, secret) == format_value(secret)


@pytest.mark.parametrize(
    ("value", "described"),
    [
        (None, "null"),
        (3, "the integer 3"),
        (1.5, "the number 1.5"),
        ("3", 'the string "3"'),
        ("string", 'the string "string"'),
        (False, "the boolean false"),
        ([], "empty array"),
        ({"a": 1}, "object with a"),
    ],
)
def test_types_are_named_unless_obvious(value: Any, described: str) -> None:
    assert format_typed_value_at("/0/name", value) == described


@pytest.mark.parametrize(
    ("length", "text", "result"),
    [(3, "abc", "abc"), (3, "abcd", "ab…"), (1, "abcd", "…"), (80, "x" * 80, "x" * 80)],
)
def test_clipping_keeps_the_length(length: int, text: str, result: str) -> None:
    assert clipped(text, length) == result


def test_lists_and_numbers() -> None:
    assert listed([]) == ""
    assert listed(["a", "b"]) == "a, b"
    assert listed(list("abcd"), most=2) == "a, b and 2 more"
    assert counted(0, "provider") == "0 providers"
    assert counted(1, "provider") == "1 provider"
    assert counted(12_345, "provider") == "12,345 providers"


@given(st.lists(st.text() | st.integers(min_value=0)))
def test_pointers_can_be_split_into_their_parts(parts: list[str | int]) -> None:
    pieces = pointer(*parts).split("/")[1:]
    assert [piece.replace("~1", "/").replace("~0", "~") for piece in pieces] == [
        str(part) for part in parts
    ]


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("r.md is no recording", "r.md is no recording."),
        ("a/b: it is empty", "a/b: it is empty."),
        ("https://host is gone", "https://host is gone."),
        ("it is over.", "It is over."),
        ("unknown key; did you mean profile?", "Unknown key; did you mean profile?"),
    ],
)
def test_a_sentence_leaves_names_of_files_alone_and_ends_once(clause: str, expected: str) -> None:
    assert sentence(clause) == expected
