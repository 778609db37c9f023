"""Follow references within a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ANNOTATIONS = frozenset({"description", "summary", "title", "deprecated", "$comment"})
"""Keywords beside a reference that only add wording to its target."""


class BrokenDocument(Exception):
    """A document cannot be compared; the message is a clause."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The target of a reference, and the last reference that led to it (empty without one)."""

    node: Any
    reference: str = ""

    @property
    def name(self) -> str:
        """The name of the component, empty if the node is not a component."""
        return unescaped(self.reference.rpartition("/")[2])


def resolved(document: Mapping[str, Any], node: Any) -> Resolved:
    """Follow the references at a node of a document to a node that is not a reference.

    Keywords beside a reference are added to its target: wording replaces that of the target, other
    keywords apply in addition.

    Raises:
        BrokenDocument: a reference is dead, leaves the document, or leads only to itself.
    """
    seen: list[str] = []
    words: dict[str, Any] = {}
    while isinstance(node, Mapping) and "$ref" in node:
        reference = node["$ref"]
        if reference in seen:
            raise BrokenDocument(f"the reference {reference} leads to itself")
        seen.append(reference)
        target = lookup(document, reference)
        beside = {key: value for key, value in node.items() if key != "$ref"}
        if not beside.keys() <= ANNOTATIONS:
            return Resolved({**beside, "allOf": [target, *beside.get("allOf", ())], **words})
        words = {**beside, **words}
        node = target
    if words and isinstance(node, Mapping):
        # The wording belongs to this place, so the result is not simply the component.
        return Resolved({**node, **words})
    return Resolved(node, seen[-1] if seen else "")


def lookup(document: Mapping[str, Any], reference: Any) -> Any:
    """Return the target of a local reference.

    Raises:
        BrokenDocument: it is dead or leaves the document.
    """
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise BrokenDocument(f"the reference {reference!r} leads out of the document")
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        try:
            key = unescaped(part)
            node = node[int(key)] if isinstance(node, list) else node[key]
        except (LookupError, TypeError, ValueError) as error:
            raise BrokenDocument(f"the reference {reference} leads nowhere") from error
    return node


def unescaped(part: str) -> str:
    """Return the key for an escaped part of a JSON pointer."""
    return part.replace("~1", "/").replace("~0", "~")


def reached(document: Mapping[str, Any], node: Any) -> frozenset[str]:
    """Return all references that can be reached from a node of a document."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        for reference in _references(waiting.pop()):
            if reference not in found:
                found.add(reference)
                waiting.append(lookup(document, reference))
    return frozenset(found)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)
