"""The answer that an adapter may write: what the client's objects contain, or its error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.core.own_json import FileKind
from conformance.errors import UsageError

LARGEST = 64 << 20
"""Bytes of an answer: ten times that of 10,000 providers, indented."""


class Unreadable(UsageError):
    """The answer is not one of the three forms; a mistake of the adapter, not of the client."""


_ANSWER = FileKind(
    "client answer",
    "client-answer.schema.json",
    "spec/client-answer.schema.json describes its forms, and docs/clients.md shows adapters",
    error=Unreadable,
    largest=LARGEST,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an adapter wrote: providers, an error, or a filter that the client does not offer.

    Exactly one of ``providers``, ``failed`` and ``unsupported`` is set. ``status`` is that of the
    error, ``None`` if the client's error has none.
    """

    providers: tuple[Mapping[str, Any], ...] | None = None
    failed: bool = False
    status: int | None = None
    unsupported: str = ""

    @property
    def words(self) -> str:
        """The answer without its content."""
        if self.failed:
            return "an error without a status" if self.status is None else f"error {self.status}"
        return f"that it does not support {self.unsupported}" if self.unsupported else "a list"


def read(path: Path) -> Answer | None:
    """Read an answer; ``None`` if there is no file, or nothing in it.

    Raises:
        Unreadable: it is not JSON, or not one of the three forms. The text does not quote it.
    """
    if not path.exists() or not path.stat().st_size:
        return None
    raw = _ANSWER.load(path)
    document = _ANSWER.decode(raw, "CONFORMANCE_ANSWER")
    _ANSWER.check(document, "CONFORMANCE_ANSWER")
    match document:
        case {"error": error}:
            return Answer(failed=True, status=error.get("status"))
        case {"unsupported": unsupported}:
            return Answer(unsupported=unsupported)
        case providers:
            return Answer(providers=tuple(providers))
