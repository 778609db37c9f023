"""Servers that filter correctly except in some results: by page, cache, spelling or rewriting."""

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
    """Returns only the first providers of some results."""

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
    "Results contain at most ten providers.",
    partial(_Paging, 10, _any),
    "FILTER-07",
)
VIEWS.add(
    "first-five-of-all",
    "Results contain at most five providers.",
    partial(_Paging, 5, _any),
    "FILTER-02",
)
VIEWS.add(
    "unfiltered-cut-short",
    "Only the unfiltered list ends after twelve providers.",
    partial(_Paging, 12, _complete),
    "FILTER-07",
)
VIEWS.add(
    "no-category-cut-short",
    "Results without a category end after seven providers.",
    partial(_Paging, 7, _bare),
    "FILTER-02",
)
VIEWS.add(
    "active-cut-short",
    "The list of all active providers ends after five.",
    partial(_Paging, 5, lambda query: query.category is None and query.active_only),
    "FILTER-05",
    "FILTER-06",
)
VIEWS.add(
    "category-cut-short",
    "Results of a category end after two providers.",
    partial(_Paging, 2, lambda query: query.category is not None),
    "FILTER-02",
)


@VIEWS.fault("FILTER-02")
class FilteredAfterPaging(ReferenceServer):
    """The category filter is applied to the first ten providers of the cluster only."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        chosen = super().select(query)
        if query.category is None:
            return chosen
        return [provider for provider in chosen if provider in self.providers[:10]]


@VIEWS.fault("FILTER-02")
class OnePerType(ReferenceServer):
    """If a category is given, only one provider per type is returned."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        chosen = super().select(query)
        if query.category is None:
            return chosen
        return list({provider.type: provider for provider in chosen}.values())


@VIEWS.fault("SHAPE-09")
class OnePerTag(ReferenceServer):
    """A join returns a provider once per tag."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        chosen = super().select(query)
        return [provider for provider in chosen for _ in provider.tags or (None,)]


# Caches with an incomplete key -------------------------------------------------------------


class _Cached(ReferenceServer):
    """Responds from a cache at the endpoint under test; ``key`` returns the cache key."""

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
    "The cache key is activeOnly alone.",
    partial(_Cached, lambda request: request.query_params.get("activeOnly")),
    "FILTER-01",
)
VIEWS.add(
    "cache-without-active-only",
    "The cache key is category alone.",
    partial(_Cached, lambda request: request.query_params.get("category")),
    "FILTER-04",
)
VIEWS.add(
    "cache-without-query",
    "The cache key is the path alone.",
    partial(_Cached, lambda request: request.url.path),
    "FILTER-01",
    "FILTER-04",
)
VIEWS.add(
    "cache-by-number-of-parameters",
    "The cache key is the number of parameters.",
    partial(_Cached, lambda request: len(request.query_params)),
    "FILTER-01",
    besides=("ROBUST",),
)
VIEWS.add(
    "cache-by-length",
    "The cache key is the length of the query.",
    partial(_Cached, lambda request: len(request.url.query)),
    "STABLE-02",
    besides=("FILTER", "ROBUST"),
)


# How the query is read -----------------------------------------------------------------------


class _Reading(ReferenceServer):
    """Reads the query of the endpoint under test differently."""

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


@VIEWS.fault("FILTER-01", besides=("ROBUST-04", "ROBUST-07"))
class LastParameterOnly(_Reading):
    """Only the last parameter is read."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        return super().pairs(query)[-1:]


@VIEWS.fault("FILTER-10")
class CategoryHasToComeFirst(_Reading):
    """The parameter category is read only if it comes first."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        found = super().pairs(query)
        return [pair for place, pair in enumerate(found) if pair[0] != "category" or place == 0]


@VIEWS.fault("FILTER-10", besides=("ROBUST-04", "ROBUST-07"))
class ActiveOnlyHasToComeLast(_Reading):
    """The parameter activeOnly is read only if it comes last."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        found = super().pairs(query)
        return [pair for pair in found[:-1] if pair[0] != "activeOnly"] + found[-1:]


def _undecoded(query: str) -> list[tuple[str, str]]:
    halves = (pair.partition("=") for pair in query.split("&") if pair)
    return [(name, value) for name, _, value in halves]


@VIEWS.fault("FILTER-11")
class QueryNotDecoded(_Reading):
    """Names and values of parameters are not percent-decoded."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        return _undecoded(query)


@VIEWS.fault("FILTER-11")
class NamesNotDecoded(_Reading):
    """The names of parameters are not percent-decoded."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        decoded = super().pairs(query)
        names = [name for name, _ in _undecoded(query)]
        return [(name, value) for name, (_, value) in zip(names, decoded, strict=True)]


@VIEWS.fault("FILTER-11")
class CategoryNotDecoded(_Reading):
    """The value of category is not percent-decoded."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        raw = [value for _, value in _undecoded(query)]
        return [
            (name, encoded if name == "category" else value)
            for (name, value), encoded in zip(super().pairs(query), raw, strict=True)
        ]


@VIEWS.fault("FILTER-11")
class EncodedQueryCrashes(_Reading):
    """A filter against injections returns 400 for a percent sign in the query."""

    async def list_providers(self, request: Request) -> Response:
        if "%" in request.url.query:
            return self.refuse(400, "malformed query")
        return await super().list_providers(request)


# The same provider, changed in some results --------------------------------------------------


class _Rewriting(ReferenceServer):
    """Returns providers in filtered results differently than in the unfiltered list."""

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
        "Filtered results have an empty configuration.",
        _with(configuration={}),
        _filtered,
    ),
    (
        "configuration-masked",
        "Results of a category mask the whole configuration.",
        _masked,
        _of_category,
    ),
    ("tags-dropped", "Filtered results lack the field tags.", _without("tags"), _filtered),
    ("tags-emptied", "Results of a category have no tags.", _with(tags=[]), _of_category),
    (
        "description-dropped",
        "Filtered results lack the field description.",
        _without("description"),
        _filtered,
    ),
    (
        "times-dropped",
        "Results of a category lack both times.",
        _without("createTime", "updateTime"),
        _of_category,
    ),
    (
        "update-time-later",
        "Filtered results have an updateTime that is one millisecond later.",
        lambda shown: {n: v + 1 if n == "updateTime" else v for n, v in shown.items()},
        _filtered,
    ),
    (
        "type-in-capitals",
        "Results of a category have the type in upper case.",
        lambda shown: shown | {"type": shown["type"].upper()},
        _of_category,
    ),
    (
        "created-by-shortened",
        "Filtered results have only the local part of createdBy.",
        lambda shown: shown | {"createdBy": shown.get("createdBy", "").partition("@")[0]},
        _filtered,
    ),
)
for _name, _fault, _rewrite, _concerns in REWRITES:
    VIEWS.add(_name, _fault, partial(_Rewriting, _rewrite, _concerns), "FILTER-09")

VIEWS.add(
    "name-in-lower-case",
    "Results of a category have names in lower case.",
    partial(_Rewriting, _trimmed, _of_category),
    "FILTER-02",
)
VIEWS.add(
    "enabled-always-true",
    "Results of a category mark every provider as enabled.",
    partial(_Rewriting, _with(enabled=True), _of_category),
    "FILTER-09",
)
VIEWS.add(
    "enabled-flipped",
    "The list of all active providers marks each of them as not enabled.",
    partial(
        _Rewriting,
        _with(enabled=False),
        lambda query: query.active_only and query.category is None,
    ),
    "FILTER-04",
)
