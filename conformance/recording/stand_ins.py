"""Stand-ins for secret values in recordings; they have only type and length in common with them.

Within one recording, equal values have equal stand-ins and different values different ones, so
comparisons have the same result. Stand-ins are derived with a key that is discarded with the
recorder, so no short value can be found by trying all of them. Invalid JSON is masked in place,
so that it stays invalid in the same way at the same position.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
from collections.abc import Iterable
from functools import lru_cache

from conformance.checks.detectors.secret_values import in_clear, secret_within
from conformance.core.json_walk import unpacked

LETTERS = "abcdefghijklmnopqrstuvwyz"
"""All but x, which masks use."""
ACCENTED = "àáâãäåæçèéêëìíîïñòóôõöøùúûüý"
MASKS = "*xX.-_#?"
DOTS = "•●·"
"""Characters of masks, in ASCII and outside; see ``secret_values``."""
FORMS = {
    "a password in its text": ("pwd=", ""),
    "a password in an address": ("a://b:", "@c"),
    "a credential for authorisation": ("Bearer 1", ""),
    "a credential by its form": ("xoxb-", ""),
}
"""Beginnings and ends of stand-ins for texts with a secret, by what ``secret_within`` says."""
LONG = 16
"""Characters above which two stand-ins are never equal by chance."""
ATTEMPTS = 200
MOST_REMEMBERED = 1 << 16
WORD = re.compile(r"[^\W_]+")
_REFERENCE = re.compile(r"[$#%]\{.*\}", re.DOTALL)
LARGEST_EXACT = 2**53


class StandIns:
    """Makes the stand-ins of one recording; ``key`` is random by default."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)
        self._short: dict[str, str] = {}
        self._taken: set[str] = set()
        self._numbers: dict[int, int] = {}
        self._taken_numbers: set[int] = set()
        # Most responses contain the same values.
        self._long = lru_cache(maxsize=MOST_REMEMBERED)(self._chosen)
        self._negated = bool(self._digest("boolean", 0)[0] & 1)

    def text(self, value: str) -> str:
        """Return a text of the same length: clear text for clear text, a mask for a mask.

        A mask of stars and a blank text are returned unchanged.
        """
        if not value.strip() or set(value) <= {"*"}:
            return value
        if len(value) > LONG:
            return self._long(value)
        if value not in self._short:
            self._short[value] = self._chosen(value)
            self._taken.add(self._short[value])
        return self._short[value]

    def shaped(
        self, value: str, kept: Iterable[str] = (), places: Iterable[tuple[int, int]] = ()
    ) -> str:
        """Return a text with other letters and digits, except for some parts.

        Args:
            value: the text.
            kept: words that stay as they are.
            places: beginnings and ends of other parts that stay as they are.
        """
        hidden = WORD.sub(lambda match: self._spelled(match[0], 0, LETTERS), value)
        return restored(hidden, value, [*_spans(value, kept), *places])

    def boolean(self, value: bool) -> bool:
        """Return the value or its opposite; the key decides which for the whole recording."""
        return value is not self._negated

    def integer(self, value: int) -> int:
        """Return a number with as many digits and the same sign; zero stays zero."""
        if value < 0:
            return -self.integer(-value)
        if value == 0:
            return 0
        if value in self._numbers:
            return self._numbers[value]
        digits = len(str(value))
        least, most = 10 ** (digits - 1), 10**digits - 1
        found = value
        for attempt in range(ATTEMPTS):
            found = least + int.from_bytes(self._digest(str(value), attempt)) % (most - least + 1)
            if found not in self._taken_numbers:
                break
        else:
            found = next(
                (one for one in range(least, most + 1) if one not in self._taken_numbers), least
            )
        if digits <= LONG:
            self._numbers[value] = found
            self._taken_numbers.add(found)
        return found

    def number(self, value: float) -> float:
        """Return a number that is whole if the value is; NaN and infinity stay unchanged."""
        if not math.isfinite(value):
            return value
        if value.is_integer() and abs(value) < LARGEST_EXACT:
            whole = float(self.integer(int(value)))
            return whole if abs(whole) < LARGEST_EXACT else math.copysign(LARGEST_EXACT, value)
        fraction = int.from_bytes(self._digest(repr(abs(value)), 0)[:6]) | 1
        return math.copysign(fraction / 2**48 + 0.0, value)

    def numeral(self, word: str) -> str:
        """Return a number written in JSON with other digits and the same length."""
        mantissa, mark, exponent = re.fullmatch(r"([^eE]*)([eE]?)(.*)", word).groups()  # type: ignore[union-attr]
        stream = iter(self._digest(word, 0, len(word)))
        first = re.search(r"\d", mantissa)

        def digit(match: re.Match[str]) -> str:
            if first is not None and match.start() == first.start():
                # A leading zero stays one, and no other becomes one.
                return "0" if match[0] == "0" else str(next(stream) % 9 + 1)
            return str(next(stream) % 10)

        return re.sub(r"\d", digit, mantissa) + mark + exponent

    def _chosen(self, value: str) -> str:
        fallback = value[:0]
        for candidate in self._candidates(value):
            fallback = fallback or candidate
            if _alike(candidate, value) and candidate not in self._taken:
                return candidate
        # All texts of this length are in use, so two values share one.
        return fallback

    def _candidates(self, value: str) -> Iterable[str]:
        clear = in_clear(value)
        before, after = FORMS.get(secret_within(value) or "", ("", ""))
        for attempt in range(ATTEMPTS):
            if before and value.isascii() and len(value) > len(before + after):
                inner = value[len(before) : len(value) - len(after)]
                yield f"{before}{self._spelled(inner, attempt, LETTERS, whole=value)}{after}"
            elif clear:
                yield self._spelled(value, attempt, LETTERS)
            elif _REFERENCE.fullmatch(value) and len(value) > 3:
                inner = self._spelled(value[2:-1], attempt, LETTERS)
                yield f"{value[:2]}{inner}{value[-1]}"
            elif ":" in value[1:-1] and len(value) > 5:
                yield f"ref:{self._spelled(value[4:], attempt, LETTERS, whole=value)}"
            else:
                yield self._spelled(value, attempt, MASKS if len(value) > 1 else LETTERS)
        # Text of one repeated character counts as a mask, too.
        yield from (letter * len(value) for letter in (LETTERS if value.isascii() else ACCENTED))

    def _spelled(self, value: str, attempt: int, alphabet: str, whole: str = "") -> str:
        """Spell the digest of a text in an alphabet; characters outside ASCII stay outside it."""
        stream = self._digest(whole or value, attempt, len(value))
        beyond = DOTS if alphabet is MASKS else ACCENTED
        return "".join(
            alphabet[byte % len(alphabet)] if ord(letter) < 128 else beyond[byte % len(beyond)]
            for byte, letter in zip(stream, value, strict=True)
        )

    def _digest(self, text: str, attempt: int, length: int = 32) -> bytes:
        data = f"{attempt} {text}".encode("utf-8", "surrogatepass")
        seed = hmac.digest(self._key, data, "sha256")
        return hashlib.shake_256(seed).digest(length)


def _alike(candidate: str, value: str) -> bool:
    # A text that is not JSON must not become JSON.
    return (
        in_clear(candidate) == in_clear(value)
        and secret_within(candidate) == secret_within(value)
        and isinstance(unpacked(candidate), str)
    )


def _spans(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    found = []
    for word in words:
        if word in text:
            pattern = rf"(?<!\w){re.escape(word)}(?!\w)"
            found += [match.span() for match in re.finditer(pattern, text)]
    return found


MASKED = {2: "é", 3: "\uff58", 4: "\U0001d431"}
"""Replacements for letters outside ASCII, by their length in UTF-8."""
_UNIT = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_PIECE = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|-?[0-9][0-9.eE+-]*|\w+", re.DOTALL)
JSON_WORDS = frozenset({"true", "false", "null", "NaN", "Infinity"})


def masked_word(word: str) -> str:
    """Mask a string, number or word; its length and whether it is valid JSON stay the same."""
    if word in JSON_WORDS:
        return word
    if word[0] == '"':
        return "".join(_masked_unit(match[0]) for match in _UNIT.finditer(word))
    if word[0] in "-0123456789":
        # A leading zero makes a number invalid; other digits do not matter.
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
    """Return the mask of a character, which has as many bytes; only letters and digits change."""
    if not letter.isalnum():
        return letter
    if letter.isascii():
        return "0" if letter.isdigit() else "x"
    return MASKED[len(letter.encode("utf-8"))]


def masked(text: str, begin: int, end: int, kept: Iterable[tuple[int, int]]) -> str:
    """Mask a part of a text, except for some spans of the text."""
    if begin >= end:
        return text
    hidden = _PIECE.sub(_masked_piece, text[begin:end])
    return restored(text[:begin] + hidden + text[end:], text, kept)


def restored(hidden: str, text: str, kept: Iterable[tuple[int, int]]) -> str:
    """Return a masked text with some spans restored from the original text."""
    parts = []
    last = 0
    for begin, end in sorted(kept):
        parts += [hidden[last:begin], text[max(begin, last) : end]]
        last = max(last, end)
    return "".join([*parts, hidden[last:]])


def _masked_piece(match: re.Match[str]) -> str:
    return _masked_unit(match[0]) if match[0][0] == "\\" else masked_word(match[0])
