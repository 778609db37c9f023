"""Following references within a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ANNOTATIONS = frozenset({"description", "summary", "title", "deprecated", "$comment"})
"""What may stand beside a reference and only adds words to what it leads to."""


class BrokenDocument(Exception):
    """Why a document cannot be compared, as a clause."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a reference leads to, and the last reference that led there; empty without one."""

    node: Any
    reference: str = ""

    @property
    def name(self) -> str:
        """The name of the component that this is, empty if it is none."""
        return unescaped(self.reference.rpartition("/")[2])


def resolved(document: Mapping[str, Any], node: Any) -> Resolved:
    """Follow the references at a node of a document until something else stands there.

    What stands beside a reference is added to what it leads to: words replace those there, anything
    else has to hold as well.

    Raises:
        BrokenDocument: a reference leads nowhere, out of the document, or only to itself.
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
        # The words are of this place, so it is no longer simply the component.
        return Resolved({**node, **words})
    return Resolved(node, seen[-1] if seen else "")


def lookup(document: Mapping[str, Any], reference: Any) -> Any:
    """Return what a local reference leads to.

    Raises:
        BrokenDocument: it leads nowhere, or out of the document.
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
    """Return a part of a JSON pointer as the key that it stands for."""
    return part.replace("~1", "/").replace("~0", "~")


def reached(document: Mapping[str, Any], node: Any) -> frozenset[str]:
    """Return every reference that can be followed from a node of a document."""
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
