"""Servers that are busy, restart, lose connections or are slow, but otherwise conform."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from conformance.reference.replies import Dropped
from conformance.reference.routing import Operation, operation_of
from conformance.reference.server import Handler, ReferenceServer
from conformance.reference.strangers import CountingStrangers
from conformance.reference.variations.entries import Catalogue, Key

TROUBLE = Catalogue("trouble")

Answer = Callable[[], Response]
Meets = Callable[[], bool]
"""Whether the next request fails; called once per request."""


class _Troubled(ReferenceServer):
    """Fails for some requests."""

    def __init__(
        self,
        answer: Answer,
        meets: Callable[[], Meets],
        *operations: Operation,
        lifetime: float = 3600.0,
    ) -> None:
        super().__init__(token_lifetime=lifetime)
        self._answer = answer
        self._meets = meets()
        self._operations = operations or tuple(Operation)

    async def respond(self, request: Request, handler: Handler) -> Response:
        if operation_of(request) in self._operations and self._meets():
            return self._answer()
        return await super().respond(request, handler)


def _busy(status: int, retry_after: str | None = None) -> Answer:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return lambda: Response(status_code=status, headers=headers)


def _busy_until_date() -> Response:
    return _busy(429, formatdate(time.time() + 1, usegmt=True))()


def _every(count: int) -> Meets:
    numbers = itertools.count(1)
    return lambda: next(numbers) % count == 0


def _at_random(chance: float) -> Meets:
    dice = random.Random(7)  # noqa: S311 - not a secret
    return lambda: dice.random() < chance


def _above(rate: float, burst: int) -> Meets:
    """Limit requests to ``rate`` per second, with bursts of up to ``burst`` requests."""
    tokens = float(burst)
    filled = time.monotonic()

    def refuses() -> bool:
        nonlocal tokens, filled
        now = time.monotonic()
        tokens, filled = min(burst, tokens + (now - filled) * rate), now
        if tokens < 1:
            return True
        tokens -= 1
        return False

    return refuses


def _outages(count: int, seconds: float) -> Meets:
    """Fail for ``seconds`` after every ``count`` successful requests."""
    numbers = itertools.count(1)
    until = 0.0

    def fails() -> bool:
        nonlocal until
        if time.monotonic() < until:
            return True
        if next(numbers) % count == 0:
            until = time.monotonic() + seconds
        return False

    return fails


TROUBLES: tuple[tuple[str, str, Answer, Callable[[], Meets]], ...] = (
    (
        "now-and-then-for-a-second",
        "Every hundredth response is 429 and asks to wait one second.",
        _busy(429, "1"),
        partial(_every, 100),
    ),
    (
        "now-and-then-until-a-date",
        "Every hundredth response is 429 and asks to wait until a date.",
        _busy_until_date,
        partial(_every, 100),
    ),
    (
        "now-and-then-without-a-word",
        "Every fifteenth response is 429 without Retry-After.",
        _busy(429),
        partial(_every, 15),
    ),
    (
        "now-and-then-nonsense",
        "Every fifteenth response is 429 and asks to wait a negative time.",
        _busy(429, "-5"),
        partial(_every, 15),
    ),
    (
        "rate-limit",
        "At most eighty requests per second are accepted; 429 asks to wait one second.",
        _busy(429, "1"),
        partial(_above, 80, 30),
    ),
    (
        "rate-limit-without-a-word",
        "At most eighty requests per second are accepted; 429 has no Retry-After.",
        _busy(429),
        partial(_above, 80, 10),
    ),
    (
        "restarts",
        "Occasionally all responses are 503 for a while.",
        _busy(503),
        partial(_outages, 150, 0.7),
    ),
    (
        "restarts-with-a-word",
        "Occasionally all responses are 503 for a while and ask to wait one second.",
        _busy(503, "1"),
        partial(_outages, 150, 0.7),
    ),
    (
        "disappears",
        "Occasionally all connections are closed for a while.",
        Dropped,
        partial(_outages, 150, 0.7),
    ),
    *(
        (
            f"at-random-{status}",
            f"One response in five is {status}, at random.",
            _busy(status),
            partial(_at_random, 0.2),
        )
        for status in (408, 502, 503, 504, 521)
    ),
    (
        "loses-connections",
        "One connection in five is closed before the response, at random.",
        Dropped,
        partial(_at_random, 0.2),
    ),
)
for _name, _what, _answer, _meets in TROUBLES:
    TROUBLE.add(_name, _what, partial(_Troubled, _answer, _meets))

for _name, _what, _answer in (
    ("busy", "return 429 and ask to wait one second", _busy(429, "1")),
    ("busy-for-long", "return 429 and ask to wait one hour", _busy(429, "3600")),
    ("out-of-order", "return 503", _busy(503)),
    ("dropped", "are closed without a response", Dropped),
):
    TROUBLE.add(
        f"siblings-{_name}",
        f"Requests to related endpoints {_what}.",
        partial(
            _Troubled, _answer, partial(_at_random, 1), Operation.INTEGRATIONS, Operation.MODELS
        ),
        "MODEL-06",
    )

for _name, _what, _answer in (
    ("busy", "returns 429", _busy(429)),
    ("out-of-order", "returns 503 and asks to retry at once", _busy(503, "0")),
    ("dropped", "is closed without a response", Dropped),
):
    TROUBLE.add(
        f"token-requests-{_name}",
        f"Tokens expire after two seconds, and every second token request {_what}.",
        partial(_Troubled, _answer, partial(_every, 2), Operation.TOKEN, lifetime=2.0),
        key=Key.ACCESS_KEY,
    )


class _Slow(ReferenceServer):
    """Delays every response."""

    def __init__(self, seconds: float, *, lifetime: float = 3600.0) -> None:
        super().__init__(token_lifetime=lifetime)
        self._seconds = seconds

    async def respond(self, request: Request, handler: Handler) -> Response:
        await asyncio.sleep(self._seconds)
        return await super().respond(request, handler)


TROUBLE.add("slow", "Every response takes 100 ms.", partial(_Slow, 0.1))
TROUBLE.add(
    "tokens-live-for-a-second",
    "Tokens expire after one second, every response takes 50 ms; the client has an access key.",
    partial(_Slow, 0.05, lifetime=1.0),
    key=Key.ACCESS_KEY,
)


class _Restarting(ReferenceServer):
    """Fails for one query during the first eight seconds after it was asked for.

    That is longer than all attempts take that do not wait for a restart.
    """

    def __init__(self, answer: Answer, query: str) -> None:
        super().__init__()
        self._answer = answer
        self._query = query
        self._since: float | None = None

    async def respond(self, request: Request, handler: Handler) -> Response:
        answer = await super().respond(request, handler)
        concerned = request.url.query == self._query and answer.status_code == 200
        if concerned and operation_of(request) is Operation.LISTING:
            now = time.monotonic()
            self._since = self._since or now
            if now < self._since + 8:
                return self._answer()
        return answer


for _name, _what, _answer, _query in (
    ("503", "the query for one category returns 503", _busy(503), "category=GIT"),
    ("521", "the query for one category returns 521", _busy(521), "category=GIT&activeOnly=true"),
    ("dropped", "connections of one query are closed", Dropped, "category=EMAIL"),
):
    TROUBLE.add(
        f"one-url-restarts-{_name}",
        f"For eight seconds {_what}, as if the pod restarted that a proxy sends it to.",
        partial(_Restarting, _answer, _query),
    )


@TROUBLE.variation()
class BreaksOff(ReferenceServer):
    """One response in five ends in the middle, at random."""

    def __init__(self) -> None:
        super().__init__()
        self._meets = _at_random(0.2)

    async def respond(self, request: Request, handler: Handler) -> Response:
        answer = await super().respond(request, handler)
        if request.method == "HEAD" or not self._meets():
            return answer
        return Dropped(bytes(answer.body)[: len(answer.body) // 2], status=answer.status_code)


class _TwoAtOnce(ReferenceServer):
    """Accepts at most two concurrent requests."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer
        self._taken = 0

    async def respond(self, request: Request, handler: Handler) -> Response:
        if self._taken == 2:
            return self._answer()
        self._taken += 1
        try:
            await asyncio.sleep(0.002)
            return await super().respond(request, handler)
        finally:
            self._taken -= 1


TROUBLE.add(
    "two-at-once",
    "At most two concurrent requests are accepted; further ones return 503.",
    partial(_TwoAtOnce, _busy(503)),
)
TROUBLE.add(
    "two-at-once-or-later",
    "At most two concurrent requests are accepted; further ones return 503 and ask for a second.",
    partial(_TwoAtOnce, _busy(503, "1")),
)


class _GoneForASecond(CountingStrangers):
    """Fails for every client for a second, once twenty unauthenticated requests were refused."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer
        self._until = 0.0

    def authorise(self, request: Request) -> Response | None:
        refusal = super().authorise(request)
        return self._answer() if time.monotonic() < self._until else refusal

    def turn_away(self, number: int, refusal: Response) -> Response:
        if number == 20:
            self._until = time.monotonic() + 1
        return refusal


for _name, _what, _answer, _undecided in (
    ("404", "404, as without a route", _busy(404), ()),
    ("500", "500, as without a database", _busy(500), ()),
    ("521", "521, as from a CDN", _busy(521), ()),
    # A refused credential gets what it should, so only an accepted one may notice, at the end.
    ("403", "403, as with other rules", _busy(403), ("HTTP-01",)),
    ("login", "a redirect to a login page", lambda: RedirectResponse("/login", 302), ()),
    ("page", "200 with a page", lambda: HTMLResponse("<h1>Maintenance</h1>"), ()),
):
    TROUBLE.add(
        f"gone-for-a-second-{_name}",
        f"While credentials are refused, every response is {_what} for a second.",
        partial(_GoneForASecond, _answer),
        *_undecided,
    )


@TROUBLE.variation("AUTH")
class StrangersLockedOut(CountingStrangers):
    """After ten wrong tokens, unauthenticated requests return 429 and ask to wait one hour."""

    def turn_away(self, number: int, refusal: Response) -> Response:
        return _busy(429, "3600")() if number > 10 else refusal


@TROUBLE.variation("AUTH")
class StrangersTurnedAway(CountingStrangers):
    """After ten wrong tokens, the connections of unauthenticated requests are closed."""

    def turn_away(self, number: int, refusal: Response) -> Response:
        return Dropped() if number > 10 else refusal
