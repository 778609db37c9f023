"""Decoding responses element by element equals decoding them as a whole."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.exchanges import exchange

from conformance.core.strict_json import DEEPEST, Decoded, decode
from conformance.errors import CannotTest
from conformance.target import response_store
from conformance.target.response_store import ResponseStore

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(max_size=8)
    | st.sampled_from(["},{", '{"name":', "\ud800", "NaN", '"', "\\", "a" * 61])
)
NAMES = st.sampled_from(["name", "type", "tags", "key", 'a"b', "", "\ud800"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)
ELEMENTS = st.dictionaries(NAMES, VALUES, max_size=4)
STYLES = st.fixed_dictionaries(
    {
        "separators": st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")]),
        "indent": st.none() | st.integers(0, 2),
        "ensure_ascii": st.booleans(),
    }
)


def written(value: Any, style: dict[str, Any]) -> bytes:
    return json.dumps(value, **style).encode("utf-8", "surrogatepass")


def same(one: Decoded, other: Decoded) -> bool:
    """Whether two values are equal; NaN equals NaN, and numbers differ from booleans."""
    return repr(replace(one, repeated=tuple(sorted(one.repeated)))) == repr(
        replace(other, repeated=tuple(sorted(other.repeated)))
    )


@given(st.lists(st.lists(ELEMENTS | VALUES, max_size=5), max_size=3), STYLES)
def test_what_is_read_is_what_is_there(answers: list[list[Any]], style: dict[str, Any]) -> None:
    store = ResponseStore()
    for answer in answers:
        body = written(answer, style)
        assert same(store.read(body), decode(body))


@given(
    st.lists(ELEMENTS, min_size=1, max_size=5),
    STYLES,
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from(b'{}[],":0aN \\\xff')), max_size=3),
    st.integers(0, 3),
)
def test_what_is_broken_is_broken_in_the_same_way(
    answer: list[Any], style: dict[str, Any], changes: list[tuple[int, int]], cut: int
) -> None:
    body = bytearray(written(answer, style))
    for place, byte in changes:
        body[place % len(body)] = byte
    text = bytes(body[: len(body) - cut])
    store = ResponseStore()
    # After it has read a well-formed response.
    store.read(written(answer, style))
    assert same(store.read(text), decode(text))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b" [ ] ",
        b"{}",
        b"[{}]",
        b"[1]",
        b"null",
        b'[{"a":1},]',
        b'[{"a":1} {"a":2}]',
        b'[{"a":1},{"b":2},{"a":3}]',
        b'[{"a":1},{"b":[{"a":2},{"a":3}]},{"a":3}]',
        b'[{"a":1},1,{"a":3}]',
        b'[{"a":1},[{"a":3}]]',
        b'[{"a":1,"a":2},{"a":1},{"a":1,"a":2}]',
        b'[{"a":{"b":1,"b":2}},{"a":{"b":1,"b":2}}]',
        b'[{"a":NaN},{"a":1}]',
        b'[{"a":1e999},{"a":-0},{"a":3.0},{"a":123456789012345678901234567890}]',
        b'[{"a":"\\ud800"},{"a":"},{\\"a\\":1"}]',
        b'[{"a":1}]x',
        b'[{"a":1}',
        b'[{"a":1}]]',
        b"\xef\xbb\xbf[{}]",
        b'[{"a":"\xff"}]',
        b'[{"a":' + b"[" * DEEPEST + b"]" * DEEPEST + b"}]",
        b'[{"a":' + b"[" * (DEEPEST - 3) + b"]" * (DEEPEST - 3) + b"}]",
        b'[{"a":' + b"9" * 5000 + b"}]",
    ],
)
def test_odd_answers(body: bytes) -> None:
    store = ResponseStore()
    store.read(b'[{"a":1},{"b":2}]')
    assert same(store.read(body), decode(body))


def test_equal_answers_and_elements_are_the_same_objects() -> None:
    store = ResponseStore()
    one, two, three = ({"name": name, "tags": [{"name": "x"}]} for name in ("a", "b", "c"))
    whole = store.read(json.dumps([one, two, three]).encode()).value
    part = store.read(json.dumps([three, one]).encode()).value
    assert part[0] is whole[2]
    assert part[1] is whole[0]
    assert store.read(b'[{"a":1}]') is store.read(bytes(bytearray(b'[{"a":1}]')))
    # Members that stand twice are told wherever the element stands.
    assert store.read(b'[{"a":1,"a":2}]').repeated == ("/0/a",)
    assert store.read(b'[{"b":1},{"a":1,"a":2}]').repeated == ("/1/a",)


def test_what_was_decoded_in_part_is_noted() -> None:
    store = ResponseStore()
    store.read(b'[{"a":1}]')
    assert not store.notes
    store.read(b'[{"%b":1}]' % (b"n" * 2000))
    store.read(b"[" + b",".join([b'{"a":1,"a":2}'] * 10_001) + b"]")
    notes = " ".join(store.notes)
    assert "longer than 1,000 characters" in notes
    assert "10,000 fields or more" in notes


def test_a_run_keeps_only_so_many_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_store, "MOST_KEPT_VALUES", 20)
    store = ResponseStore()
    # Equal elements count once.
    for _ in range(9):
        assert store.read(b'[{"a":[1,2]},{"a":[3,4]}]').error is None
    assert store.read(b'[{"a":[1,2]},{"b":5}]').error is None
    refused = store.read(json.dumps([{"a": list(range(20))}]).encode())
    assert refused.exceeds_limits
    # No array of objects, and still too many.
    assert store.read(json.dumps({"a": list(range(20))}).encode()) == replace(refused)
    assert store.read(b'[{"c":6}]').error is None
    (note,) = store.notes
    assert note.startswith("Responses were not judged: together with other responses, the JSON")


def test_a_run_keeps_only_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_store, "MOST_KEPT_BYTES", 20_000)
    store = ResponseStore()
    bodies = [json.dumps([{"a": letter * 9_000}]).encode() for letter in "xyz"]
    for _ in range(9):
        assert [store.read(body).exceeds_limits for body in bodies] == [False, False, True]
    assert store.read(b'{"a": "%b"}' % (b"n" * 9_000)).exceeds_limits
    # What is no list has to be kept as it is.
    monkeypatch.setattr(response_store, "LARGE", 1_000)
    with pytest.raises(CannotTest, match="too large to judge"):
        store.stored(exchange(b"<p>" + b"n" * 9_000, status=404))
    assert store.read(b'[{"c":6}]').error is None
