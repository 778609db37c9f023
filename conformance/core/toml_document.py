"""Read TOML documents of users within limits, so that none takes long or breaks the suite."""

from __future__ import annotations

import re
from typing import Any

DEEPEST = 100
"""Most levels of nesting of a document."""
MOST_PARTS = 32
"""Most parts of a dotted key; ``tomllib`` takes quadratic time for them."""
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_DOTTED = re.compile(rf"(?<![\w-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MOST_PARTS}}}")
_INTEGERS = range(-(2**63), 2**63)
"""The integers of TOML 1.0.0: those of 64 bits."""


class NotToml(ValueError):
    """A text is not a TOML document that can be read; the text is a clause."""


def read_toml(text: str) -> dict[str, Any]:
    """Parse a TOML document.

    Raises:
        NotToml: the text is not TOML, a key has too many parts, the document is nested too deeply,
            or an integer has more than 64 bits.
    """
    # Imported here because most runs have no such file.
    import tomllib

    if found := _DOTTED.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise NotToml(f"a key has more than {MOST_PARTS} parts (at line {line})")
    try:
        document = tomllib.loads(text)
    except RecursionError as error:
        raise NotToml(f"more than {DEEPEST} levels of nesting") from error
    except tomllib.TOMLDecodeError as error:
        raise NotToml(str(error)) from error
    except ValueError as error:
        # The rest are numbers that Python refuses to convert, and dates that do not exist.
        raise NotToml("a number or a date is out of range") from error
    _check(document)
    return document


def _check(document: dict[str, Any]) -> None:
    row: list[Any] = [document]
    for _ in range(DEEPEST):
        children = [
            child for node in row for child in (node.values() if isinstance(node, dict) else node)
        ]
        if any(isinstance(one, int) and one not in _INTEGERS for one in children):
            raise NotToml("an integer has more than 64 bits")
        row = [child for child in children if isinstance(child, dict | list)]
    if row:
        raise NotToml(f"more than {DEEPEST} levels of nesting")
