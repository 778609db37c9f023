"""Read JSON strictly: report what a lenient parser tolerates, such as repeated fields and NaN."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from conformance.core.text import pointer

LONGEST_INTEGER = 4000
"""Most digits of an integer; longer ones become floats, since Python refuses to convert them."""

DEEPEST = 500
"""Most levels of nesting, well below Python's recursion limit."""

NO_BODY = "the body is empty"
BLANK_BODY = "the body holds nothing but blanks"
TOO_DEEP = "the JSON is nested too deeply to be read"

MOST_VALUES = 5_000_000
"""Most values of a body that is decoded.

Two bytes on the wire take about a hundred in memory, so a small body could exhaust the memory. A
list of a hundred thousand providers has fewer values.
"""
TOO_MANY_VALUES = f"the JSON holds more than {MOST_VALUES:,} values, too many to be read"


MOST_SHARED = 10_000
"""Most strings, and most objects, that ``StrictDecoder`` shares; usually the first ones recur."""
LONGEST_SHARED = 60
"""Most characters of a shared string."""
SMALL = 4
"""Most fields of a shared object."""


@dataclass(frozen=True)
class Decoded:
    """The result of decoding a body.

    ``value`` is the decoded JSON, or ``None`` if there is an ``error`` (a clause). ``repeated`` are
    JSON pointers to fields that occur more than once in their object; ``value`` has the last
    occurrence. ``constants`` are the words NaN, Infinity and -Infinity, which are not JSON.
    """

    value: Any = None
    error: str | None = None
    repeated: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()

    @property
    def exceeds_limits(self) -> bool:
        """Whether the body was not decoded because of its size or depth; it may be well-formed."""
        return self.error in (TOO_DEEP, TOO_MANY_VALUES)

    @cached_property
    def objects(self) -> tuple[dict[str, Any], ...]:
        """The elements that are objects; empty if the value is not an array."""
        if not isinstance(self.value, list):
            return ()
        return tuple(element for element in self.value if isinstance(element, dict))


@lru_cache(maxsize=64)
def decode(body: bytes) -> Decoded:
    """Decode a body as one JSON text in UTF-8 (RFC 8259); never raises.

    Equal bodies get the same object as long as the cache holds it.
    """
    if not body:
        return Decoded(error=NO_BODY)
    # Characters within strings count, too: this is a limit, the exact number does not matter.
    if len(body) > MOST_VALUES and sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        return Decoded(error=TOO_MANY_VALUES)
    return parse_bytes(body)


def parse_bytes(body: bytes) -> Decoded:
    """Decode bytes of any size as one JSON text in UTF-8 (RFC 8259); never raises."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return Decoded(error=f"byte {error.start} is not UTF-8")
    if text.startswith("\ufeff"):
        return Decoded(error="the body begins with a byte order mark")
    return parse(text)


def parse(text: str) -> Decoded:
    """Decode a string as one JSON text, strictly; never raises."""
    decoder = StrictDecoder()
    try:
        value = decoder.loads(text)
    except json.JSONDecodeError as error:
        return Decoded(error=_explain(error, text))
    except RecursionError:
        return Decoded(error=TOO_DEEP)
    if text.count("[") + text.count("{") > DEEPEST and _is_deeper(value, DEEPEST):
        return Decoded(error=TOO_DEEP, constants=decoder.constants)
    return Decoded(value, None, decoder.repeated(value), decoder.constants)


class StrictDecoder:
    """Decodes JSON texts and records repeated fields and words that JSON does not have.

    With ``sharing``, equal field names, equal short strings and equal small objects that hold only
    strings become the same Python object in all texts; the decoded values must not be changed.
    """

    def __init__(self, *, sharing: bool = False) -> None:
        self._shared: dict[str, str] = {}
        self._small: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
        self._constants: dict[str, None] = {}
        self._repeated: dict[int, tuple[dict[str, Any], list[str]]] = {}
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._shared_object if sharing else self._object,
            parse_constant=self._record_constant,
            parse_int=_parse_integer,
        )
        self._scan = self._decoder.scan_once  # type: ignore[attr-defined]

    @property
    def constants(self) -> tuple[str, ...]:
        """The words NaN, Infinity and -Infinity, if any text contained them."""
        return tuple(self._constants)

    def loads(self, text: str) -> Any:
        """Return the value of a JSON text.

        Raises:
            json.JSONDecodeError: the text is not JSON.
            RecursionError: it is nested too deeply.
        """
        return self._decoder.decode(text)

    def scan(self, text: str, place: int) -> tuple[Any, int]:
        """Return the value that starts at an index of a text, and the index after it.

        Raises:
            ValueError: no value starts there, or it is incomplete.
        """
        try:
            found: tuple[Any, int] = self._scan(text, place)
        except StopIteration:
            raise ValueError("no value starts there") from None
        return found

    def repeated(self, value: Any) -> tuple[str, ...]:
        """Return JSON pointers to the repeated fields in a value that this decoder returned."""
        return tuple(_locate(value, self._repeated)) if self._repeated else ()

    def _record_constant(self, word: str) -> float:
        self._constants[word] = None
        return float(word.replace("Infinity", "inf"))

    def _object(self, fields: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(fields)
        if len(result) != len(fields):
            self._record_repeated(fields, result)
        return result

    def _shared_object(self, fields: list[tuple[str, Any]]) -> dict[str, Any]:
        shared = self._shared
        if len(shared) < MOST_SHARED:
            for name, value in fields:
                shared.setdefault(name, name)
                if type(value) is str and len(value) <= LONGEST_SHARED:
                    shared.setdefault(value, value)
        result = {
            shared.get(name, name): shared.get(value, value) if type(value) is str else value
            for name, value in fields
        }
        if len(result) != len(fields):
            self._record_repeated(fields, result)
        elif len(fields) <= SMALL and all(type(value) is str for value in result.values()):
            return self._shared_small(tuple(result.items()), result)
        return result

    def _shared_small(
        self, fields: tuple[tuple[str, str], ...], result: dict[str, Any]
    ) -> dict[str, Any]:
        found = self._small.get(fields)
        if found is None and len(self._small) < MOST_SHARED:
            self._small[fields] = result
        return found or result

    def _record_repeated(self, fields: list[tuple[str, Any]], result: dict[str, Any]) -> None:
        times = Counter(name for name, _ in fields)
        # The object is kept, since another object could get the id of one that is gone.
        self._repeated[id(result)] = result, [name for name in times if times[name] > 1]


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


def _parse_integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_INTEGER else float(digits)


def _explain(error: json.JSONDecodeError, text: str) -> str:
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
