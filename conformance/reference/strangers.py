"""A reference server that treats unauthenticated requests by their number."""

from __future__ import annotations

import itertools

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.server import ReferenceServer

__all__ = ["CountingStrangers"]


class CountingStrangers(ReferenceServer):
    """Numbers the requests that it refuses, beginning with 1; ``turn_away`` responds to them."""

    def __init__(self) -> None:
        super().__init__()
        self._strangers = itertools.count(1)

    def authorise(self, request: Request) -> Response | None:
        """Return ``None`` for a valid token, or the response to a refused request."""
        refusal = super().authorise(request)
        return None if refusal is None else self.turn_away(next(self._strangers), refusal)

    def turn_away(self, number: int, refusal: Response) -> Response:
        """Return the response to a refused request; ``refusal`` is the usual one."""
        raise NotImplementedError
