"""Read JSON strictly: report what a lenient parser tolerates, such as repeated fields and NaN."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b, sha256
from itertools import islice
from sys import intern
from typing import Any

from conformance.core.json_place import ROOT, Place

LONGEST_INTEGER = 4000
"""Most digits of an integer; longer ones become floats, since Python refuses to convert them."""

DEEPEST = 500
"""Most levels of nesting, well below Python's recursion limit."""

LONGEST_NAME = 1000
"""Most characters of the name of a field that are kept.

Of a longer one, which no person wrote, the beginning stands for the whole, with a digest that tells
it from others.
"""

MOST_REPEATED = 10_000
"""Most repeated fields of a body whose places are kept."""

NO_BODY = "the body is empty"
BLANK_BODY = "the body holds nothing but blanks"
TOO_DEEP = "the JSON is nested too deeply to be read"

MOST_VALUES = 5_000_000
"""Most values of a body that is decoded.

Two bytes on the wire take about a hundred in memory, so a small body could exhaust the memory. A
list of a hundred thousand providers has fewer values.
"""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
MOST_KEPT_VALUES = 6_000_000
"""Most values that a run keeps of all its responses, equal elements counted once."""
MOST_KEPT_BYTES = 128 << 20
"""Most bytes of decoded JSON that a run keeps of all its responses, equal elements counted once."""
TOO_MANY_VALUES = f"the JSON holds more than {MOST_VALUES:,} values, too many to be read"
TOO_MANY_KEPT = (
    f"together with other responses, the JSON holds more than {MOST_KEPT_VALUES:,} values or "
    f"{MOST_KEPT_BYTES >> 20:,} MiB, too much to be kept"
)


class Element(dict[str, Any]):
    """An object in the array of a body, such as a provider; it must not be changed.

    ``repeated`` are JSON pointers, within the object, to fields that occur more than once.
    """

    __slots__ = ("_canonical", "_memo", "repeated")

    def __init__(self, value: Mapping[str, Any], repeated: tuple[str, ...] = ()) -> None:
        super().__init__(value)
        self.repeated = repeated
        self._canonical = b""
        self._memo: dict[Hashable, object] | None = None

    @property
    def memo(self) -> dict[Hashable, object]:
        """What was derived from the object."""
        if self._memo is None:
            self._memo = {}
        return self._memo

    @property
    def canonical(self) -> bytes:
        """A digest that equal objects share, whatever the order of their fields.

        As in JSON, and unlike in Python, true differs from 1.
        """
        if not self._canonical:
            self._canonical = blake2b(_WRITE(self).encode(), digest_size=16).digest()
        return self._canonical


_WRITE = json.JSONEncoder(sort_keys=True).encode


@dataclass(frozen=True)
class Decoded:
    """The result of decoding a body.

    ``value`` is the decoded JSON, or ``None`` if there is an ``error`` (a clause). Objects in an
    array are each an ``Element``. ``repeated`` are JSON pointers to fields that occur more than
    once in their object; ``value`` has the last occurrence. ``constants`` are the words NaN,
    Infinity and -Infinity, which are not JSON. ``digest`` identifies the body, if there is one.
    If names of fields are too long to be kept, it is ``shortened``: see ``LONGEST_NAME``.
    ``memo`` holds what ``core.memo`` derived from the value.
    """

    value: Any = None
    error: str | None = None
    repeated: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    digest: bytes = field(default=b"", repr=False, compare=False)
    shortened: bool = False
    memo: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def exceeds_limits(self) -> bool:
        """Whether the body was not decoded because of its size or depth; it may be well-formed."""
        return self.error in (TOO_DEEP, TOO_MANY_VALUES, TOO_MANY_KEPT)

    @cached_property
    def objects(self) -> tuple[Element, ...]:
        """The elements that are objects; empty if the value is not an array."""
        if not isinstance(self.value, list):
            return ()
        return tuple(element for element in self.value if isinstance(element, Element))


def digest_of(body: bytes) -> bytes:
    """Return the SHA-256 digest of a body."""
    return sha256(body).digest()


def decode(body: bytes, digest: bytes = b"") -> Decoded:
    """Decode a body as one JSON text in UTF-8 (RFC 8259); never raises.

    ``digest`` is the result of ``digest_of`` for the body, if already known.
    """
    digest = digest or digest_of(body)
    if not body:
        return Decoded(error=NO_BODY, digest=digest)
    if has_too_many_values(body):
        return Decoded(error=TOO_MANY_VALUES, digest=digest)
    return replace(parse_bytes(body), digest=digest)


def has_too_many_values(body: bytes) -> bool:
    """Whether a body may hold more than ``MOST_VALUES`` values.

    Characters within strings count, too: this is a limit, the exact number does not matter.
    """
    return len(body) > MOST_VALUES and most_values(body) > MOST_VALUES


def has_more_values(text: bytes, most: int) -> bool:
    """Whether a JSON text has more than ``most`` values, each of which may be empty.

    Nothing is decoded, so the answer takes no memory. What looks like a value within a string does
    not count.
    """
    return most_values(text) > most and most_values(_STRING.sub(b"", text)) > most


def most_values(text: bytes) -> int:
    """Return an upper bound for the number of values in a JSON text, without counting it."""
    return sum(map(text.count, (b",", b"[", b"{")))


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
    if is_deeper(text, value, DEEPEST):
        return Decoded(error=TOO_DEEP, constants=decoder.constants)
    repeated = decoder.repeated(value)
    if isinstance(value, list):
        value = [Element(each) if isinstance(each, dict) else each for each in value]
    return Decoded(value, None, repeated, decoder.constants, shortened=decoder.shortened)


class _Repeating(dict[str, Any]):
    """An object in which ``names`` occur more than once."""

    __slots__ = ("names",)
    names: tuple[str, ...]


class StrictDecoder:
    """Decodes JSON texts and records repeated fields and words that JSON does not have."""

    def __init__(self) -> None:
        self._constants: dict[str, None] = {}
        self._any_repeated = False
        self.shortened = False
        """Whether the name of a field was too long to be kept: see ``LONGEST_NAME``."""
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_constant=self._record_constant,
            parse_int=_parse_integer,
        )

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

    def repeated(self, value: Any) -> tuple[str, ...]:
        """Return JSON pointers to the repeated fields in a value that this decoder returned.

        At most ``MOST_REPEATED`` are returned.
        """
        found = _repeated_in(value) if self._any_repeated else iter(())
        return tuple(islice(found, MOST_REPEATED))

    def _record_constant(self, word: str) -> float:
        self._constants[word] = None
        return float(word.replace("Infinity", "inf"))

    def _object(self, fields: list[tuple[str, Any]]) -> dict[str, Any]:
        if fields and max(len(name) for name, _ in fields) > LONGEST_NAME:
            fields = [(_bounded(name), value) for name, value in fields]
            self.shortened = True
        # The names of fields recur in every element; storing each once saves half of the memory.
        result = {intern(name): value for name, value in fields}
        if len(result) == len(fields):
            return result
        self._any_repeated = True
        times = Counter(name for name, _ in fields)
        repeating = _Repeating(result)
        repeating.names = tuple(name for name in times if times[name] > 1)
        return repeating


def _bounded(name: str) -> str:
    """Return a name, or of one that is too long its beginning, its length and a digest."""
    if len(name) <= LONGEST_NAME:
        return name
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{name[:LONGEST_NAME]}… ({len(name):,} characters, {digest})"


def is_deeper(text: str, value: Any, levels: int) -> bool:
    """Whether the value of a JSON text has more levels of nesting."""
    if text.count("[") + text.count("{") <= levels:
        return False
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
    if error.msg.startswith("Illegal trailing comma"):
        # From Python 3.13. A baseline of one version has to fit the runs of another.
        name = "Expecting property name enclosed in double quotes"
        what = "Expecting value" if "array" in error.msg else name
        after = len(text) - len(text[error.pos + 1 :].lstrip(" \t\r\n"))
        error = json.JSONDecodeError(what, text, after)
    end = len(text.rstrip(" \t\r\n"))
    if error.pos >= end or error.msg.startswith("Unterminated string"):
        return f"the JSON text is cut short at character {end}"
    return f"the body is not JSON at character {error.pos}: {error.msg.removesuffix(' at')}"


def _repeated_in(value: Any) -> Iterator[str]:
    stack: list[tuple[Place, Any]] = [(ROOT, value)]
    while stack:
        place, node = stack.pop()
        if isinstance(node, dict):
            if isinstance(node, _Repeating):
                for name in node.names:
                    yield str(place / name)
            stack.extend((place / name, child) for name, child in node.items())
        elif isinstance(node, list):
            stack.extend((place / index, child) for index, child in enumerate(node))
