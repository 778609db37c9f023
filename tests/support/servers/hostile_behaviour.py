"""What a hostile server is called and what is to come of it; the gallery of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

from support.servers import hostile_values as values
from support.servers import hostile_wire as wire
from support.servers.hostile_wire import Running

BRIEF = ("--timeout", "1", "--retry-budget", "0.5")
"""Arguments with which a target that does not answer is soon given up."""

Start = Callable[[], AbstractContextManager[Running]]


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """One way to be hostile or broken.

    ``exits`` are the exit codes that are right for it, ``words`` stand in the report's reason.
    ``arguments`` are needed by any run that is to end soon, ``brief`` by a test; ``standard`` says
    that a run of the standard profile takes seconds, too. ``shown`` says that text of the server
    has to be in the report, made harmless.
    """

    name: str
    description: str
    start: Start
    exits: frozenset[int]
    words: str = ""
    arguments: tuple[str, ...] = ()
    brief: tuple[str, ...] = BRIEF
    standard: bool = False
    shown: bool = False


GALLERY: list[Behaviour] = []
"""Filled by the modules that import the functions below."""


def add(name: str, description: str, start: Start, code: int, **more: Any) -> None:
    """Add a behaviour; ``more`` are other members of it."""
    GALLERY.append(
        Behaviour(name=name, description=description, start=start, exits=frozenset({code}), **more)
    )


def wires(
    code: int, words: str, *servers: tuple[str, str, wire.Behave], brief: tuple[str, ...] = BRIEF
) -> None:
    """Add servers of which the same comes, each of which treats every connection alike."""
    for name, description, behave in servers:
        start = partial(wire.behaving, behave)
        add(name, description, start, code, words=words, brief=brief)


def body(
    name: str,
    description: str,
    code: int,
    changed: values.Body,
    media_type: str = values.JSON,
    **more: Any,
) -> None:
    """Add a good server that alters its listing."""

    def start() -> AbstractContextManager[Running]:
        return values.serving(values.Altered(changed, media_type))

    add(name, description, start, code, brief=(), **more)
