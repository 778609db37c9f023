"""Targets whose answers come from a fuzzer: without any network, and as bytes of a connection."""

from __future__ import annotations

import atexit
import math
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache

import requests
from support.canned.exchanges import GRANTED
from support.servers.plain import listening

from conformance.contract.query import Query
from conformance.errors import CannotTest
from conformance.evidence.exchange import Exchange, Request
from conformance.target.credentials import AccessKey
from conformance.target.target import Target
from conformance.target.transport import Answer, Settings, Transport
from conformance.target.trouble import retry_after
from fuzzing.evidences import LAW, STRANGERS
from fuzzing.invariants import require

URL = "https://conductor.example.com"
CLOCK = 1_770_000_000.0
LONGEST_BODY = 1 << 20
Headers = tuple[tuple[str, str], ...]


class Made(Transport):
    """Sends nothing: checks and prepares each request as ever, and makes up the answer."""

    def __init__(self, settings: Settings, *answers: Answer) -> None:
        super().__init__(settings)
        self._answers = answers
        self.sent = 0

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        timeout: float | None = None,
    ) -> Answer:
        """Return the next answer, the last one again and again."""
        require(timeout is None or timeout > 0, "no request without time")
        self.guard(method, url, body)
        # Which refuses headers that no request can carry.
        requests.Request(method, url.partition("?")[0], headers=dict(headers), data=body).prepare()
        self.sent += 1
        require(self.sent < 200, "requests come to an end")
        return self._answers[min(self.sent, len(self._answers)) - 1]


def _target(*answers: Answer, key: bool = False) -> Target:
    return Target(
        URL,
        credential=AccessKey("a-key-id", "a-key-secret") if key else "an-accepted-token",
        contract=LAW,
        retry_budget=0,
        sender=lambda settings: Made(settings, *answers),
    )


def answered(status: int, headers: Headers) -> None:
    """Ask a target that answers with this status and these headers, whatever it is asked."""
    with _target(Answer(status, headers, b"[]")) as target:
        for request in (target.request(Query("category=GIT")), Request(Query(), STRANGERS[0])):
            try:
                recorded = target.ask(request, first=True)
            except CannotTest as error:
                require(error.args[0].isprintable(), "a reason is plain text")
                continue
            _check_recorded(recorded)
        for note in target.notes:
            require(note.isprintable(), "notes are plain text")


def _check_recorded(recorded: Exchange) -> None:
    seconds = retry_after(recorded, lambda: CLOCK)
    require(
        seconds is None or (seconds >= 0 and not math.isnan(seconds)),
        f"a wait is no time or some time, not {seconds}",
    )
    require(recorded.outcome.isprintable(), "an outcome is plain text")


def renewed(first: bytes, second: bytes) -> None:
    """Get a token from one answer, then another; make and send everything that is made of them."""
    other = Answer(200, (), b'{"token": "for-the-rest-of-it"}')
    answers = (Answer(200, (), first), Answer(200, (("x-echo", "é"),), first), other)
    with _target(*answers, key=True) as target:
        failed = target.obtain_token()
        if failed is not None:
            require(failed.outcome.isprintable(), "an outcome is plain text")
            return
        forms = target.forms()
        # With the token of the first answer, which its own body repeats.
        recorded = target.ask(target.request(Query()), first=True)
        require(len(recorded.body) >= 0, "there is a record")
        target.ask(Request(Query(), forms[-1].access), first=True)
    answers = (Answer(200, (), first), Answer(200, (), second), Answer(200, (), b"[]"))
    with _target(*answers, key=True) as target:
        target.obtain_token()
        forms = target.forms()
        if target.obtain_token() is None:
            for form in forms:
                target.ask(Request(Query(), form.access), first=True)


_REPLY = [b""]


def _reply(connection: socket.socket) -> None:
    while b"\r\n\r\n" not in connection.recv(1 << 16):
        pass
    connection.sendall(_REPLY[0])


@cache
def _transport() -> tuple[Transport, str]:
    """Start a server that answers each connection with ``_REPLY`` for as long as the process."""
    origin = f"http://127.0.0.1:{_RUNNING.enter_context(listening(_reply))}"
    settings = Settings(
        origin, frozenset(), "fuzz", timeout=5.0, parallel=1, largest_body=LONGEST_BODY
    )
    return Transport(settings), origin


_RUNNING = ExitStack()
atexit.register(_RUNNING.close)


def heard(data: bytes) -> None:
    """Read an answer from a connection that brings these bytes, and then nothing more."""
    transport, origin = _transport()
    _REPLY[0] = data
    answer = transport.send("GET", f"{origin}/api", {})
    require(len(answer.body) <= LONGEST_BODY, "a body is as large as may be")
    require(all(name == name.lower() for name, _ in answer.headers), "names are in lower case")
    if answer.trouble is None:
        require(answer.status >= 100, "an answer has a status")
    else:
        require(answer.trouble.reason.isprintable(), "a reason is plain text")
        require(answer.elapsed < 4, "what ends is not waited for")
    recorded = Exchange(
        Request(Query(), GRANTED),
        URL,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        trouble=answer.trouble,
    )
    _check_recorded(recorded)
    require(recorded.decoded == recorded.decoded, "a body can be decoded")
