"""Servers that fail for unusual queries."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.entities import Provider
from conformance.reference.faults.entries import Catalogue, is_listing
from conformance.reference.reading import ProviderQuery, Refusal
from conformance.reference.server import ReferenceServer
from conformance.reference.strangers import CountingStrangers

ROBUST = Catalogue("robust")
BOOLEANS = ("true", "false")
KNOWN = ("category", "activeOnly")


def _category(request: Request) -> str | None:
    return request.query_params.get("category")


def _switch(request: Request) -> str | None:
    return request.query_params.get("activeOnly")


def with_malformed_boolean(request: Request) -> bool:
    """Whether activeOnly is present but neither true nor false."""
    return _switch(request) not in (None, *BOOLEANS)


def quoted(request: Request) -> bool:
    """Whether the category contains a quote."""
    return "'" in (_category(request) or "")


def _unknown(request: Request) -> set[str]:
    return set(request.query_params) - set(KNOWN)


def _repeated(request: Request) -> bool:
    names = [name for name, _ in request.query_params.multi_items()]
    return len(names) > len(set(names))


# Errors of the server --------------------------------------------------------------------------


@ROBUST.fault("ROBUST-01")
class FailsNowAndThenForStrangers(CountingStrangers):
    """One unauthenticated request in twenty gets status 500, also one that is refused otherwise."""

    def turn_away(self, number: int, refusal: Response) -> Response:
        return refusal if number % 20 else Response(status_code=500)


class Crashing(ReferenceServer):
    """Fails for some queries."""

    def __init__(self, concerns: Callable[[Request], bool], status: int = 500) -> None:
        super().__init__()
        self._concerns = concerns
        self._status = status

    def read_query(self, request: Request) -> ProviderQuery:
        if is_listing(request) and self._concerns(request):
            raise Refusal("Internal Server Error", status=self._status)
        return super().read_query(request)


CRASHES: tuple[tuple[str, str, Callable[[Request], bool]], ...] = (
    ("malformed-boolean", "a malformed boolean", with_malformed_boolean),
    ("empty-boolean", "an empty activeOnly", lambda r: _switch(r) == ""),
    ("empty-category", "an empty category", lambda r: _category(r) == ""),
    ("non-ascii", "a non-ASCII category", lambda r: not (_category(r) or "").isascii()),
    ("null-character", "a NUL character in the category", lambda r: "\0" in (_category(r) or "")),
    ("line-break", "a line break in the category", lambda r: "\n" in (_category(r) or "")),
    ("undecodable", "bytes that are not UTF-8", lambda r: "\ufffd" in (_category(r) or "")),
    ("long", "a category of more than 1,000 characters", lambda r: len(_category(r) or "") > 1000),
    ("long-query", "a query of more than 1,000 characters", lambda r: len(r.url.query) > 1000),
    ("quote", "a quote in the category", quoted),
    ("backslash", "a backslash in the category", lambda r: "\\" in (_category(r) or "")),
    ("brace", "a brace in the category", lambda r: "{" in (_category(r) or "")),
    (
        "beyond-the-plane",
        "a character beyond U+FFFF",
        lambda r: max(_category(r) or " ") > "\uffff",
    ),
    ("repeated", "a repeated parameter", _repeated),
    ("many-parameters", "more than 100 parameters", lambda r: len(r.query_params) > 100),
    ("unknown-number", "the undocumented parameter page", lambda r: "page" in r.query_params),
    ("unknown-parameter", "an unknown parameter", lambda r: bool(_unknown(r))),
    (
        "parameter-without-value",
        "a parameter without a value",
        lambda r: r.url.query == "activeOnly",
    ),
)
WHATEVER_CATEGORY = frozenset(
    {
        *("malformed-boolean", "empty-boolean", "repeated", "parameter-without-value"),
        *("unknown-number", "unknown-parameter"),
    }
)
"""These are not caused by a category. The others are also sent as categories."""
for _name, _what, _concerns in CRASHES:
    ROBUST.add(
        f"{_name}-crashes",
        f"The server returns status 500 for {_what}.",
        partial(Crashing, _concerns),
        "ROBUST-01",
        besides=() if _name in WHATEVER_CATEGORY else ("FILTER-03",),
    )
ROBUST.add(
    "malformed-boolean-not-implemented",
    "A malformed boolean returns status 501.",
    partial(Crashing, with_malformed_boolean, 501),
    "ROBUST-01",
)
ROBUST.add(
    "repeated-bad-gateway",
    "A gateway returns status 505 for a repeated parameter.",
    partial(Crashing, _repeated, 505),
    "ROBUST-01",
)


# Results that no query requests ------------------------------------------------------------


class _Selecting(ReferenceServer):
    """Returns a different result for some unusual queries."""

    def __init__(
        self,
        concerns: Callable[[Request], bool],
        choose: Callable[[ReferenceServer, list[Provider], Request], list[Provider]],
    ) -> None:
        super().__init__()
        self._concerns = concerns
        self._choose = choose

    def read_query(self, request: Request) -> ProviderQuery:
        try:
            return super().read_query(request)
        except Refusal:
            return ProviderQuery(category=_category(request))

    async def list_providers(self, request: Request) -> Response:
        query = self.read_query(request)
        chosen = self.select(query)
        if self._concerns(request):
            chosen = self._choose(self, chosen, request)
        return self.render([self.represent(provider, query) for provider in chosen], request)


def _inactive(server: ReferenceServer, _: list[Provider], request: Request) -> list[Provider]:
    wanted = (None, _category(request))
    return [
        p for p in server.providers if not p.enabled and (p.category in wanted or not wanted[1])
    ]


def _none(_: ReferenceServer, __: list[Provider], ___: Request) -> list[Provider]:
    return []


def _first(_: ReferenceServer, chosen: list[Provider], __: Request) -> list[Provider]:
    return chosen[:1]


def _first_of_all(server: ReferenceServer, _: list[Provider], __: Request) -> list[Provider]:
    return list(server.providers[:1])


def _limited(_: ReferenceServer, chosen: list[Provider], request: Request) -> list[Provider]:
    return chosen[: int(request.query_params["limit"])]


def _paged(_: ReferenceServer, chosen: list[Provider], request: Request) -> list[Provider]:
    size = int(request.query_params.get("size", "20"))
    start = int(request.query_params["page"]) * size
    return chosen[start : start + size]


def _skipped(_: ReferenceServer, chosen: list[Provider], request: Request) -> list[Provider]:
    return chosen[int(request.query_params["offset"]) :]


def _of_type(_: ReferenceServer, chosen: list[Provider], request: Request) -> list[Provider]:
    return [provider for provider in chosen if provider.type == request.query_params["type"]]


def _of_name(_: ReferenceServer, chosen: list[Provider], request: Request) -> list[Provider]:
    return [provider for provider in chosen if provider.name == request.query_params["name"]]


def _enabled(_: ReferenceServer, chosen: list[Provider], __: Request) -> list[Provider]:
    return [provider for provider in chosen if provider.enabled]


def _all(server: ReferenceServer, _: list[Provider], __: Request) -> list[Provider]:
    return list(server.providers)


def _asks(name: str) -> Callable[[Request], bool]:
    return lambda request: name in request.query_params


def _two_categories(request: Request) -> bool:
    return len(set(request.query_params.getlist("category"))) > 1


def _equal_categories(request: Request) -> bool:
    given = request.query_params.getlist("category")
    return len(given) > 1 and len(set(given)) == 1


def _two_switches(request: Request) -> bool:
    return len(request.query_params.getlist("activeOnly")) > 1


_Choose = Callable[[ReferenceServer, list[Provider], Request], list[Provider]]
OWN_VIEWS: tuple[tuple[str, str, Callable[[Request], bool], _Choose, tuple[str, ...]], ...] = (
    (
        "malformed-boolean-inverts",
        "A malformed boolean selects only inactive providers.",
        with_malformed_boolean,
        _inactive,
        ("ROBUST-03",),
    ),
    (
        "malformed-boolean-empties",
        "A malformed boolean selects nothing.",
        with_malformed_boolean,
        _none,
        ("ROBUST-03",),
    ),
    (
        "malformed-boolean-shows-one",
        "A malformed boolean selects a single provider.",
        with_malformed_boolean,
        _first,
        ("ROBUST-03",),
    ),
    (
        "empty-boolean-empties",
        "An empty activeOnly selects nothing.",
        lambda request: _switch(request) == "",
        _none,
        ("ROBUST-03",),
    ),
    (
        "limit",
        "The undocumented parameter limit limits the result.",
        _asks("limit"),
        _limited,
        ("ROBUST-07",),
    ),
    (
        "pages",
        "The undocumented parameter page selects a page.",
        _asks("page"),
        _paged,
        ("ROBUST-07",),
    ),
    (
        "offset",
        "The undocumented parameter offset skips providers.",
        _asks("offset"),
        _skipped,
        ("ROBUST-07",),
    ),
    (
        "type",
        "The undocumented parameter type filters the result.",
        _asks("type"),
        _of_type,
        ("ROBUST-07",),
    ),
    (
        "name",
        "The undocumented parameter name filters the result.",
        _asks("name"),
        _of_name,
        ("ROBUST-07",),
    ),
    (
        "enabled",
        "The undocumented parameter enabled filters the result.",
        _asks("enabled"),
        _enabled,
        ("ROBUST-07",),
    ),
    (
        "unknown-empties",
        "An unknown parameter makes the result empty.",
        lambda request: bool(_unknown(request)),
        _none,
        ("ROBUST-04", "ROBUST-07"),
    ),
    (
        "unknown-resets",
        "An unknown parameter resets activeOnly to its default.",
        lambda request: bool(_unknown(request)),
        _enabled,
        ("ROBUST-04", "ROBUST-07"),
    ),
    (
        "meaningless-empties",
        "A parameter whose name is not a word makes the result empty.",
        lambda request: any(not set(name) & set("aeiouy") for name in request.query_params),
        _none,
        ("ROBUST-04",),
    ),
    (
        "two-categories-all",
        "Two different categories select every provider.",
        _two_categories,
        _all,
        ("ROBUST-05",),
    ),
    (
        "two-categories-one",
        "Two different categories select a single provider.",
        _two_categories,
        _first,
        ("ROBUST-05",),
    ),
    (
        "equal-categories-all",
        "A category given twice selects every provider.",
        _equal_categories,
        _all,
        ("ROBUST-05",),
    ),
    (
        "two-switches-none",
        "Two values of activeOnly select nothing.",
        _two_switches,
        _none,
        ("ROBUST-05",),
    ),
    (
        "two-switches-inactive",
        "Two values of activeOnly select only inactive providers.",
        _two_switches,
        _inactive,
        ("ROBUST-05",),
    ),
    (
        "empty-category-first",
        "An empty category selects a single provider.",
        lambda request: _category(request) == "",
        _first_of_all,
        ("ROBUST-06",),
    ),
    (
        "empty-category-loosens",
        "An empty category selects every provider, although only active ones are requested.",
        lambda request: _category(request) == "",
        _all,
        ("ROBUST-06",),
    ),
    (
        "empty-category-inactive",
        "An empty category selects only inactive providers.",
        lambda request: _category(request) == "",
        _inactive,
        ("ROBUST-06",),
    ),
)
for _name, _what, _concerns, _choose, _breaks in OWN_VIEWS:
    ROBUST.add(_name, _what, partial(_Selecting, _concerns, _choose), *_breaks, besides=("FILTER",))
