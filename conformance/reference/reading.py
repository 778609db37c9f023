"""Reading requests: the filter parameters, and JSON bodies such as that of a token request."""

from __future__ import annotations

import json
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

__all__ = ["ProviderQuery", "Refusal", "first_parameter", "read_json", "read_key_pair"]

_MAX_BODY = 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderQuery:
    """The two documented parameters, with the documented default of ``activeOnly``."""

    category: str | None = None
    active_only: bool = True


class Refusal(Exception):
    """Raised to send an error response; the message must not quote the request."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        """Set the message and the status of the response."""
        super().__init__(message)
        self.status = status


def first_parameter(request: Request, name: str) -> str | None:
    """Return the first value of a query parameter, which may be ``""``; ``None`` if absent."""
    # `query_params[name]` returns the last value of a repeated parameter.
    return next(iter(request.query_params.getlist(name)), None)


async def read_json(request: Request) -> object:
    """Return the JSON value in a body.

    Raises :class:`Refusal` with status 413 for a body over 64 KiB, and with 400 for one that is
    not JSON in UTF-8.
    """
    try:
        value: object = json.loads((await _read_body(request)).decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refusal("The body must be JSON in UTF-8") from None
    return value


async def read_key_pair(request: Request) -> tuple[str, str]:
    """Return ``keyId`` and ``keySecret`` from a JSON body (documentation: *Authentication*).

    Raises :class:`Refusal` as :func:`read_json` does, and with status 400 for a value that is not
    an object with both fields as strings.
    """
    document = await read_json(request)
    members = document if isinstance(document, dict) else {}
    key_id, key_secret = members.get("keyId"), members.get("keySecret")
    if not (isinstance(key_id, str) and isinstance(key_secret, str)):
        raise Refusal('The body must be {"keyId": "…", "keySecret": "…"}')
    return key_id, key_secret


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    size = 0
    try:
        # An oversized body is read to its end, but not kept: if the connection were closed while
        # the client still sends, the client would not receive the response.
        async for chunk in request.stream():
            size += len(chunk)
            if size <= _MAX_BODY:
                body += chunk
    except ClientDisconnect:
        raise Refusal("The body was cut short") from None
    if size > _MAX_BODY:
        raise Refusal("The body is too large", status=413)
    return bytes(body)
