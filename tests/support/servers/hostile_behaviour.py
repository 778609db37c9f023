"""What a hostile server is called and what is to come of it; a gallery of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


class Gallery:
    """Behaviours in the order in which they are added."""

    def __init__(self) -> None:
        self._found: dict[str, Behaviour] = {}

    def __iter__(self) -> Iterator[Behaviour]:
        """Go through the behaviours."""
        return iter(self._found.values())

    def add(self, name: str, description: str, start: Start, *exits: int, **more: Any) -> None:
        """Add a behaviour; ``more`` are other members of it."""
        assert name not in self._found, name
        self._found[name] = Behaviour(
            name=name, description=description, start=start, exits=frozenset(exits), **more
        )

    def wire(
        self, name: str, description: str, behave: wire.Behave, *exits: int, **more: Any
    ) -> None:
        """Add what treats every connection alike."""
        self.add(name, description, partial(wire.behaving, behave), *exits, **more)

    def body(
        self,
        name: str,
        description: str,
        *exits: int,
        body: values.Body | None = None,
        change: values.Change | None = None,
        media_type: str = values.JSON,
        **more: Any,
    ) -> None:
        """Add a good server that alters its listing."""

        def start() -> AbstractContextManager[Running]:
            return values.serving(values.Altered(body=body, change=change, media_type=media_type))

        self.add(name, description, start, *exits, **{"brief": (), **more})
