"""Redact recorded bodies without changing what the checks find in them.

In JSON, each value under a field for settings or secrets is replaced by a stand-in; everything else
stays as it was sent, including whitespace. A body that is not JSON keeps its length and
punctuation, but letters and digits are masked wherever a secret may be: from the first mention of a
configuration on, after names of secrets, and everywhere in binary data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import Enum, auto
from functools import lru_cache
from urllib.parse import quote, unquote

import msgspec

from conformance.checks.detectors.model_details import LIST_IN_TEXT, NAME
from conformance.checks.detectors.secret_values import in_clear, is_secret
from conformance.checks.detectors.server_internals import SIGNS
from conformance.core.json_walk import unpacked
from conformance.core.names import Names
from conformance.core.strict_json import (
    LONGEST_INTEGER,
    decode,
    has_too_many_values,
    parse_bytes,
)
from conformance.core.text import CONFIDENTIAL
from conformance.recording.stand_ins import StandIns, masked, masked_word, restored

MOST_SECRETS = 2000
"""Maximum number of secrets that are searched for."""
MOST_SEARCHED = 1 << 30
"""Maximum size of the text that is searched for secrets, in bytes; it counts once per secret."""
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*(?:"(?P<key>\s*:)?|\\?\Z)|[{}\[\]]|-?\d[\d.eE+-]*|[A-Za-z]+', re.DOTALL
)
"""Strings (the last one may be cut short), brackets, numbers and words."""
_ELEMENT = 2
"""Nesting depth of the fields of a list's elements."""
_ESCAPED = re.compile(
    r"\\\\|\\/|\\u00(2[013-9a-fA-F]|[346][0-9a-fA-F]|5[0-9abdefABDEF]|7[0-9a-eA-E])"
)
"""Escaped characters that need no escape in JSON; and escaped backslashes, to skip them."""
_TOKENS = re.compile(r"eyJ[\w-]{8,}\.[\w-]{2,}\.[\w-]*")
"""JSON Web Tokens, which are secrets wherever they occur."""
PLAIN = ":/?#[]@!$&'()*+,;="
"""Reserved characters of a URL (RFC 3986, section 2.2)."""
_ORIGIN = re.compile(r"https?://[^/?#]*")
_WORD = f'"{CONFIDENTIAL}"'
_COLUMN = re.compile(rf"[\[,]\s*{_WORD}\s*[,\]]")
_ROWS = re.compile(r"[\ufeff\s]*\[\s*\[")
"""A table with a column for the configuration, or a list of rows: its values have no names."""
_LONE = re.compile("[\ud800-\udfff]")
_SLICER = msgspec.json.Decoder(list[msgspec.Raw])


class Form(Enum):
    """What a body is."""

    LIST = auto()
    OTHER_JSON = auto()
    TEXT = auto()


def form_of(body: bytes) -> Form:
    """Tell what a body is, without keeping in memory what a large list contains."""
    if not has_too_many_values(body):
        with suppress(msgspec.MsgspecError, ValueError, RecursionError):
            if all(parse_bytes(bytes(one)).error is None for one in _SLICER.decode(body)):
                return Form.LIST
    decoded = decode(body)
    if decoded.error is not None:
        return Form.TEXT
    return Form.LIST if isinstance(decoded.value, list) else Form.OTHER_JSON


class BodyRedactor:
    """Redacts the bodies of one recording, and texts that come from responses.

    Redact lists of providers first: secrets found in them are searched for in later bodies.

    Args:
        models: names of models that the target publishes.
        providers: names of providers that the target publishes.
        redact: removes credentials from a text.
    """

    def __init__(
        self,
        models: Iterable[str] = (),
        providers: Iterable[str] = (),
        *,
        redact: Callable[[str], str] = str,
    ) -> None:
        self.stand_ins = StandIns()
        self._redact = redact
        self._models = frozenset(models)
        self._public = Names([*self._models, *providers])
        self._secrets: dict[str, str] = {}
        self._signs = True

    def redacted(self, body: bytes, *, form: Form | None = None, right: bool = False) -> bytes:
        """Return a body without secrets that the checks judge like the original.

        Args:
            body: the body of a response.
            form: the result of ``form_of`` for it, if it is known.
            right: whether every response with this body had status 200. Then a list may contain
                texts that look like server internals.
        """
        if not body:
            return body
        form = form or form_of(body)
        if form is not Form.TEXT:
            listing = form is Form.LIST
            self._signs = not (listing and right)
            scan = _Scan(self, listing=listing)
            # Credentials are searched for verbatim, and as JSON must escape them.
            plain = _ESCAPED.sub(_unescaped, body.decode("utf-8"))
            return self.text(scan.text(plain)).encode("utf-8")
        text = self._other(body.decode("utf-8", "surrogateescape"))
        return self.text(text).encode("utf-8", "surrogateescape")

    def text(self, text: str) -> str:
        """Return a text without credentials and without the secrets found in bodies so far."""
        if len(text) * len(self._secrets) <= MOST_SEARCHED:
            for secret, stand_in in self._secrets.items():
                text = text.replace(secret, stand_in)
        text = _TOKENS.sub(lambda match: self.stand_ins.shaped(match[0]), text)
        return self._redact(text)

    def line(self, text: str) -> str:
        """Return a header or a URL without secrets, also if they are percent-encoded."""
        redacted = self.text(text)
        plain = unquote(redacted, errors="surrogateescape")
        hidden = self.text(plain)
        return redacted if hidden == plain else quote(hidden, safe=PLAIN, errors="surrogateescape")

    def url(self, text: str) -> str:
        """Return a URL or a path without secrets, in characters that are legal there.

        The origin stays: it is that of the target, which a recording names.
        """
        origin = _ORIGIN.match(text)
        begin = 0 if origin is None else origin.end()
        hidden = self.line(text[begin:])
        if hidden == text[begin:]:
            # As it was sent, which a finding's command repeats.
            return text
        hidden = quote(hidden, safe=f"{PLAIN}%", errors="surrogateescape")
        # What is hidden may include the slash that ends the origin.
        slash = "/" if text.startswith("/", begin) and hidden[:1] not in ("/", "?") else ""
        return text[:begin] + slash + hidden

    def string(self, value: str, field: str, *, own: bool) -> str:
        """Return the stand-in of a string.

        Args:
            value: the string.
            field: the name of the field that has it as a value.
            own: whether it is in the configuration of an element of a list, where the checks read
                nothing but its form.
        """
        if is_recognisable(value) and is_confidential(field) and value not in self._public.all:
            self._learn(value)
        if field == NAME and value in self._models:
            return value
        signs: list[tuple[int, int]] = []
        if self._signs:
            signs = [match.span() for _, sign in SIGNS if (match := sign.search(value))]
        kept = [] if own else {name for _, name in self._public.found(value)}
        if signs or kept:
            return self.stand_ins.shaped(value, kept, signs)
        if own:
            return self.stand_ins.text(value)
        if LIST_IN_TEXT.search(value) or value.startswith("/") or "://" in value:
            return self.stand_ins.shaped(value)
        return self.stand_ins.text(value)

    def _learn(self, secret: str) -> None:
        if len(self._secrets) >= MOST_SECRETS or secret in self._secrets:
            return
        stand_in = self.stand_ins.text(secret)
        for spelled in (secret, json.dumps(secret)[1:-1]):
            self._secrets[spelled] = stand_in

    def _other(self, text: str) -> str:
        """Mask a text that is not JSON, without moving anything."""
        kept = self._kept(text)
        if not _readable(text):
            return masked(text, 0, len(text), kept)
        known: set[int] = set()
        if text.lstrip("\ufeff \t\r\n")[:1] in ("[", "{"):
            text = restored(_Scan(self, masks=True, met=known).text(text), text, kept)
        mentions = (match.start() for match in MENTION.finditer(text))
        begin = next((place for place in mentions if place not in known), len(text))
        text = masked(text, begin, len(text), kept)
        for match in ASSIGNED.finditer(text[:begin]):
            text = masked(text, *match.span(1), kept)
        return text

    def _kept(self, text: str) -> list[tuple[int, int]]:
        """Return the spans that the checks need: names of providers, and a sign of internals."""
        spans = [(begin, begin + len(name)) for begin, name in self._public.found(text)]
        for _, sign in SIGNS:
            match = sign.search(text)
            if match is not None:
                return [*spans, match.span()]
        return spans


class _Scan:
    """Goes through a text token by token, and replaces values in secret places."""

    def __init__(
        self,
        redactor: BodyRedactor,
        *,
        listing: bool = False,
        masks: bool = False,
        own: bool = False,
        in_text: bool = False,
        met: set[int] | None = None,
    ) -> None:
        self._redactor = redactor
        self._listing = listing
        self._masks = masks
        self._own = own
        # Findings show the length of a string, so it must not change, even if the string is JSON.
        self._in_text = in_text
        self._met = met
        self._table = False

    def text(self, text: str, *, within: str | None = None) -> str:
        """Return the text redacted; all of it if it is ``within`` a secret field."""
        self._table = _ROWS.match(text) is not None or _COLUMN.search(text) is not None
        parts: list[str] = []
        opened: list[str] = []
        last = depth = 0
        hidden = 0 if within is not None else -1
        field, own = within or "", self._own
        waiting = False
        for token in _TOKEN.finditer(text):
            word = token[0]
            first = word[0]
            replaced = None
            if first in "{[":
                row = self._table and opened[-2:] == ["[", "["]
                opened.append(first)
                depth += 1
                if waiting or (row and hidden < 0):
                    hidden, own = depth, own and waiting
            elif first in "}]":
                depth -= 1
                del opened[max(depth, 0) :]
                if depth < hidden:
                    hidden = -1
            elif token["key"] is not None:
                name = _name(word[: word.rindex('"') + 1])
                if self._met is not None and is_confidential(name):
                    self._met.add(token.start() + 1)
                if hidden < 0 and is_confidential(name):
                    waiting, field = True, name
                    own = self._listing and depth == _ELEMENT and name == CONFIDENTIAL
                elif hidden >= 0:
                    field = name
                continue
            elif hidden >= 0 or waiting:
                replaced = self._value(word, field, own=own)
            elif word == _WORD and opened[-1:] == ["{"]:
                # Name and value may be two fields of an object.
                hidden, own = depth, False
            elif first == '"' and "\\" in word:
                replaced = self._open(word)
            waiting = False
            if replaced is not None and replaced != word:
                parts += [text[last : token.start()], replaced]
                last = token.end()
        return "".join([*parts, text[last:]])

    def _value(self, word: str, field: str, *, own: bool) -> str:
        if self._masks:
            return masked_word(word)
        if word[0] == '"':
            value = json.loads(word)
            if isinstance(unpacked(value), str):
                found = self._redactor.string(value, field, own=own)
            else:
                inner = _Scan(self._redactor, listing=self._listing, own=own, in_text=True)
                found = inner.text(value, within=field).ljust(len(value))
            return _quoted(found, word)
        if word in ("true", "false") and not self._in_text:
            return str(self._redactor.stand_ins.boolean(word == "true")).lower()
        return word if word[0].isalpha() else self._number(word)

    def _number(self, word: str) -> str:
        if word.lstrip("-").isdigit():
            if len(word) > LONGEST_INTEGER:
                return re.sub(r"\d", "9", word)
            return str(self._redactor.stand_ins.integer(int(word)))
        if self._in_text:
            return self._redactor.stand_ins.numeral(word)
        value = float(word)
        found = self._redactor.stand_ins.number(value)
        # A number that is too large becomes infinite, and stays as it was written.
        return word if found == value else repr(found)

    def _open(self, word: str) -> str | None:
        """Redact JSON within a string, if the string as a whole is not secret."""
        if self._masks or word[1:].lstrip(" \\nrt")[:1] not in ("[", "{"):
            return None
        value = json.loads(word)
        if isinstance(unpacked(value), str):
            return None
        return _quoted(_Scan(self._redactor, in_text=True).text(value).ljust(len(value)), word)


def _readable(text: str) -> bool:
    """Whether the places of secrets in a text can be recognized."""
    if any("\udc80" <= one <= "\udcff" for one in text):
        return False
    if "\0" not in text:
        return True
    # Text in UTF-16 or UTF-32 is valid UTF-8, too.
    plain = text.replace("\0", "")
    return all(len(sign.findall(plain)) <= len(sign.findall(text)) for sign in (MENTION, ASSIGNED))


def _unescaped(match: re.Match[str]) -> str:
    if match[1] is not None:
        return chr(int(match[1], 16))
    return "/" if match[0] == r"\/" else match[0]


def _name(word: str) -> str:
    if "\\" not in word:
        return word[1:-1]
    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        return word[1:-1]


def _quoted(text: str, before: str) -> str:
    written = json.dumps(text, ensure_ascii=before.isascii())
    return _LONE.sub(lambda match: f"\\u{ord(match[0]):04x}", written)


SETTINGS = frozenset(
    {CONFIDENTIAL, "configurations", "config", "configs", "settings", "credentials", "secrets"}
)
"""Names of fields for settings, in lower case: the documented one and those of other servers."""
MENTION = re.compile(rf"\b{CONFIDENTIAL}\b", re.IGNORECASE)
"""The word after which a text that is not JSON may contain settings."""
ASSIGNED = re.compile(
    r"(?:passw(?:or)?d|passphrase|secret|token|credentials?|api[ _-]?key|private[ _-]?key)"
    r"[\w-]{0,40}[\"']?\s{0,9}(?:=>|[=:>])\s{0,9}[\"']?([^\s\"'<>,;&]+)",
    re.IGNORECASE,
)
"""The name of a secret and its value in a text that is not JSON."""
SHORTEST = 8
"""Characters of a secret that is searched for; shorter ones occur in other texts by chance."""


@lru_cache(maxsize=4096)
def is_confidential(field: str) -> bool:
    """Whether a field contains settings or a secret, anywhere in a response."""
    return field.lower() in SETTINGS or is_secret(field)


def is_recognisable(value: str) -> bool:
    """Whether a secret is distinct enough from other text to be searched for."""
    return (
        len(value) >= SHORTEST
        and in_clear(value)
        and any(map(str.isdigit, value))
        and any(map(str.isalpha, value))
    )
