"""Reference servers with which creating and removing providers goes wrong; a catalogue of them.

Each says what came of it: how many writes arrived, which providers are left, and which foreign
ones, those of others, were touched.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import Operation, Provider, ReferenceServer, operation_of
from conformance.reference.replies import Dropped, error_reply
from conformance.reference.routing import WRITES
from conformance.reference.server import Handler

ELSEWHERE = "http://elsewhere.invalid"
"""The host of redirects; no name of that kind ever exists (RFC 2606)."""

SLOW = 1.5
"""Seconds that a slow server takes: more than the timeout of a test, and bearable without one."""

REMOVALS = frozenset({Operation.DELETE_PROVIDER, Operation.DELETE_MODEL})
CREATIONS = WRITES - REMOVALS


@dataclass(frozen=True)
class Arrival:
    """A write that arrived: how to process it as it should be, and two numbers from 1 on.

    ``number`` counts all writes, ``attempt`` those of the same method and path.
    """

    server: TroublesomeServer
    number: int
    attempt: int
    request: Request
    process: Callable[[], Awaitable[Response]]

    @property
    def operation(self) -> Operation | None:
        """What the write is for."""
        return operation_of(self.request)


Treat = Callable[[Arrival], Awaitable[Response]]
Concerns = Callable[[Arrival], bool]


class TroublesomeServer(ReferenceServer):
    """Treats the writes that ``concerns`` picks in its own way, and processes the others.

    ``received`` counts writes by method and path as they arrive, ``writes`` as they are answered.
    """

    def __init__(self, concerns: Concerns, treat: Treat) -> None:
        super().__init__()
        self.received: Counter[tuple[str, str]] = Counter()
        self._concerns = concerns
        self._treat = treat
        self._foreign = {provider.name: provider for provider in self.providers}

    @property
    def left(self) -> frozenset[str]:
        """The names of the providers that clients created and that still exist."""
        return frozenset(one.name for one in self.providers) - self._foreign.keys()

    @property
    def touched(self) -> frozenset[str]:
        """The names of foreign providers that were changed or removed."""
        now = {provider.name: provider for provider in self.providers}
        return frozenset(name for name, one in self._foreign.items() if now.get(name) != one)

    @property
    def lost(self) -> frozenset[str]:
        """The names of foreign providers that were removed."""
        return frozenset(self._foreign) - {provider.name for provider in self.providers}

    def take(self, name: str, kind: str, category: str) -> None:
        """Create a provider of someone else, unless there is one of this name."""
        if all(provider.name != name for provider in self.providers):
            foreign = Provider(name=name, type=kind, category=category, create_time=1)
            self.providers = (*self.providers, foreign)
            self._foreign[name] = foreign

    async def respond(self, request: Request, handler: Handler) -> Response:
        """Respond to a write as the trouble demands."""
        process = partial(super().respond, request, handler)
        if operation_of(request) not in WRITES:
            return await process()
        arrived = request.method, request.scope["path"]
        self.received[arrived] += 1
        number, attempt = self.received.total(), self.received[arrived]
        arrival = Arrival(self, number, attempt, request, process)
        return await (self._treat(arrival) if self._concerns(arrival) else process())


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One way in which creating or removing goes wrong.

    ``removable`` is whether a client that retries, and has an access key, can remove what it
    created.
    """

    name: str
    description: str
    make: Callable[[], TroublesomeServer]
    removable: bool = True


# Which writes are concerned ------------------------------------------------------------------


def _every(_: Arrival) -> bool:
    return True


def _only(*numbers: int) -> Concerns:
    return lambda arrival: arrival.number in numbers


def _each(count: int) -> Concerns:
    return lambda arrival: arrival.number % count == 1


def _of(*operations: Operation) -> Concerns:
    return lambda arrival: arrival.operation in operations


def _first(arrival: Arrival) -> bool:
    return arrival.attempt == 1


# How they are treated ------------------------------------------------------------------------


def _refused(status: int, headers: Mapping[str, str] = MappingProxyType({})) -> Treat:
    async def treat(_: Arrival) -> Response:
        return error_reply(status, "This cannot be done now", headers=headers)

    return treat


def _done_but(answer: Callable[[], Response]) -> Treat:
    async def treat(arrival: Arrival) -> Response:
        await arrival.process()
        return answer()

    return treat


async def _ignored(_: Arrival) -> Response:
    return Response()


async def _dropped(_: Arrival) -> Response:
    return Dropped()


async def _slow_after(arrival: Arrival) -> Response:
    response = await arrival.process()
    await asyncio.sleep(SLOW)
    return response


async def _slow_before(arrival: Arrival) -> Response:
    await asyncio.sleep(SLOW)
    return await arrival.process()


def _redirected(status: int) -> Treat:
    async def treat(arrival: Arrival) -> Response:
        location = ELSEWHERE + arrival.request.scope["path"]
        return Response(status_code=status, headers={"location": location})

    return treat


async def _expired(arrival: Arrival) -> Response:
    server = arrival.server
    server.clock = lambda: time.time() + server.token_lifetime
    return await arrival.process()


async def _taken(arrival: Arrival) -> Response:
    arrival.server.take(arrival.request.path_params["name"], "kafka", "MESSAGE_BROKER")
    return await arrival.process()


async def _taken_alike(arrival: Arrival) -> Response:
    body = await arrival.request.json()
    arrival.server.take(arrival.request.path_params["name"], body["type"], body["category"])
    return await arrival.process()


def _server(concerns: Concerns, treat: Treat) -> Callable[[], TroublesomeServer]:
    return partial(TroublesomeServer, concerns, treat)


_CREATING = Operation.SAVE_PROVIDER
_REFUSED, _FAILED = _refused(403), partial(error_reply, 500, "Something went wrong")
_BUSY = _refused(429, {"retry-after": "1"})

TROUBLES: tuple[Trouble, ...] = tuple(
    Trouble(name=name, description=description, make=_server(concerns, treat), removable=removable)
    for name, description, concerns, treat, removable in (
        ("refused", "Every write is refused.", _every, _REFUSED, True),
        ("removal-refused", "Every removal is refused.", _of(*REMOVALS), _REFUSED, False),
        ("second-refused", "The second write is refused.", _only(2), _REFUSED, True),
        ("models-refused", "No model can be added.", _of(Operation.SAVE_MODEL), _REFUSED, True),
        (
            "half-done",
            "The first write fails after it was processed.",
            _only(1),
            _done_but(_FAILED),
            True,
        ),
        (
            "each-half-done",
            "Every write fails after it was processed.",
            _every,
            _done_but(_FAILED),
            True,
        ),
        ("ignored", "Every write returns 200 without effect.", _every, _ignored, True),
        (
            "removal-ignored",
            "Every removal returns 200 without effect.",
            _of(*REMOVALS),
            _ignored,
            False,
        ),
        (
            "name-taken",
            "Each name is taken by a provider of another type just before it is created.",
            _of(_CREATING),
            _taken,
            True,
        ),
        (
            "name-taken-alike",
            "Each name is taken by a provider of the same type just before it is created.",
            _of(_CREATING),
            _taken_alike,
            True,
        ),
        (
            "dropped-before",
            "The first attempt of each write is dropped before it was processed.",
            _first,
            _dropped,
            True,
        ),
        (
            "dropped-after",
            "The first attempt of each write is dropped after it was processed.",
            _first,
            _done_but(Dropped),
            True,
        ),
        (
            "creation-dropped-after",
            "The first write is dropped after it was processed.",
            _only(1),
            _done_but(Dropped),
            True,
        ),
        (
            "slow-before",
            f"Every write is processed {SLOW} s after it was received.",
            _every,
            _slow_before,
            True,
        ),
        (
            "slow-after",
            f"Every response to a write comes {SLOW} s after it was processed.",
            _every,
            _slow_after,
            True,
        ),
        *(
            (
                f"redirected-{status}",
                f"Every creation is redirected to another host, by {status}.",
                _of(*CREATIONS),
                _redirected(status),
                True,
            )
            for status in (302, 307, 308)
        ),
        ("token-expires", "The token expires before the third write.", _only(3), _expired, True),
        ("busy", "Every other write returns 429 with Retry-After.", _each(2), _BUSY, True),
        ("unavailable", "Every third write returns 503.", _each(3), _refused(503), True),
        (
            "unavailable-but-done",
            "Every third write returns 503 after it was processed.",
            _each(3),
            _done_but(partial(error_reply, 503, "Try again")),
            True,
        ),
    )
)
"""Every trouble."""
