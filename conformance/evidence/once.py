"""What is worked out from an answer, kept for as long as the answer is."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import TypeVar

from conformance.core.strict_json import Decoded
from conformance.evidence.exchange import Exchange

_Made = TypeVar("_Made")


def once(make: Callable[..., _Made]) -> Callable[..., _Made]:
    """Let a function of an exchange, and of what can be hashed, work once for all equal answers.

    It may look at whether the exchange is ``ok`` and at what was ``decoded``, and at nothing else
    of it. What it returns must not be changed.
    """
    made: dict[int, dict[tuple[Hashable, ...], _Made]] = {}
    watching: dict[int, weakref.ref[Decoded]] = {}

    def forget(identity: int) -> None:
        made.pop(identity, None)
        watching.pop(identity, None)

    def remembering(exchange: Exchange, *arguments: Hashable) -> _Made:
        decoded = exchange.decoded
        identity = id(decoded)
        if identity not in watching:
            # Another object may get the identity of one that is gone.
            watching[identity] = weakref.ref(decoded, lambda _: forget(identity))
            made[identity] = {}
        known = made[identity]
        key = (exchange.ok, *arguments)
        if key not in known:
            known[key] = make(exchange, *arguments)
        return known[key]

    remembering.__doc__ = make.__doc__
    return remembering
