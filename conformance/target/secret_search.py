"""Finding secrets in data, even if some of their characters are escaped or encoded.

No escape that software applies when it writes a value changes letters and digits, so what is
written is searched for around the letters and digits of a secret. What a target disguises on
purpose is searched for everywhere.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from urllib.parse import quote

from conformance.target.escapes import DISGUISED, WIDEST, WRAPPED, WRITTEN, Escape, chunks, readings

_RUN = re.compile(rb"[0-9A-Za-z]+")
_BROKEN = (
    rb"(?:%[0-9A-Fa-f]?|\\(?:[ux][0-9A-Fa-f]{0,3})?|&[#\w]{0,8}|=[0-9A-Fa-f]?|~"
    rb"|[ :;,._-]{1,2}(?:0[xX]?)?[0-9A-Fa-f]?)?"
)
"""The part of an escape that a cut leaves."""
_ELLIPSIS = re.compile(_BROKEN + "…".encode())
_ANY_ELLIPSIS = re.compile(_BROKEN + b"(?:" + "…".encode() + rb"|\.\.\.)")
_CUT = re.compile("…".encode() + rb"|[%\\&]")
"""What data with an ellipsis contains, written out or escaped."""
SHORTEST_ANCHOR = 4
"""Letters and digits in a row around which a text is searched for in escaped form."""
Span = tuple[int, int]


def spans(data: bytes, texts: Collection[bytes]) -> list[Span]:
    """Return start and end of each occurrence of one of the texts, escaped or not."""
    reach = WIDEST * max(map(len, texts), default=0)
    return _found(data, _windows(data, texts, reach), WRITTEN, texts, partial(_whole, texts))


def cut_spans(data: bytes, texts: Collection[bytes], least: int) -> list[Span]:
    """Return start and end of each truncated occurrence of one of the texts, escaped or not.

    Such an occurrence has at least the first ``least`` bytes of the text, followed by an ellipsis.
    The spans do not include the ellipsis.
    """
    reach = WIDEST * max(map(len, texts), default=0)
    beginnings = {text[:least] for text in texts}
    within = partial(_cut, texts, least, _ELLIPSIS)
    return _found(data, chunks(0, len(data), reach), WRITTEN, beginnings, within)


def wrapped_spans(data: bytes, texts: Collection[bytes]) -> list[Span]:
    """Return start and end of each occurrence of one of the texts that is cut into lines.

    In long data, only ends of lines and slashes may be escaped.
    """
    if b"\n" not in data and rb"\n" not in data:
        return []
    if len(data) > SHORT_TEXT:
        # Undoing escapes one by one takes too long if there is nothing to be found.
        joined = data.translate(None, b"\r\n").replace(b"\\r", b"").replace(b"\\n", b"")
        joined = joined.replace(b"\\/", b"/")
        if not any(text in joined for text in texts):
            return []
    reach = WIDEST * max(map(len, texts), default=0)
    return _found(data, chunks(0, len(data), reach), WRAPPED, texts, partial(_whole, texts))


def _hidden_spans(
    data: bytes, texts: Collection[bytes], spellings: Collection[bytes], least: int
) -> list[Span]:
    """Return start and end of each occurrence of one of the texts, disguised or not.

    Of a truncated one, any of the ``spellings`` counts, and three dots are an ellipsis as well.
    """
    reach = WIDEST * max(map(len, spellings), default=0)
    beginnings = {text[:least] for text in (*texts, *spellings)}

    def within(plain: bytes) -> Iterator[Span]:
        return chain(_whole(texts, plain), _cut(spellings, least, _ANY_ELLIPSIS, plain))

    return _found(data, chunks(0, len(data), reach), DISGUISED, beginnings, within)


def _found(
    data: bytes,
    windows: Iterable[Span],
    escapes: Sequence[Escape],
    wanted: Collection[bytes],
    within: Callable[[bytes], Iterable[Span]],
) -> list[Span]:
    """Return what ``within`` finds in the windows of data with escapes undone, in terms of data."""
    return _merged(
        (begin + places[first], begin + places[last])
        for begin, stop in windows
        for plain, places in readings(data[begin:stop], escapes, wanted)
        for first, last in within(plain)
    )


def _windows(data: bytes, texts: Collection[bytes], reach: int) -> Iterator[Span]:
    """Yield the parts of data that may contain a text, at most ``reach`` long, in escaped form."""
    anchors = {max(_RUN.findall(text), key=len, default=b"") for text in texts}
    if len(data) <= SHORT_TEXT and any(len(anchor) < SHORTEST_ANCHOR for anchor in anchors):
        yield 0, len(data)
        return
    around = (
        (max(0, one - reach), one + reach)
        for anchor in anchors
        if len(anchor) >= SHORTEST_ANCHOR
        for one in _occurrences(data, anchor)
    )
    for begin, end in _merged(around):
        yield from chunks(begin, min(end, len(data)), reach)


def _whole(texts: Iterable[bytes], plain: bytes) -> Iterator[Span]:
    for text in texts:
        for begin in _occurrences(plain, text):
            yield begin, begin + len(text)


def _occurrences(data: bytes, text: bytes) -> Iterator[int]:
    place = data.find(text) if text else -1
    while place >= 0:
        yield place
        place = data.find(text, place + len(text))


def _cut(
    texts: Iterable[bytes], least: int, ellipsis: re.Pattern[bytes], plain: bytes
) -> Iterator[Span]:
    for text in texts:
        if len(text) < least:
            continue
        for begin in _occurrences(plain, text[:least]):
            sizes = range(least, len(text) + 1)
            # The first size at which the data no longer begins like the text; sizes are monotonous.
            size = (
                least
                + bisect_right(sizes, 0, key=lambda size: not plain.startswith(text[:size], begin))
                - 1
            )
            if ellipsis.match(plain, begin + size):
                yield begin, begin + size


def _merged(found: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that overlap as one."""
    merged: list[Span] = []
    for begin, end in sorted(found):
        if merged and begin < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


SHORTEST_SEARCHED = 8
"""Characters; a shorter credential would occur in responses by coincidence."""
REPEATED_DATA = 1 << 20
MOST_KNOWN = 32 << 20
"""Maximum bytes of data whose result is cached, and of all such data: most responses are equal."""
FEWEST_KNOWN = 1 << 10
"""Bytes that each of them counts at least."""
SHORT_TEXT = 10_000
"""Maximum bytes of a text that is searched for truncated secrets."""


def base64url(content: str | bytes) -> str:
    """Return a text or bytes in the base64 of JSON Web Tokens: URL-safe, without padding."""
    raw = content.encode() if isinstance(content, str) else content
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def is_jwt(token: str) -> bool:
    """Whether a token is in the compact form of RFC 7519, with a JSON object as its header."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        return False
    try:
        header = base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4))
        return isinstance(json.loads(header), dict)
    except (binascii.Error, ValueError, RecursionError):
        return False


def _within_base64(value: str) -> Iterator[str]:
    """Yield the base64 of a text inside a longer one, such as a name and a password."""
    data = value.encode()
    for before in range(3):
        characters = base64.b64encode(bytes(before) + data).decode()
        yield characters[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]


class Secrets:
    """A set of secrets, and redacting them from data."""

    def __init__(self, mark: bytes = b"[credential]") -> None:
        self._known: dict[bytes, tuple[bytes, bool]] = {}
        self._room = MOST_KNOWN
        self._plain: dict[bytes, None] = {}
        self._wrapped: dict[bytes, None] = {}
        self._values: dict[bytes, None] = {}
        self._mark = mark

    def add(self, value: str) -> None:
        """Add a secret, with the signature if it is a token, in the common encodings."""
        if len(value) < SHORTEST_SEARCHED:
            return
        secrets = [value]
        if " " in value:
            # The encoding of HTML forms.
            secrets.append(value.replace(" ", "+"))
        if is_jwt(value):
            signature = value.rpartition(".")[2]
            if len(signature) >= 2 * SHORTEST_SEARCHED:
                secrets.append(signature)
        in_json = json.dumps(value)[1:-1]
        in_base64 = base64.b64encode(value.encode()).rstrip(b"=").decode()
        every_base64 = [in_base64, base64url(value), *_within_base64(value)]
        in_hex = value.encode().hex()
        spellings = [
            *secrets,
            *every_base64,
            in_hex,
            in_hex.upper(),
            value.lower(),
            value.upper(),
            quote(value, safe=""),
            in_json,
            in_json.replace("/", r"\/"),
        ]
        self._known, self._room = {}, MOST_KNOWN
        self._plain.update((secret.encode(), None) for secret in (*secrets, in_base64))
        self._wrapped.update((text.encode(), None) for text in (*secrets, *every_base64))
        self._values.update((text.encode(), None) for text in spellings)

    @property
    def number(self) -> int:
        """Number of known spellings; if it grows, data must be searched again."""
        return len(self._values)

    def redacted(self, data: bytes) -> tuple[bytes, bool]:
        """Replace each secret in ``data``; the second value is whether there was one."""
        # Another thread may add a secret meanwhile, which replaces the cache.
        known = self._known
        if data in known:
            return known[data]
        redacted = self._redacted(data)
        result = redacted, redacted != data
        size = max(len(data), FEWEST_KNOWN)
        if size <= min(self._room, REPEATED_DATA):
            self._room -= size
            known[data] = result
        return result

    def __contains__(self, data: bytes) -> bool:
        return self.redacted(data)[1]

    def _redacted(self, data: bytes) -> bytes:
        # The longest first: one secret may contain another.
        for value in sorted(self._values, key=len, reverse=True):
            data = data.replace(value, self._mark)
        data = self._replaced(data, spans(data, tuple(self._plain)))
        data = self._replaced(data, wrapped_spans(data, tuple(self._wrapped)))
        if len(data) <= SHORT_TEXT and _CUT.search(data):
            data = self._replaced(data, cut_spans(data, tuple(self._values), SHORTEST_SEARCHED))
        return data

    def masked(self, data: bytes) -> bytes:
        """Replace each secret in ``data``, also what a target disguised: see ``DISGUISED``."""
        if not self._values:
            return data
        plain, values = tuple(self._plain), tuple(self._values)
        hidden = _hidden_spans(data, plain, values, SHORTEST_SEARCHED)
        data = self._replaced(data, hidden)
        data = self._replaced(data, wrapped_spans(data, tuple(self._wrapped)))
        for value in sorted(values, key=len, reverse=True):
            data = data.replace(value, self._mark)
        return data

    def _replaced(self, data: bytes, spans: Iterable[Span]) -> bytes:
        parts = []
        last = 0
        for begin, end in spans:
            parts += [data[last:begin], self._mark]
            last = end
        return b"".join([*parts, data[last:]]) if parts else data
