"""Reading JSON strictly: what a lenient parser would forgive is reported beside the value."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from conformance.core.text import pointer

LONGEST_INTEGER = 4000
"""Digits; Python refuses to convert much longer integers, so they are read as floats."""

DEEPEST = 500
"""Levels of nesting, well within what Python can walk through again."""
NO_BODY = "the body is empty"
BLANK_BODY = "the body holds nothing but blanks"
TOO_DEEP = "the JSON is nested too deeply to be read"

MOST_VALUES = 5_000_000
"""Values of a body that is read. A value of two bytes takes a hundred once it is decoded, so that
what is small on the wire could fill any memory; a hundred thousand providers hold fewer."""
TOO_MANY_VALUES = f"the JSON holds more than {MOST_VALUES:,} values, too many to be read"


MOST_SHARED = 10_000
LONGEST_SHARED = 60
SMALL = 4
"""Texts and objects that are kept once, the characters of these texts, and the members of these
objects: what comes first mostly comes again."""


@dataclass(frozen=True)
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

    @property
    def beyond(self) -> bool:
        """Whether it was not read for its size or depth, and may be well-formed all the same."""
        return self.error in (TOO_DEEP, TOO_MANY_VALUES)

    @cached_property
    def objects(self) -> tuple[dict[str, Any], ...]:
        """The elements that are objects, if the value is an array; else none."""
        if not isinstance(self.value, list):
            return ()
        return tuple(element for element in self.value if isinstance(element, dict))


@lru_cache(maxsize=64)
def decode(body: bytes) -> Decoded:
    """Decode a body as one JSON text in UTF-8 (RFC 8259); never raises."""
    if not body:
        return Decoded(error=NO_BODY)
    # What stands within strings is counted, too; it is a limit, not a number that is told.
    if len(body) > MOST_VALUES and sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        return Decoded(error=TOO_MANY_VALUES)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return Decoded(error=f"byte {error.start} is not UTF-8")
    if text.startswith("\ufeff"):
        return Decoded(error="the body begins with a byte order mark")
    return parse(text)


def parse(text: str) -> Decoded:
    """Read a text as one JSON text, strictly; never raises."""
    strictly = Strictly()
    try:
        value = strictly.loads(text)
    except json.JSONDecodeError as error:
        return Decoded(error=_explained(error, text))
    except RecursionError:
        return Decoded(error=TOO_DEEP)
    if text.count("[") + text.count("{") > DEEPEST and _is_deeper(value, DEEPEST):
        return Decoded(error=TOO_DEEP, constants=strictly.constants)
    return Decoded(value, None, strictly.repeated(value), strictly.constants)


class Strictly:
    """Reads JSON texts and takes note of what a lenient parser would forgive.

    With ``sharing``, what was met before in any of the texts is kept once: names of members, short
    texts, and small objects of nothing but texts. It must not be changed then.
    """

    def __init__(self, *, sharing: bool = False) -> None:
        self._shared: dict[str, str] = {}
        self._small: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
        self._constants: dict[str, None] = {}
        self._doubled: dict[int, tuple[dict[str, Any], list[str]]] = {}
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._shared_pairs if sharing else self._pairs,
            parse_constant=self._constant,
            parse_int=_integer,
        )
        self._scan = self._decoder.scan_once  # type: ignore[attr-defined]

    @property
    def constants(self) -> tuple[str, ...]:
        """The words that were met and JSON does not have."""
        return tuple(self._constants)

    def loads(self, text: str) -> Any:
        """Return what a text holds; raises as ``json.loads``, and ``RecursionError``."""
        return self._decoder.decode(text)

    def scan(self, text: str, place: int) -> tuple[Any, int]:
        """Return the value that begins at a place of a text, and where it ends.

        Raises:
            ValueError: none does, or not all of it is there.
        """
        try:
            found: tuple[Any, int] = self._scan(text, place)
        except StopIteration:
            raise ValueError("no value begins there") from None
        return found

    def repeated(self, value: Any) -> tuple[str, ...]:
        """Return pointers to the members of a value that was read which stand there twice."""
        return tuple(_locate(value, self._doubled)) if self._doubled else ()

    def _constant(self, word: str) -> float:
        self._constants[word] = None
        return float(word.replace("Infinity", "inf"))

    def _pairs(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(members)
        if len(result) != len(members):
            self._double(members, result)
        return result

    def _shared_pairs(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        shared = self._shared
        if len(shared) < MOST_SHARED:
            for name, value in members:
                shared.setdefault(name, name)
                if type(value) is str and len(value) <= LONGEST_SHARED:
                    shared.setdefault(value, value)
        result = {
            shared.get(name, name): shared.get(value, value) if type(value) is str else value
            for name, value in members
        }
        if len(result) != len(members):
            self._double(members, result)
        elif len(members) <= SMALL and all(type(value) is str for value in result.values()):
            return self._once(tuple(result.items()), result)
        return result

    def _once(self, members: tuple[tuple[str, str], ...], result: dict[str, Any]) -> dict[str, Any]:
        found = self._small.get(members)
        if found is None and len(self._small) < MOST_SHARED:
            self._small[members] = result
        return found or result

    def _double(self, members: list[tuple[str, Any]], result: dict[str, Any]) -> None:
        times = Counter(name for name, _ in members)
        # Kept together, since the id of an object that is gone may be given to another.
        self._doubled[id(result)] = result, [name for name in times if times[name] > 1]


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
        return BLANK_BODY
    if error.msg == "Extra data":
        return f"something follows the JSON text at character {error.pos}"
    end = len(text.rstrip(" \t\r\n"))
    if error.pos >= end or error.msg.startswith("Unterminated string"):
        return f"the JSON text is cut short at character {end}"
    return f"the body is not JSON at character {error.pos}: {error.msg.removesuffix(' at')}"


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
