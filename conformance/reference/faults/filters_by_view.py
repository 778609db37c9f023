"""Servers that filter well enough, and err in some views: by page, cache, spelling or rewriting."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import Provider, ProviderQuery, ReferenceServer
from conformance.reference.faults.entries import Catalogue, is_listing

VIEWS = Catalogue("view")
Rewrite = Callable[[dict[str, Any]], dict[str, Any]]


# Cut to size ---------------------------------------------------------------------------------


class _Paging(ReferenceServer):
    """Returns only the first providers of some views."""

    def __init__(self, size: int, concerns: Callable[[ProviderQuery], bool]) -> None:
        super().__init__()
        self._size = size
        self._concerns = concerns

    def select(self, query: ProviderQuery) -> list[Provider]:
        chosen = super().select(query)
        return chosen[: self._size] if self._concerns(query) else chosen


def _any(query: ProviderQuery) -> bool:
    return True


def _bare(query: ProviderQuery) -> bool:
    return query.category is None


def _complete(query: ProviderQuery) -> bool:
    return query.category is None and not query.active_only


VIEWS.add(
    "first-ten-of-all",
    "No view holds more than ten providers.",
    partial(_Paging, 10, _any),
    "FILTER-02",
)
VIEWS.add(
    "first-five-of-all",
    "No view holds more than five providers.",
    partial(_Paging, 5, _any),
    "FILTER-02",
)
VIEWS.add(
    "unfiltered-cut-short",
    "The unfiltered view, and it alone, ends after twelve providers.",
    partial(_Paging, 12, _complete),
    "FILTER-02",
)
VIEWS.add(
    "no-category-cut-short",
    "Views without a category end after seven providers.",
    partial(_Paging, 7, _bare),
    "FILTER-02",
)
VIEWS.add(
    "active-cut-short",
    "The view of all active providers ends after five.",
    partial(_Paging, 5, lambda query: query.category is None and query.active_only),
    "FILTER-05",
    "FILTER-06",
)
VIEWS.add(
    "category-cut-short",
    "Views of one category end after two providers.",
    partial(_Paging, 2, lambda query: query.category is not None),
    "FILTER-02",
)


@VIEWS.fault("FILTER-02")
class FilteredAfterPaging(ReferenceServer):
    """Filters are applied to the first ten providers of the cluster."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        chosen = super().select(query)
        if query.category is None:
            return chosen
        return [provider for provider in chosen if provider in self.providers[:10]]


@VIEWS.fault("FILTER-02")
class OnePerType(ReferenceServer):
    """With a category, providers of the same type are merged into one."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        chosen = super().select(query)
        if query.category is None:
            return chosen
        return list({provider.type: provider for provider in chosen}.values())


@VIEWS.fault("SHAPE-09")
class OnePerTag(ReferenceServer):
    """A join returns a provider once for each of its tags."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        chosen = super().select(query)
        return [provider for provider in chosen for _ in provider.tags or (None,)]


# A cache whose key lacks something -----------------------------------------------------------


class _Cached(ReferenceServer):
    """Answers the endpoint under test from a cache; ``key`` says which answers are the same."""

    def __init__(self, key: Callable[[Request], object]) -> None:
        super().__init__()
        self._key = key
        self._kept: dict[object, bytes] = {}

    async def list_providers(self, request: Request) -> Response:
        key = self._key(request)
        if key not in self._kept:
            self._kept[key] = bytes((await super().list_providers(request)).body)
        return Response(self._kept[key], media_type="application/json")


VIEWS.add(
    "cache-without-category",
    "Answers are cached by activeOnly alone.",
    partial(_Cached, lambda request: request.query_params.get("activeOnly")),
    "FILTER-01",
)
VIEWS.add(
    "cache-without-active-only",
    "Answers are cached by category alone.",
    partial(_Cached, lambda request: request.query_params.get("category")),
    "FILTER-04",
)
VIEWS.add(
    "cache-without-query",
    "Answers are cached by path alone.",
    partial(_Cached, lambda request: request.url.path),
    "FILTER-01",
    "FILTER-04",
)
VIEWS.add(
    "cache-by-number-of-parameters",
    "Answers are cached by how many parameters were given.",
    partial(_Cached, lambda request: len(request.query_params)),
    "FILTER-01",
    besides=("ROBUST",),
)
VIEWS.add(
    "cache-by-length",
    "Answers are cached by the length of the query.",
    partial(_Cached, lambda request: len(request.url.query)),
    "FILTER-01",
    besides=("ROBUST",),
)


# How the query is read -----------------------------------------------------------------------


class _Reading(ReferenceServer):
    """Reads the query of the endpoint under test in its own way."""

    def read_query(self, request: Request) -> ProviderQuery:
        if not is_listing(request):
            return super().read_query(request)
        found = dict(self.pairs(request.url.query))
        return ProviderQuery(
            category=found.get("category"), active_only=found.get("activeOnly") != "false"
        )

    def pairs(self, query: str) -> list[tuple[str, str]]:
        return parse_qsl(query, keep_blank_values=True)


@VIEWS.fault("FILTER-02")
class FirstParameterOnly(_Reading):
    """Only the first parameter is read."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        return super().pairs(query)[:1]


@VIEWS.fault("FILTER-01", besides=("ROBUST-04",))
class LastParameterOnly(_Reading):
    """Only the last parameter is read."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        return super().pairs(query)[-1:]


@VIEWS.fault("FILTER-10")
class CategoryHasToComeFirst(_Reading):
    """A category is read only at the beginning of the query."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        found = super().pairs(query)
        return [pair for place, pair in enumerate(found) if pair[0] != "category" or place == 0]


@VIEWS.fault("FILTER-10", besides=("ROBUST-04",))
class ActiveOnlyHasToComeLast(_Reading):
    """The parameter activeOnly is read only at the end of the query."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        found = super().pairs(query)
        return [pair for pair in found[:-1] if pair[0] != "activeOnly"] + found[-1:]


def _undecoded(query: str) -> list[tuple[str, str]]:
    halves = (pair.partition("=") for pair in query.split("&") if pair)
    return [(name, value) for name, _, value in halves]


@VIEWS.fault("FILTER-11")
class QueryNotDecoded(_Reading):
    """Names and values are compared as they stand in the URL."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        return _undecoded(query)


@VIEWS.fault("FILTER-11")
class NamesNotDecoded(_Reading):
    """The names of parameters are compared as they stand in the URL."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        decoded = super().pairs(query)
        names = [name for name, _ in _undecoded(query)]
        return [(name, value) for name, (_, value) in zip(names, decoded, strict=True)]


@VIEWS.fault("FILTER-11")
class CategoryNotDecoded(_Reading):
    """The value of category is compared as it stands in the URL."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        raw = [value for _, value in _undecoded(query)]
        return [
            (name, encoded if name == "category" else value)
            for (name, value), encoded in zip(super().pairs(query), raw, strict=True)
        ]


@VIEWS.fault("FILTER-11")
class EncodedQueryCrashes(_Reading):
    """A percent sign in the query is answered with 400, by a filter against injections."""

    async def list_providers(self, request: Request) -> Response:
        if "%" in request.url.query:
            return self.refuse(400, "malformed query")
        return await super().list_providers(request)


# The same provider, rewritten in some views --------------------------------------------------


class _Rewriting(ReferenceServer):
    """Shows some providers otherwise in filtered views than in the unfiltered one."""

    def __init__(self, rewrite: Rewrite, concerns: Callable[[ProviderQuery], bool]) -> None:
        super().__init__()
        self._rewrite = rewrite
        self._concerns = concerns

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        shown = super().represent(provider, query)
        return self._rewrite(shown) if self._concerns(query) else shown


def _filtered(query: ProviderQuery) -> bool:
    return not _complete(query)


def _of_category(query: ProviderQuery) -> bool:
    return query.category is not None


def _without(*members: str) -> Rewrite:
    return lambda shown: {name: value for name, value in shown.items() if name not in members}


def _with(**members: object) -> Rewrite:
    return lambda shown: shown | members


def _trimmed(shown: dict[str, Any]) -> dict[str, Any]:
    return shown | {"name": shown["name"].lower()}


def _masked(shown: dict[str, Any]) -> dict[str, Any]:
    configuration = shown["configuration"]
    return shown | {"configuration": dict.fromkeys(configuration, "***")}


REWRITES: tuple[tuple[str, str, Rewrite, Callable[[ProviderQuery], bool]], ...] = (
    (
        "configuration-emptied",
        "Filtered views show an empty configuration.",
        _with(configuration={}),
        _filtered,
    ),
    (
        "configuration-masked",
        "Views of a category mask the whole configuration.",
        _masked,
        _of_category,
    ),
    ("tags-dropped", "Filtered views lack the member tags.", _without("tags"), _filtered),
    ("tags-emptied", "Views of a category show no tag.", _with(tags=[]), _of_category),
    (
        "description-dropped",
        "Filtered views lack the member description.",
        _without("description"),
        _filtered,
    ),
    (
        "times-dropped",
        "Views of a category lack both times.",
        _without("createTime", "updateTime"),
        _of_category,
    ),
    (
        "update-time-later",
        "Filtered views show an updateTime that is one millisecond later.",
        lambda shown: {n: v + 1 if n == "updateTime" else v for n, v in shown.items()},
        _filtered,
    ),
    (
        "type-in-capitals",
        "Views of a category show the type in capitals.",
        lambda shown: shown | {"type": shown["type"].upper()},
        _of_category,
    ),
    (
        "created-by-shortened",
        "Filtered views show only the local part of createdBy.",
        lambda shown: shown | {"createdBy": shown.get("createdBy", "").partition("@")[0]},
        _filtered,
    ),
)
for _name, _fault, _rewrite, _concerns in REWRITES:
    VIEWS.add(_name, _fault, partial(_Rewriting, _rewrite, _concerns), "FILTER-09")

VIEWS.add(
    "name-in-lower-case",
    "Views of a category show names in lower case.",
    partial(_Rewriting, _trimmed, _of_category),
    "FILTER-02",
)
VIEWS.add(
    "enabled-always-true",
    "Views of a category say of every provider that it is enabled.",
    partial(_Rewriting, _with(enabled=True), _of_category),
    "FILTER-09",
)
VIEWS.add(
    "enabled-flipped",
    "The view of all active providers says of each that it is not enabled.",
    partial(
        _Rewriting,
        _with(enabled=False),
        lambda query: query.active_only and query.category is None,
    ),
    "FILTER-04",
)
