"""Walk through JSON values, including what strings carry: JSON, also in base64."""

from __future__ import annotations

import json
import re
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.core.json_place import ROOT, Place

DEEPEST = 1000
"""Deepest level that is visited; data written by people is never nested more deeply."""
VALIDATED_DEPTH = 100
"""Levels of nesting that ``simplified`` keeps; JSON Schema validation fails beyond 255."""
LAYERS = 4
"""Encodings within each other that ``decoded`` removes; a JSON string of JSON in base64 has 3."""
LARGEST_TEXT = 4 << 20
"""Characters of a string that are read as JSON at most; a value takes two, and 100 bytes."""
LARGEST = 1 << 20
"""Characters of base64 that ``decoded`` decodes at most, and bytes that it inflates at most."""
INFLATION = 32
"""Bytes per compressed byte that ``decoded`` inflates at most, so that its work stays linear.

JSON of a provider's models, which repeats the names of fields, is deflated to a tenth; zeros to a
thousandth.
"""
_BASE64 = re.compile(r"(?:data:[\w.+/;=-]{0,100};base64,)?([A-Za-z0-9+/_\r\n-]{12,})={0,2}\s*")
"""Base64 and base64url (RFC 4648), with or without padding, in lines or in a data URL.

Two names with a comma between them have at least nine bytes, which are twelve characters.
"""
_CARRIER = re.compile(r'\s*[\[{"]|data:|[A-Za-z0-9+/_-]{12}')
"""The beginning of a string that ``decoded`` may change; most strings begin otherwise."""
_COMPRESSED = (b"\x1f\x8b", b"\x78")
"""The first bytes of gzip (RFC 1952) and zlib (RFC 1950)."""


def unpacked(value: Any) -> Any:
    """Return the array or object that a string contains as JSON; any other value unchanged."""
    if isinstance(value, str) and len(value) <= LARGEST_TEXT and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def decoded(value: Any, *, inflates: bool = True) -> Any:
    """Return what a string carries: an array, an object or another text; any other value unchanged.

    A string carries JSON, a text that is written as JSON, or either of them in base64. If it
    ``inflates``, the outermost base64 may be that of compressed text. A word that is base64 by
    chance decodes to bytes that are not text.
    """
    for layer in range(LAYERS):
        if not isinstance(value, str) or _CARRIER.match(value) is None:
            break
        inner = _without_a_layer(value, inflates=inflates and layer == 0)
        if inner is None:
            break
        value = inner
    return value


def _without_a_layer(text: str, *, inflates: bool) -> Any:
    """Remove one encoding from a text; ``None`` if it has none."""
    if len(text) > LARGEST_TEXT:
        return None
    if text.lstrip()[:1] in ("[", "{", '"'):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None
    encoded = _BASE64.fullmatch(text) if len(text) <= LARGEST else None
    return None if encoded is None else _text_in_base64(encoded[1], inflates=inflates)


def _text_in_base64(encoded: str, *, inflates: bool) -> str | None:
    compact = "".join(encoded.split()).replace("+", "-").replace("/", "_")
    try:
        raw = urlsafe_b64decode(compact + "=" * (-len(compact) % 4))
        if inflates and raw.startswith(_COMPRESSED):
            # 47 stands for gzip or zlib with the largest window.
            most = min(LARGEST, INFLATION * len(raw))
            raw = zlib.decompressobj(wbits=47).decompress(raw, most)
        text = raw.decode()
    except (ValueError, zlib.error):
        return None
    return text if all(map(str.isprintable, text.split())) else None


def walk(value: Any, place: Place = ROOT) -> Iterator[tuple[Place, Any]]:
    """Yield a value and everything in it, each with its place.

    Strings are ``decoded``. ``place`` is that of the value itself. What is in a decoded string is
    not inflated, or a small response could become a huge one step by step.
    """
    first = decoded(value)
    stack: list[tuple[Place, Any, int, bool]] = [(place, first, 0, first is value)]
    while stack:
        here, node, depth, inflates = stack.pop()
        yield here, node
        if depth == DEEPEST:
            continue
        if isinstance(node, Mapping):
            children: Iterable[tuple[Any, Any]] = node.items()
        elif isinstance(node, list):
            children = enumerate(node)
        else:
            continue
        for key, child in children:
            inner = decoded(child, inflates=inflates)
            stack.append((here / key, inner, depth + 1, inflates and inner is child))


def nodes_in(value: Any) -> Iterator[Any]:
    """Yield a value and everything in it, in the order of its lists; strings are not unpacked."""
    stack: list[Any] = [value]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(reversed(node))


def strings_in(value: Any) -> Iterator[str]:
    """Yield all strings of a value, including the names of fields."""
    for node in nodes_in(value):
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            yield from node


def texts_in(value: Any) -> Iterator[str]:
    """Yield all strings that ``walk`` finds, including the names of fields."""
    for _, node in walk(value):
        if isinstance(node, str):
            yield node
        elif isinstance(node, Mapping):
            yield from map(str, node)


def simplified(value: Any, depth: int = 0) -> Any:
    """Copy a value without the parts that JSON Schema validation cannot handle.

    Lone surrogates become question marks, and values nested too deeply become empty ones.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        members = value.items() if depth < VALIDATED_DEPTH else ()
        return {simplified(key): simplified(child, depth + 1) for key, child in members}
    if isinstance(value, list):
        elements = value if depth < VALIDATED_DEPTH else ()
        return [simplified(child, depth + 1) for child in elements]
    return value
