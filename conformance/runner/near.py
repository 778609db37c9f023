"""Values near the supported categories, that a loose comparison would let through."""

from __future__ import annotations

import re
import unicodedata

from conformance.contract.oracle import folded
from conformance.runner.words import Words

ANYTHING = ("NOT_A_CATEGORY", "ALL", "null", "None", "0", "constructor")
"""Words that servers take for any value or for none, and one that objects of JavaScript have."""
ACCENT = "\u0301"


def unsupported(words: Words) -> tuple[str, ...]:
    """Return values that are no category.

    Words that many servers treat as "any", prefixes, suffixes and shared parts, wildcards of SQL,
    shells and regular expressions, lists, numbers, other spellings and encodings, a quote that ends
    a condition, and what other members of a provider hold.
    """
    first, second = words.near
    head, _, tail = first.partition("_")
    if not tail:
        head, tail = first[:-1], first[1:]
    shortest = words.shortest
    values = (
        *ANYTHING,
        str(words.ordinal),
        head,
        tail,
        f"{first}S",
        f"X{first}",
        f"{first},{second}",
        f"{first}|{second}",
        f"{first}&x=1",
        "*",
        "%",
        f"{head}%",
        ".*",
        f"{shortest[0]}_{shortest[2:]}",
        f"{shortest[0]}.{shortest[2:]}",
        first.replace("_", "-"),
        f'"{shortest}"',
        _accented(shortest),
        _encoded_twice(first),
        f"{first}' OR '1'='1",
        words.type,
        words.name,
    )
    real = {folded(value) for value in words.supported}
    return tuple(dict.fromkeys(value for value in values if value and folded(value) not in real))


def _accented(word: str) -> str:
    """Return a word with an accent on its first vowel: many databases see no difference."""

    def accented(vowel: re.Match[str]) -> str:
        return unicodedata.normalize("NFC", vowel[0] + ACCENT)

    return re.sub("[AEIOUaeiou]", accented, word, count=1)


def _encoded_twice(word: str) -> str:
    """Return a word whose first letter is still encoded when the query has been decoded."""
    return f"%{ord(word[0]):02X}{word[1:]}"
