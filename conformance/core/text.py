"""Text for people: bounded in length, safe to print, wrapped to the width of the terminal."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

LONGEST = 80
MANY = 6
CONFIDENTIAL = "configuration"
_COMMAND = re.compile(r"##(?=\w*\[)")
"""What CI servers take for the beginning of a command wherever it stands in a line."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def visible(text: str) -> str:
    """Escape every character that does not print: controls, bidirectional marks, surrogates.

    The result is printable text in one line that is safe on a terminal and encodes as UTF-8. It
    holds no command such as ``##vso[…]``, which CI servers would carry out.
    """
    shown = "".join(
        character if character.isprintable() else _escaped(character) for character in text
    )
    return _COMMAND.sub(r"#\\u0023", shown)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def clipped(text: str, longest: int = LONGEST) -> str:
    """Cut a text that is longer than ``longest`` characters and say so by an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def shown(value: Any) -> str:
    """Show a JSON value in one line: scalars by value, containers by their structure only."""
    if isinstance(value, str):
        return f'"{visible(clipped(value))}"'
    if isinstance(value, Mapping | list):
        return outlined(value)
    return clipped(json.dumps(value, default=str))


def outlined(value: Any) -> str:
    """Describe a JSON value without any of its content: type, length, names of members."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return f"string of {counted(len(value), 'character')}"
        case Mapping():
            if not value:
                return "empty object"
            return f"object with {listed([visible(clipped(str(key), 40)) for key in value])}"
        case list():
            if not value:
                return "empty array"
            kinds = sorted({type_name(element) for element in value[:100]})
            return f"array of {len(value)} ({' or '.join(kinds)})"
        case _:
            return type_name(value)


def type_name(value: Any) -> str:
    """Return the JSON type of a decoded value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case Mapping():
            return "object"
        case _:
            return "array"


def shown_at(pointer: str, value: Any) -> str:
    """Show a value found at a JSON pointer: in outline if it lies under a ``configuration``."""
    if CONFIDENTIAL in pointer.split("/"):
        return outlined(value)
    return shown(value)


def described_at(pointer: str, value: Any) -> str:
    """Show a value found at a JSON pointer, with its type where that is not plain to see."""
    kind, text = type_name(value), shown_at(pointer, value)
    return (
        text if text.startswith(kind) or isinstance(value, list | Mapping) else f"the {kind} {text}"
    )


def listed(items: Sequence[str], most: int = MANY) -> str:
    """Join items by commas; beyond ``most`` only their number is given."""
    head = ", ".join(items[:most])
    return head if len(items) <= most else f"{head} and {len(items) - most} more"


def counted(number: int, noun: str) -> str:
    """Give a number with its noun, which takes an s in the plural."""
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"


def pointer(*parts: str | int) -> str:
    """Join the parts of a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def sentence(clause: str) -> str:
    """Make a clause a sentence: an end, and a capital unless it begins with an address or file."""
    first = clause.partition(" ")[0].rstrip(":,")
    capital = clause[:1] if set("./\\_") & set(first) else clause[:1].upper()
    text = f"{capital}{clause[1:].rstrip('.')}"
    return text if text.endswith(("?", "!", "…")) else f"{text}."


def words_of(name: str) -> list[str]:
    """Return the words and numbers of a name in camelCase, snake_case or alike, in lower case."""
    return [word.lower() for word in _WORDS.findall(name)]


WIDTH = 100
"""Characters of a line, at the most, and wherever nothing is known of who reads it."""
NARROWEST = 20
LEAST_BESIDE = 30
"""Characters that are left beside a head; where fewer are, the text begins under it."""
UNDER = " " * 4


def width_of(stream: TextIO) -> int:
    """Return how many characters a line of a stream may have: what its terminal has room for."""
    if not stream.isatty():
        return WIDTH
    return max(NARROWEST, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))


def hanging(head: str, text: str, width: int) -> str:
    """Return a text beside its head, or under it where there is little room; the head stays whole.

    Args:
        head: with the blanks that part it from the text.
        text: of any length.
        width: of a line.
    """
    indent, lines = " " * len(head), []
    if width - len(head) < LEAST_BESIDE:
        lines = [head.rstrip()] if head.strip() else []
        head = indent = UNDER
    lines += textwrap.wrap(
        text, width, initial_indent=head, subsequent_indent=indent, break_on_hyphens=False
    )
    return "\n".join(lines)
