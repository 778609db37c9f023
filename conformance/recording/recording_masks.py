"""Masking what is no JSON, so that the same is wrong with it at the same place."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASKED = {2: "é", 3: "\uff58", 4: "\U0001d431"}
"""Letters that stand for others outside of ASCII, by the bytes that they take in UTF-8."""
_UNIT = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_PIECE = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|-?[0-9][0-9.eE+-]*|\w+", re.DOTALL)
JSON_WORDS = frozenset({"true", "false", "null", "NaN", "Infinity"})


def masked_word(word: str) -> str:
    """Mask a string, number or word without moving what follows, or changing what is wrong."""
    if word in JSON_WORDS:
        return word
    if word[0] == '"':
        return "".join(_masked_unit(match[0]) for match in _UNIT.finditer(word))
    if word[0] in "-0123456789":
        # Zeros in front are wrong; other digits are not.
        zero = word.lstrip("-")[:1] == "0"
        masked = re.sub("[0-9]", "1", word)
        return masked.replace("1", "0", 1) if zero else masked
    return "".join(map(_mask, word))


def _masked_unit(unit: str) -> str:
    """Mask a character of a string, which may be escaped."""
    if len(unit) > 2:
        return r"\u0078"
    return unit if len(unit) == 2 else _mask(unit)


def _mask(letter: str) -> str:
    """Return what stands for a character: as many bytes, and a letter for a letter."""
    if not letter.isalnum():
        return letter
    if letter.isascii():
        return "0" if letter.isdigit() else "x"
    return MASKED[len(letter.encode("utf-8"))]


def masked(text: str, begin: int, end: int, kept: Iterable[tuple[int, int]]) -> str:
    """Mask a part of a text but for these spans of it."""
    if begin >= end:
        return text
    hidden = _PIECE.sub(_masked_piece, text[begin:end])
    return restored(text[:begin] + hidden + text[end:], text, kept)


def restored(hidden: str, text: str, kept: Iterable[tuple[int, int]]) -> str:
    """Return a masked text in which these spans are as they were in the text."""
    parts = []
    last = 0
    for begin, end in sorted(kept):
        parts += [hidden[last:begin], text[max(begin, last) : end]]
        last = max(last, end)
    return "".join([*parts, hidden[last:]])


def _masked_piece(match: re.Match[str]) -> str:
    return _masked_unit(match[0]) if match[0][0] == "\\" else masked_word(match[0])
