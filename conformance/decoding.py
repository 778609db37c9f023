"""Reading JSON strictly: what a lenient parser would forgive is reported beside the value."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conformance.text import pointer

LONGEST_INTEGER = 4000
"""Digits; Python refuses to convert much longer integers, so they are read as floats."""

DEEPEST = 500
"""Levels of nesting, well within what Python can walk through again."""
TOO_DEEP = "the JSON is nested too deeply to be read"

MOST_VALUES = 5_000_000
"""Values of a body that is read. A value of two bytes takes a hundred once it is decoded, so that
what is small on the wire could fill any memory; a hundred thousand providers hold fewer."""
TOO_MANY_VALUES = f"the JSON holds more than {MOST_VALUES:,} values, too many to be read"


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a body holds.

    ``value`` is the decoded JSON, or ``None`` together with an ``error``. ``repeated`` are JSON
    pointers of members that their object names twice; the last one is in ``value``. ``constants``
    are the words NaN, Infinity and -Infinity, which JSON does not have.
    """

    value: Any = None
    error: str | None = None
    repeated: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def decode(body: bytes) -> Decoded:
    """Decode a body as one JSON text in UTF-8 (RFC 8259); never raises."""
    if not body:
        return Decoded(error="the body is empty")
    # What stands within strings is counted, too; it is a limit, not a number that is told.
    if len(body) > MOST_VALUES and sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        return Decoded(error=TOO_MANY_VALUES)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return Decoded(error=f"byte {error.start} is not UTF-8")
    if text.startswith("\ufeff"):
        return Decoded(error="the body begins with a byte order mark")
    return _parse(text)


def _parse(text: str) -> Decoded:
    constants: list[str] = []
    doubled: dict[int, tuple[dict[str, Any], list[str]]] = {}

    def constant(word: str) -> float:
        constants.append(word)
        return float(word.replace("Infinity", "inf"))

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(members)
        if len(result) != len(members):
            times = Counter(name for name, _ in members)
            # Kept together, since the id of an object that is gone may be given to another.
            doubled[id(result)] = result, [name for name in times if times[name] > 1]
        return result

    try:
        value = json.loads(
            text, object_pairs_hook=pairs, parse_constant=constant, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        return Decoded(error=_explained(error, text))
    except RecursionError:
        return Decoded(error=TOO_DEEP)
    if text.count("[") + text.count("{") > DEEPEST and _is_deeper(value, DEEPEST):
        return Decoded(error=TOO_DEEP)
    repeated = tuple(_locate(value, doubled)) if doubled else ()
    return Decoded(value, None, repeated, tuple(dict.fromkeys(constants)))


def _is_deeper(value: Any, levels: int) -> bool:
    row = [value]
    for _ in range(levels):
        containers = [node for node in row if isinstance(node, dict | list)]
        row = [
            child
            for node in containers
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    return any(isinstance(node, dict | list) for node in row)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_INTEGER else float(digits)


def _explained(error: json.JSONDecodeError, text: str) -> str:
    if not text.strip(" \t\r\n"):
        return "the body holds nothing but blanks"
    if error.msg == "Extra data":
        return f"something follows the JSON text at character {error.pos}"
    end = len(text.rstrip(" \t\r\n"))
    if error.pos >= end or error.msg.startswith("Unterminated string"):
        return f"the JSON text is cut short at character {end}"
    return f"the body is not JSON at character {error.pos}: {error.msg}"


def _locate(value: Any, doubled: Mapping[int, tuple[dict[str, Any], list[str]]]) -> Iterator[str]:
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        place, node = stack.pop()
        if isinstance(node, dict):
            _, names = doubled.get(id(node), (node, []))
            for name in names:
                yield place + pointer(name)
            stack.extend((place + pointer(name), child) for name, child in node.items())
        elif isinstance(node, list):
            stack.extend((place + pointer(index), child) for index, child in enumerate(node))
