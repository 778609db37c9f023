"""Servers that always fail for some queries and never for others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.faults.entries import Catalogue, is_listing
from conformance.reference.replies import Dropped
from conformance.reference.server import Handler, ReferenceServer

TROUBLE = Catalogue("trouble")

Answer = Callable[[], Response]


class _Failing(ReferenceServer):
    """Fails for some queries."""

    def __init__(self, answer: Answer, concerns: Callable[[Mapping[str, str]], bool]) -> None:
        super().__init__()
        self._answer = answer
        self._concerns = concerns

    async def respond(self, request: Request, handler: Handler) -> Response:
        answer = await super().respond(request, handler)
        if (
            is_listing(request)
            and answer.status_code == 200
            and self._concerns(request.query_params)
        ):
            return self._answer()
        return answer


def _asks_for(category: str) -> Callable[[Mapping[str, str]], bool]:
    return lambda parameters: parameters.get("category") == category


def _quotes(parameters: Mapping[str, str]) -> bool:
    return "'" in parameters.get("category", "")


ANSWERS: tuple[tuple[str, str, Answer], ...] = (
    ("502", "returns status 502", partial(Response, status_code=502)),
    (
        "503",
        "returns status 503 with Retry-After",
        partial(Response, status_code=503, headers={"retry-after": "0"}),
    ),
    ("504", "returns status 504", partial(Response, status_code=504)),
    ("521", "returns status 521, as a CDN does", partial(Response, status_code=521)),
    ("dropped", "closes the connection without a response", Dropped),
)
for _name, _what, _answer in ANSWERS:
    TROUBLE.add(
        f"one-category-{_name}",
        f"The category GIT {_what}.",
        partial(_Failing, _answer, _asks_for("GIT")),
        "HTTP-01",
        # Equivalent queries, or those with unknown parameters, fail in the same way.
        besides=("FILTER-11", "ROBUST"),
    )
    TROUBLE.add(
        f"quote-{_name}",
        f"A category with a quote {_what}.",
        partial(_Failing, _answer, _quotes),
        "ROBUST-01",
        besides=("FILTER-03",),
    )
TROUBLE.add(
    "one-category-breaks-off",
    "The response to the category GIT ends in the middle.",
    partial(_Failing, partial(Dropped, b'[{"name":'), _asks_for("GIT")),
    "HTTP-03",
    besides=("AUTH-10",),
)
