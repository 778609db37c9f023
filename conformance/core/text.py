"""Format text and values for people: safe to print, limited in length, wrapped to a width."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import NoneType
from typing import Any, TextIO

LONGEST = 80
"""Characters to which a text is cut unless stated otherwise."""
MANY = 6
"""Items that a list shows unless stated otherwise."""
CONFIDENTIAL = "configuration"
"""Name of the field whose content is never shown."""
_COMMAND = re.compile(r"##(?=\w*\[)")
"""Start of a command such as ``##vso[…]``, which CI servers execute anywhere in a line."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_TYPES: tuple[tuple[type, str], ...] = (
    (NoneType, "null"),
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (Mapping, "object"),
)
"""Names of JSON types; a boolean is an integer for Python, so it comes first."""


def visible(text: str) -> str:
    """Escape all unprintable characters: control characters, bidirectional marks, surrogates.

    The result is one line of printable text that is safe on a terminal and can be encoded as UTF-8.
    It contains no command such as ``##vso[…]``, which a CI server would execute.
    """
    printable = text
    if not text.isprintable():
        printable = "".join(one if one.isprintable() else _escaped(one) for one in text)
    return _COMMAND.sub(r"#\\u0023", printable)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def clipped(text: str, longest: int = LONGEST) -> str:
    """Cut a text to at most ``longest`` characters; a cut text ends with an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def format_value(value: Any) -> str:
    """Format a JSON value in one line: scalars by value, arrays and objects by structure only."""
    if isinstance(value, str):
        return f'"{visible(clipped(value))}"'
    if isinstance(value, Mapping | list):
        return outlined(value)
    return clipped(json.dumps(value, default=str))


def outlined(value: Any) -> str:
    """Describe a JSON value without its content: its type, its length, the names of its fields."""
    if isinstance(value, str):
        return f"string of {counted(len(value), 'character')}"
    kind = type_name(value)
    if kind in ("object", "array") and not value:
        return f"empty {kind}"
    if kind == "object":
        return f"object with {listed([visible(clipped(str(key), 40)) for key in value])}"
    if kind == "array":
        kinds = sorted({type_name(element) for element in value[:100]})
        return f"array of {len(value)} ({' or '.join(kinds)})"
    return "number" if kind == "integer" else kind


def type_name(value: Any) -> str:
    """Return the JSON type of a decoded value."""
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "array")


def format_value_at(pointer: str, value: Any) -> str:
    """Format a value found at a JSON pointer; under ``configuration`` without its content."""
    return outlined(value) if CONFIDENTIAL in pointer.split("/") else format_value(value)


def format_typed_value_at(pointer: str, value: Any) -> str:
    """Format a value like ``format_value_at``, with its type unless the text already names it."""
    kind, text = type_name(value), format_value_at(pointer, value)
    named = text.startswith(kind) or isinstance(value, list | Mapping)
    return text if named else f"the {kind} {text}"


def listed(items: Sequence[str], most: int = MANY) -> str:
    """Join items with commas; after the first ``most``, state only the number of the others."""
    head = ", ".join(items[:most])
    return head if len(items) <= most else f"{head} and {len(items) - most} more"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as ``1 provider`` or ``2,000 providers``."""
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"


def timestamp(moment: datetime) -> str:
    """Return a moment as in the files of the suite: in UTC, to the second (RFC 3339)."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def pointer(*parts: str | int) -> str:
    """Return the JSON pointer (RFC 6901) that consists of these unescaped parts."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def sentence(clause: str) -> str:
    """Turn a clause into a sentence: add a full stop and capitalise the first letter.

    The letter stays if the clause starts with a URL or a file name.
    """
    first = clause.partition(" ")[0].rstrip(":,")
    capital = clause[:1] if set("./\\_") & set(first) else clause[:1].upper()
    text = f"{capital}{clause[1:].rstrip('.')}"
    return text if text.endswith(("?", "!", "…")) else f"{text}."


def words_of(name: str) -> list[str]:
    """Split a name in camelCase, snake_case or similar into words and numbers, in lower case."""
    return [word.lower() for word in _WORDS.findall(name)]


WIDTH = 100
"""Most characters of a line; also the width if the output is not a terminal."""


def width_of(stream: TextIO) -> int:
    """Return the line width for a stream: that of its terminal, but 20 to 100 characters."""
    if not stream.isatty():
        return WIDTH
    return max(20, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))


def hanging(head: str, text: str, width: int) -> str:
    """Wrap a text beside its head, or indented below it if less than 30 characters are left.

    The head, a label with its trailing blanks, is never wrapped.
    """
    indent, lines = " " * len(head), []
    if width - len(head) < 30:
        lines = [head.rstrip()] if head.strip() else []
        head = indent = " " * 4
    lines += textwrap.wrap(
        text, width, initial_indent=head, subsequent_indent=indent, break_on_hyphens=False
    )
    return "\n".join(lines)
