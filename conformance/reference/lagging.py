"""A reference server whose responses show a write only some time after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.server import Handler, ReferenceServer
from conformance.reference.writing import Cluster

__all__ = ["LaggingServer"]


class LaggingServer(ReferenceServer):
    """Shows each write ``seconds`` after it; writes themselves see every earlier one.

    A request for which ``fresh`` returns true sees all writes at once.
    """

    def __init__(
        self, seconds: float, *, fresh: Callable[[Request], bool] = lambda _: False
    ) -> None:
        super().__init__()
        self._seconds = seconds
        self._fresh = fresh
        self._written = self._shown = self.providers

    def write(self, how: Callable[[Cluster], Cluster]) -> Cluster:
        """Change the cluster that later writes see."""
        self._written = how(self._written)
        asyncio.get_running_loop().call_later(self._seconds, self._show, self._written)
        return self._written

    def _show(self, cluster: Cluster) -> None:
        self._shown = cluster

    async def respond(self, request: Request, handler: Handler) -> Response:
        """Respond from the cluster that this request may see."""
        # Handlers that read do not wait, so no other request comes between.
        self.providers = self._written if self._fresh(request) else self._shown
        return await super().respond(request, handler)
