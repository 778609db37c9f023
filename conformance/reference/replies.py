"""Responses of the reference server: JSON data and the documented error body."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

__all__ = ["DROP", "INSTANCE", "Dropped", "error_reply", "json_reply"]

DROP = "conformance.drop"
"""Type of the non-standard ASGI message that closes the connection of a response."""

INSTANCE = "conductor-reference"
"""The ``instance`` of every error body. It is constant, so that nothing of a request is sent back,
which may contain a credential or markup."""


class Dropped(Response):
    """Closes the connection without a response, or after the beginning of one.

    ``beginning`` is the part of a JSON body that is sent; ``Content-Length`` is twice its length.
    """

    def __init__(self, beginning: bytes = b"", *, status: int = 200) -> None:
        super().__init__(beginning, status_code=status, media_type="application/json")

    async def __call__(
        self,
        scope: Scope,  # noqa: ARG002 - the shape of an ASGI application
        receive: Receive,
        send: Send,
    ) -> None:
        """Send the beginning, if any, and return once the connection is closed."""
        body = bytes(self.body)
        if body:
            self.headers["content-length"] = str(2 * len(body))
            start = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **start})
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": DROP})
        while (await receive())["type"] != "http.disconnect":
            pass


def json_reply(
    payload: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return ``payload`` as one JSON text in UTF-8 (RFC 8259), ``application/json``.

    Raises ``ValueError`` for a payload that JSON cannot represent, such as NaN.
    """
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Caches treat `Authorization` specially, but not `X-Authorization`: they would serve one
    # client's response to another.
    merged = {"cache-control": "no-store", **(headers or {})}
    return Response(
        text.encode("utf-8"), status_code=status, headers=merged, media_type="application/json"
    )


def error_reply(
    status: int,
    message: str,
    *,
    error: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the documented error body ``{status, message, instance, retryable[, error]}``.

    ``error`` is the code that makes clients renew a token (``INVALID_TOKEN`` or
    ``EXPIRED_TOKEN``); other errors have none. ``message`` must not quote the request.
    """
    body: dict[str, object] = {
        "status": status,
        "message": message,
        "instance": INSTANCE,
        "retryable": False,
    }
    if error is not None:
        body["error"] = error
    return json_reply(body, status=status, headers=headers)
