"""Servers that fail for rare values, or evaluate undocumented parameters."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.entities import Provider
from conformance.reference.faults.entries import Catalogue, ListingServer, is_listing
from conformance.reference.faults.robust import Crashing
from conformance.reference.reading import ProviderQuery
from conformance.reference.server import ReferenceServer

NAMES = Catalogue("robust")


def _category(request: Request) -> str:
    return request.query_params.get("category", "")


CRASHES: tuple[tuple[str, str, Callable[[Request], bool]], ...] = (
    ("parenthesis", "an unclosed parenthesis", lambda request: "(" in _category(request)),
    ("format", "a printf directive in the category", lambda request: "%s" in _category(request)),
    ("prototype", "a property name of JavaScript objects", lambda r: _category(r) == "constructor"),
    (
        "nested",
        "a parameter name with a key in brackets",
        lambda request: "category[x]" in request.query_params,
    ),
    (
        "list",
        "a parameter name with empty brackets",
        lambda request: "category[]" in request.query_params,
    ),
    ("empty-parameter", "two ampersands in a row", lambda request: "&&" in request.url.query),
)
for _name, _what, _concerns in CRASHES:
    NAMES.add(
        f"{_name}-crashes",
        f"The server returns status 500 for {_what}.",
        partial(Crashing, _concerns),
        "ROBUST-01",
        besides=("FILTER-03",),
    )


# Names that are not documented -----------------------------------------------------------------


class _Reading(ReferenceServer):
    """Also reads category and activeOnly from other parameters."""

    def __init__(self, read: Callable[[Request, ProviderQuery], ProviderQuery]) -> None:
        super().__init__()
        self._read = read

    def read_query(self, request: Request) -> ProviderQuery:
        query = super().read_query(request)
        return self._read(request, query) if is_listing(request) else query


def _in_brackets(request: Request, query: ProviderQuery) -> ProviderQuery:
    category = query.category or request.query_params.get("category[]")
    return ProviderQuery(category=category, active_only=query.active_only)


def _in_any_case(request: Request, query: ProviderQuery) -> ProviderQuery:
    given = {name.lower(): value for name, value in reversed(request.query_params.multi_items())}
    return ProviderQuery(
        category=given.get("category"), active_only=given.get("activeonly") != "false"
    )


def _underscored(request: Request, query: ProviderQuery) -> ProviderQuery:
    given = request.query_params.get("activeOnly", request.query_params.get("active_only"))
    return ProviderQuery(category=query.category, active_only=given != "false")


def _with_inactive(request: Request, query: ProviderQuery) -> ProviderQuery:
    wanted = request.query_params.get("includeInactive") == "true"
    return ProviderQuery(category=query.category, active_only=query.active_only and not wanted)


_Read: TypeAlias = Callable[[Request, ProviderQuery], ProviderQuery]
READINGS: tuple[tuple[str, str, _Read], ...] = (
    ("brackets", "The category is also read from category[].", _in_brackets),
    ("upper-case", "The names of parameters are case-insensitive.", _in_any_case),
    ("snake-case", "The parameter activeOnly is also read from active_only.", _underscored),
    (
        "include-inactive",
        "The undocumented parameter includeInactive adds inactive providers.",
        _with_inactive,
    ),
)
for _name, _what, _read in READINGS:
    NAMES.add(_name, _what, partial(_Reading, _read), "ROBUST-07", besides=("FILTER",))


class _Keeping(ReferenceServer):
    """Evaluates one more parameter, which keeps some of the selected providers."""

    def __init__(
        self, parameter: str, keep: Callable[[list[Provider], str], list[Provider]]
    ) -> None:
        super().__init__()
        self._parameter = parameter
        self._keep = keep

    async def list_providers(self, request: Request) -> Response:
        query = self.read_query(request)
        chosen = self.select(query)
        value = request.query_params.get(self._parameter)
        if value is not None:
            chosen = self._keep(chosen, value)
        return self.render([self.represent(provider, query) for provider in chosen], request)


def _first(chosen: list[Provider], value: str) -> list[Provider]:
    return chosen[: int(value)]


def _tagged(chosen: list[Provider], value: str) -> list[Provider]:
    return [one for one in chosen if value in {f"{tag.key}:{tag.value}" for tag in one.tags}]


def _mentioning(chosen: list[Provider], value: str) -> list[Provider]:
    return [one for one in chosen if value in one.name or value in (one.description or "")]


_Keep: TypeAlias = Callable[[list[Provider], str], list[Provider]]
KEPT: tuple[tuple[str, str, _Keep], ...] = (
    ("pageSize", "The undocumented parameter pageSize limits the result.", _first),
    ("per_page", "The undocumented parameter per_page limits the result.", _first),
    ("freeText", "The undocumented parameter freeText filters the result.", _mentioning),
    ("tag", "The undocumented parameter tag filters the result.", _tagged),
    ("tags", "The undocumented parameter tags filters the result.", _tagged),
)
for _parameter, _what, _keep in KEPT:
    _name = _parameter.replace("_", "-").replace("S", "-s").replace("T", "-t")
    NAMES.add(_name, _what, partial(_Keeping, _parameter, _keep), "ROBUST-07")


@NAMES.fault("HTTP-02", "HTTP-03")
class CallbackIsCalled(ListingServer):
    """The undocumented parameter callback turns the response into a script."""

    def render_listing(self, payload: object, request: Request) -> Response:
        answer = super().render_listing(payload, request)
        callback = request.query_params.get("callback")
        if callback is None:
            return answer
        script = b"%s(%s)" % (callback.encode(), bytes(answer.body))
        return Response(script, media_type="application/javascript")


@NAMES.fault("HTTP-02", besides=("HTTP-03",))
class AlternativeIsObeyed(ListingServer):
    """The undocumented parameter alt turns the response into XML."""

    def render_listing(self, payload: object, request: Request) -> Response:
        if request.query_params.get("alt") == "xml":
            return Response("<providers/>", media_type="application/xml")
        return super().render_listing(payload, request)
