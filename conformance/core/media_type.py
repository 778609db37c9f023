"""Read a Content-Type header field (RFC 9110, section 8.3); it may hold anything."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

UTF_8 = frozenset({"utf-8", "utf8"})
LONGEST_CHARSET = 40
"""Most characters of the name of a registered charset (RFC 2978, section 2.3)."""
_NOT_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
"""Codecs of Python that decode bytes to text and are not charsets of a body.

Two of them take quadratic time.
"""
_PARAMETER = re.compile(
    r';\s*+([^\s=;"]*+)\s*+(?:=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^;]*+)))?', re.DOTALL
)
"""A parameter: its name, and its value with or without quotation marks. It always matches, so a
value is read once."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """The value of a Content-Type header field.

    ``name`` is what precedes the parameters and ``charset`` the first parameter of that name,
    ``None`` without one; both are in lower case.
    """

    name: str
    charset: str | None = None

    @property
    def is_utf_8(self) -> bool:
        """Whether a body is read as UTF-8; this is the default of JSON (RFC 8259, section 8.1)."""
        return self.charset is None or self.charset in UTF_8

    def decodes_like_utf_8(self, body: bytes) -> bool:
        """Whether a body is the same text in the charset as in UTF-8.

        It is not if the charset is unknown, or if the body is not text in either of them.
        """
        if self.is_utf_8:
            return True
        try:
            return body.decode(_codec(self.charset or "")) == body.decode("utf-8")
        except (LookupError, ValueError):
            return False


@lru_cache(maxsize=16)
def parse(value: str) -> MediaType:
    """Return the media type of a header field; never raises.

    A malformed value gives the name that it has before the first semicolon.
    """
    return MediaType(value.partition(";")[0].strip().lower(), _charset(value))


def _charset(value: str) -> str | None:
    for name, quoted, plain in _PARAMETER.findall(value):
        if name.lower() not in ("charset", "charset*"):
            continue
        charset = re.sub(r"\\(.)", r"\1", quoted) or plain.strip()
        if name.endswith("*"):
            # RFC 8187: the charset of the value, its language and the value percent-encoded.
            charset = unquote(charset.rpartition("'")[2])
        return charset.lower()
    return None


def _codec(charset: str) -> str:
    """Return the name of the codec for a charset.

    Raises:
        LookupError, ValueError: there is none.
    """
    if len(charset) > LONGEST_CHARSET:
        raise LookupError(charset)
    name = codecs.lookup(charset).name
    if name in _NOT_CHARSETS:
        raise LookupError(name)
    return name
