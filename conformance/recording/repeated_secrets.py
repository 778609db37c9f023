"""Hide secrets of configurations that a server repeats elsewhere, such as in another field.

Reports show no value under ``configuration``; the same value in another place looks like any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile
from typing import Any

from conformance.core.json_walk import unpacked
from conformance.core.text import visible
from conformance.evidence.evidence import Evidence
from conformance.evidence.related_endpoints import model_names
from conformance.recording.redaction import SHORTEST, is_confidential, is_recognisable

MARK = "[setting]"
MOST = 10_000
"""Secrets that are collected; a provider has one or two."""
_CUT = "…"


class RepeatedSecrets:
    """Finds secrets in texts in any letter case, in time that hardly depends on their number.

    Args:
        secrets: the secrets; each has at least ``SHORTEST`` characters.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._by_start: dict[str, set[str]] = defaultdict(set)
        for secret in secrets:
            for spelled in {secret, visible(secret)}:
                self._by_start[_lower(spelled[:SHORTEST])].add(_lower(spelled))

    def hidden(self, text: str) -> str:
        """Return a text without the secrets; a truncated one ends with an ellipsis."""
        if not self._by_start:
            return text
        lower = _lower(text)
        if len(self._by_start) < len(text) and not any(one in lower for one in self._by_start):
            return text
        parts: list[str] = []
        last = place = 0
        while place <= len(text) - SHORTEST:
            here = self._by_start.get(lower[place : place + SHORTEST], ())
            length = max((_length(secret, lower, place) for secret in here), default=0)
            if length:
                parts += [text[last:place], MARK]
                last = place = place + length
            else:
                place += 1
        return "".join([*parts, text[last:]])


def _length(secret: str, text: str, place: int) -> int:
    """Return how many characters of the text at this place are the secret or its beginning."""
    pairs = zip(secret, text[place : place + len(secret)], strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return same if same == len(secret) or text.startswith(_CUT, place + same) else 0


def _lower(text: str) -> str:
    """Return a text in lower case, with as many characters."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(one.lower()[:1] for one in text)


def secrets_of(evidence: Evidence | None) -> RepeatedSecrets:
    """Return the secrets in the configurations of all providers, except published names."""
    if evidence is None:
        return RepeatedSecrets(())
    found = set(islice(_secrets(evidence), MOST))
    if found:
        found -= evidence.providers.keys()
        found = found.difference(*model_names(evidence).values())
    return RepeatedSecrets(found)


def _secrets(evidence: Evidence) -> Iterator[str]:
    for _, _, provider in evidence.elements():
        for field, value in provider.items():
            if is_confidential(field):
                yield from _within(field, value)


def _within(field: str, value: Any) -> Iterator[str]:
    stack = [(field, value)]
    while stack:
        name, node = stack.pop()
        if isinstance(node, str):
            inner = unpacked(node)
            if inner is not node:
                stack.append((name, inner))
            elif is_recognisable(node) and is_confidential(name):
                yield node
        elif isinstance(node, dict):
            stack.extend(node.items())
        elif isinstance(node, list):
            stack.extend((name, child) for child in node)
