"""Bodies are decoded as strictly as RFC 8259 requires, and no input makes decoding fail."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.json_values import json_values

from conformance.core.strict_json import LONGEST_NAME, MOST_REPEATED, Decoded, decode

JSON = json_values(floats=st.floats(allow_nan=False, allow_infinity=False))


@given(JSON, st.booleans(), st.sampled_from([None, 2]))
def test_valid_json_is_decoded_as_by_the_standard_library(
    value: Any, ascii_only: bool, indent: Any
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    body = f" \r\n\t{text} \n".encode("utf-8", "surrogatepass" if ascii_only else "replace")
    assert decode(body) == Decoded(json.loads(body))


def is_json(body: bytes) -> bool:
    def refuse(word: str) -> None:
        raise ValueError(word)

    try:
        json.loads(body.decode(), parse_constant=refuse)
    except ValueError:
        return False
    return True


CHARACTERS = st.text('[]{}",:0123456789.eE+-truefalsNIn \\u\n\ufeff', max_size=60)


@given(st.binary(max_size=80) | CHARACTERS.map(str.encode))
def test_no_bytes_make_decoding_fail(body: bytes) -> None:
    decoded = decode(body)
    assert (decoded.error is None and not decoded.constants) is is_json(body)
    if decoded.error is not None:
        assert decoded.value is None
        assert decoded.error.isprintable()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "the body is empty"),
        (b" \r\n\t ", "the body holds nothing but blanks"),
        (b"\xef\xbb\xbf[]", "the body begins with a byte order mark"),
        ("[]".encode("utf-16"), "byte 0 is not UTF-8"),
        (b'["caf\xe9"]', "byte 5 is not UTF-8"),
        (b'["\xed\xa0\x80"]', "byte 2 is not UTF-8"),
        (b"[] []", "something follows the JSON text at character 3"),
        (b"[]\n<!-- cached -->", "something follows the JSON text at character 3"),
        (b"[]\x00", "something follows the JSON text at character 2"),
        (b'[{"name": "op', "the JSON text is cut short at character 13"),
        (b'[{"name": "openAI"},', "the JSON text is cut short at character 20"),
        (b"[1, 2,]", "the body is not JSON at character 6: Expecting value"),
        (b'{"a": 1, }', "the body is not JSON at character 9: Expecting property name enclosed"),
        (b"[01]", "the body is not JSON at character 2: Expecting ',' delimiter"),
        (b"{'a': 1}", "the body is not JSON at character 1: Expecting property name enclosed"),
        (b"<html></html>", "the body is not JSON at character 0: Expecting value"),
        (b"nan", "the body is not JSON at character 0: Expecting value"),
        (b'["\n"]', "the body is not JSON at character 2: Invalid control character"),
        (b"[" * 100_000, "the JSON is nested too deeply to be read"),
        (b"[" * 900 + b"]" * 900, "the JSON is nested too deeply to be read"),
        (b'{"a":' * 600 + b"1" + b"}" * 600, "the JSON is nested too deeply to be read"),
    ],
    ids=map(str, range(20)),
)
def test_errors_of_bodies_that_are_not_json(body: bytes, error: str) -> None:
    decoded = decode(body)
    assert decoded.error is not None
    assert decoded.error.startswith(error)
    assert (decoded.value, decoded.repeated, decoded.constants) == (None, (), ())


@pytest.mark.parametrize("levels", [100, 255, 256, 500])
def test_deep_nesting_within_reason_is_read(levels: int) -> None:
    decoded = decode(b"[" * levels + b"]" * levels)
    assert decoded.error is None
    assert decode(b"[" * (levels + 500) + b"]" * (levels + 500)).error is not None


@pytest.mark.parametrize(
    ("body", "constants"),
    [
        (b"[1, NaN]", ("NaN",)),
        (b'{"a": Infinity, "b": [-Infinity, Infinity]}', ("Infinity", "-Infinity")),
        (b'["NaN", "Infinity"]', ()),
    ],
)
def test_words_that_are_not_json(body: bytes, constants: tuple[str, ...]) -> None:
    decoded = decode(body)
    assert decoded.error is None
    assert decoded.constants == constants


@pytest.mark.parametrize(
    ("body", "repeated"),
    [
        (b'{"a": 1, "b": 2}', ()),
        (b'{"a": 1, "a": 1}', ("/a",)),
        (b'{"a": 1, "a": 2, "a": 3}', ("/a",)),
        (b'[{}, {"x/y": 1, "x/y": 2, "~": 1, "~": 2}]', ("/1/x~1y", "/1/~0")),
        (b'[{"c": {"k": 1, "k": 2}}]', ("/0/c/k",)),
        (b'{"": 1, "": 2}', ("/",)),
        (b'{"a": 1, "\\u0061": 2}', ("/a",)),
        # An object that a repeated field replaced is gone, so nothing in it is reported.
        (b'{"a": {"b": 1, "b": 2}, "a": 0}', ("/a",)),
    ],
)
def test_repeated_fields_are_found(body: bytes, repeated: tuple[str, ...]) -> None:
    assert decode(body).repeated == repeated
    # The last of them is the value.
    assert decode(body).value == json.loads(body)


@given(
    st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=5), max_size=6)
)
def test_repeated_fields_are_found_where_they_are(objects: list[list[tuple[str, int]]]) -> None:
    # Dropped duplicates free memory for later objects, which may get the same id.
    rows = [
        ",".join(f'"{name}": {{"{name}": {value}, "z": 1}}' for name, value in members)
        for members in objects
    ]
    decoded = decode(("[" + ",".join(f"{{{row}}}" for row in rows) + "]").encode())
    assert sorted(decoded.repeated) == [
        f"/{place}/{name}"
        for place, members in enumerate(objects)
        for name in "abc"
        if [key for key, _ in members].count(name) > 1
    ]


@pytest.mark.parametrize(
    ("digits", "value"),
    [
        ("9" * 400, int("9" * 400)),
        ("-" + "9" * 400, -int("9" * 400)),
        ("9" * 5000, math.inf),
        ("-" + "9" * 5000, -math.inf),
        ("1e400", math.inf),
    ],
)
def test_huge_numbers_are_read(digits: str, value: float) -> None:
    assert decode(f"[{digits}]".encode()) == Decoded([value])


@pytest.mark.parametrize("element", [b"{}", b"[]", b"0", b'""'])
def test_too_many_values_are_not_decoded(element: bytes) -> None:
    body = b"[" + (element + b",") * 5_000_000 + element + b"]"
    problem = "the JSON holds more than 5,000,000 values, too many to be read"
    assert decode(body) == Decoded(error=problem)
    text = "x" * 10_000_000
    assert decode(f'["{text}"]'.encode()) == Decoded([text])


def test_of_a_long_name_the_beginning_is_kept() -> None:
    long, other = "n" * 5000, "n" * 4999 + "m"
    decoded = decode(json.dumps([{long: 1, other: 2, "n" * LONGEST_NAME: 3}]).encode())
    assert decoded.shortened
    (names,) = map(list, decoded.value)
    assert [decoded.value[0][name] for name in names] == [1, 2, 3]
    assert all(name.startswith("n" * LONGEST_NAME) for name in names)
    assert all("… (5,000 characters, " in name for name in names[:2])
    assert names[2] == "n" * LONGEST_NAME
    assert not decode(json.dumps([{names[2]: 1}]).encode()).shortened
    # Names that repeat are found, however long they are.
    (pointer,) = decode(f'{{"{long}": 1, "{long}": 2}}'.encode()).repeated
    assert pointer == f"/{names[0]}"


def test_only_so_many_repeated_names_are_kept() -> None:
    body = b"[" + b",".join([b'{"a":1,"a":2}'] * (MOST_REPEATED + 1)) + b"]"
    assert len(decode(body).repeated) == MOST_REPEATED
