"""Strings are decoded as far as they carry something, with bounded work."""

from __future__ import annotations

import json
from base64 import b64encode
from gzip import compress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.core.json_walk import INFLATION, LARGEST, decoded, walk

ROWS = [{"api": "gpt-4o"}]


def base64(content: bytes) -> str:
    return b64encode(content).decode()


@pytest.mark.parametrize(
    ("value", "carried"),
    [
        (json.dumps(ROWS), ROWS),
        (json.dumps(json.dumps(ROWS)), ROWS),
        (base64(json.dumps(ROWS).encode()), ROWS),
        (base64(b"gpt-4o,o1-mini\ngpt-4\n"), "gpt-4o,o1-mini\ngpt-4\n"),
        ("Z3B0LTRvLG8xLW1pbmk\r\n", "gpt-4o,o1-mini"),
        # Words, keys, digests and what only begins like JSON carry nothing.
        *(
            (text, text)
            for text in (
                "",
                "conductor-console",
                "ApplicationController",
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "[draft] not JSON",
                base64(bytes(range(256))),
                base64(b"\x1f\x8b not gzip"),
                base64(b"short"),
            )
        ),
        (12, 12),
        (ROWS, ROWS),
        (None, None),
    ],
    ids=repr,
)
def test_what_a_string_carries(value: Any, carried: Any) -> None:
    assert decoded(value) == carried


def test_no_more_layers_than_a_server_would_use_are_removed() -> None:
    text = json.dumps(ROWS)
    for _ in range(3):
        text = json.dumps(text)
    assert decoded(text) == ROWS
    assert decoded(json.dumps(text)) == json.dumps(ROWS)


def test_a_bomb_is_not_inflated() -> None:
    zeros = compress(b"0" * LARGEST)
    assert len(decoded(base64(zeros))) == INFLATION * len(zeros)
    twice = compress(base64(compress(json.dumps(ROWS).encode())).encode())
    assert decoded(base64(twice)) == base64(compress(json.dumps(ROWS).encode()))
    # What is in a decoded string is not inflated again.
    packed = base64(compress(json.dumps(ROWS).encode()))
    found = [node for _, node in walk({"a": packed, "b": base64(json.dumps([packed]).encode())})]
    assert ROWS in found
    assert [packed] in found


def test_very_long_base64_is_left_alone() -> None:
    text = base64(json.dumps(["x" * LARGEST]).encode())
    assert decoded(text) is text


@given(st.text() | st.binary().map(base64))
def test_any_string_can_be_decoded(text: str) -> None:
    found = decoded(text)
    assert found is not None or text.strip() == "null"
