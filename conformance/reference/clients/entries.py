"""Declaring clients: what each one breaks, and how it is started."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeVar

from conformance.reference.clients.client import CorrectClient

__all__ = ["Catalogue", "Client", "Kind"]

Kind = Literal["correct", "broken", "odd"]

_Class = TypeVar("_Class", bound=type[CorrectClient])


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client of the catalogue, and what a judge has to find.

    ``trips`` are the ids of the requirements that must be found broken, ``may_trip`` those that may
    be, as a consequence. Of a client that is broken but trips nothing the process breaks, not the
    client: no requirement may be found broken, and what was not read is undecided.

    ``answers`` tells whether it writes an answer file; without one only the wire can be judged.
    ``make`` creates it from the variables of its environment.
    """

    name: str
    description: str
    kind: Kind
    trips: tuple[str, ...]
    answers: bool
    make: Callable[[Mapping[str, str]], CorrectClient]
    may_trip: tuple[str, ...] = ()


class Catalogue:
    """The clients of one kind, in the order of their declaration."""

    def __init__(self, kind: Kind) -> None:
        """Create an empty catalogue."""
        self._kind: Kind = kind
        self._entries: dict[str, Client] = {}

    def __iter__(self) -> Iterator[Client]:
        """Iterate over the clients."""
        return iter(self._entries.values())

    def add(
        self,
        name: str,
        description: str,
        make: Callable[[Mapping[str, str]], CorrectClient],
        *trips: str,
        may_trip: tuple[str, ...] = (),
        answers: bool = True,
    ) -> None:
        """Declare a client.

        Raises ``ValueError`` if its name is taken.
        """
        if name in self._entries:
            raise ValueError(f"two clients are called {name}")
        self._entries[name] = Client(
            name=name,
            description=description,
            kind=self._kind,
            trips=trips,
            answers=answers,
            make=make,
            may_trip=may_trip,
        )

    def client(
        self, *trips: str, may_trip: tuple[str, ...] = (), quietly: tuple[str, ...] | None = None
    ) -> Callable[[_Class], _Class]:
        """Declare the decorated class as a client, with its name and docstring.

        With ``quietly`` there is a second one, ``quiet-…``, that writes no answer; these are the
        requirements that the wire and the output alone show to be broken.
        """

        def declare(made: _Class) -> _Class:
            name = re.sub(r"(?<!^)(?=[A-Z])|(?<=[a-z])(?=\d)", "-", made.__name__).lower()
            description = " ".join((made.__doc__ or "").split())
            self.add(name, description, made, *trips, may_trip=may_trip)
            if quietly is not None:
                make = partial(made, answers=False)
                self.add(
                    f"quiet-{name}",
                    f"{description} It writes no answer.",
                    make,
                    *quietly,
                    may_trip=may_trip,
                    answers=False,
                )
            return made

        return declare
