"""What a client sent: requests with their responses, recorded around an ASGI application."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Protocol
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY = 64 * 1024
"""Bytes of a request's body that are kept; a token request has a few hundred."""
MOST_REQUESTS = 1_000
"""Requests of one scenario that are kept; a client that sends more repeats itself."""
CREDENTIALS = frozenset({"x-authorization", "authorization", "proxy-authorization", "cookie"})
"""Headers whose values are in no log."""
HIDDEN = "(redacted)"
_RECOGNISED = 12
"""Characters by which the beginning of a secret is recognised, all of which have more."""
_LISTING = re.compile(r".*/integrations/provider/?")
_TOKEN = re.compile(r"/+api/+token/?")


class Around(Protocol):
    """Returns an application around that of an origin, such as one that records."""

    def __call__(self, app: ASGIApp, origin: int = 0, /) -> ASGIApp:
        """Return it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One request of a client, and the response to it.

    ``origin`` is 0 for the server under CONDUCTOR_SERVER_URL and 1 for the one that it redirects
    to. ``path`` and ``query`` are as sent. Names of headers are in lower case. ``begun`` and
    ``ended`` are in seconds of one clock. ``status`` is ``None`` without a response; ``content`` is
    the body of the response.
    """

    origin: int
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    begun: float
    ended: float
    status: int | None
    content: bytes

    @property
    def line(self) -> str:
        """Method, path and query."""
        return f"{self.method} {self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def is_listing(self) -> bool:
        """Whether it is a GET of the list of providers, under any prefix."""
        return self.method == "GET" and _LISTING.fullmatch(unquote(self.path)) is not None

    @property
    def is_token_request(self) -> bool:
        """Whether the path is that of the token endpoint; superfluous slashes do not matter."""
        return _TOKEN.fullmatch(unquote(self.path)) is not None

    @property
    def token(self) -> str | None:
        """The value of ``X-Authorization``."""
        return self.header("x-authorization")

    @property
    def issued(self) -> str | None:
        """The token in the response to a token request."""
        document = self.document if self.is_token_request and self.status == 200 else None
        token = document.get("token") if isinstance(document, dict) else None
        return token if isinstance(token, str) else None

    @property
    def document(self) -> Any:
        """The JSON value of the response's body; ``None`` if it is not JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next((value for one, value in self.headers if one == name), None)


class Recorder:
    """Records what the clients of one or more applications send.

    With ``observe``, each exchange is passed to it when it is over, in the thread of the server,
    and is not kept.
    """

    def __init__(self, observe: Callable[[Sent], object] | None = None) -> None:
        """Start with no requests."""
        self._observe = observe
        self._lock = threading.Lock()
        self._sent: list[Sent] = []

    @property
    def sent(self) -> tuple[Sent, ...]:
        """The requests until now, ordered by their beginning."""
        with self._lock:
            return tuple(sorted(self._sent, key=lambda one: one.begun))

    def around(self, app: ASGIApp, origin: int = 0, /) -> ASGIApp:
        """Return an application that passes everything on to ``app`` and records it."""

        async def recording(scope: Scope, receive: Receive, send: Send) -> None:
            body, content = bytearray(), bytearray()
            status: int | None = None
            begun = time.monotonic()
            ended = 0.0

            async def received() -> Message:
                message = await receive()
                body.extend(message.get("body", b"")[: MOST_BODY - len(body)])
                return message

            async def sending(message: Message) -> None:
                nonlocal status, ended
                status = message.get("status", status)
                content.extend(message.get("body", b""))
                # A client may react before this returns.
                ended = time.monotonic()
                await send(message)

            try:
                await app(scope, received, sending)
            finally:
                self._add(
                    Sent(
                        origin=origin,
                        method=scope["method"],
                        path=scope.get("raw_path", b"").decode("latin-1"),
                        query=scope["query_string"].decode("latin-1"),
                        headers=tuple(
                            (name.decode("latin-1").lower(), value.decode("latin-1"))
                            for name, value in scope["headers"]
                        ),
                        body=bytes(body),
                        begun=begun,
                        ended=ended or time.monotonic(),
                        status=status,
                        content=bytes(content),
                    )
                )

        return recording

    def _add(self, sent: Sent) -> None:
        if self._observe is not None:
            self._observe(sent)
            return
        with self._lock:
            if len(self._sent) < MOST_REQUESTS:
                self._sent.append(sent)


def log_line(sent: Sent, secrets: Mapping[str, str]) -> str:
    """Return an exchange as one line of JSON without bodies and credentials.

    ``secrets`` maps values to what is written instead of them, wherever they occur.
    """
    fields = {
        "method": sent.method,
        "path": sent.path,
        "query": sent.query,
        "headers": [
            [name, HIDDEN if name in CREDENTIALS else value] for name, value in sent.headers
        ],
        "bodyBytes": len(sent.body),
        "status": sent.status,
        "responseBytes": len(sent.content),
        "seconds": round(sent.ended - sent.begun, 3),
    }
    if sent.origin:
        fields["otherOrigin"] = True
    return without_all(json.dumps(fields), secrets)


def without_all(text: str, secrets: Mapping[str, str]) -> str:
    """Return a text with every secret, or the beginning of it if the text was cut, replaced.

    ``secrets`` maps values to what they are, in words.
    """
    for value, what in secrets.items():
        while (place := text.find(value[:_RECOGNISED])) >= 0:
            pairs = zip(text[place:], value, strict=False)
            length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            text = f"{text[:place]}({what}){text[place + length :]}"
    return text


def tokens(sent: Iterable[Sent]) -> frozenset[str]:
    """Return the tokens that were issued in these exchanges."""
    return frozenset(one.issued for one in sent if one.issued)
