"""Servers that accept invalid categories: in clusters without models, or in other spellings."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qsl, unquote, unquote_plus

from starlette.requests import Request

from conformance.reference import Provider, ProviderQuery, ReferenceServer
from conformance.reference.data import default_cluster
from conformance.reference.faults.entries import Catalogue, is_listing
from conformance.reference.faults.filters import SUPPORTED, Matching

NEAR = Catalogue("filter")
WITHOUT_MODELS = ("MESSAGE_BROKER", "CLOUD", "RELATIONAL_DB", "EMAIL")
Matches = Callable[[str, Provider], bool]


class _Loose(Matching):
    """Compares categories by ``matches``; its cluster has only the given categories."""

    def __init__(self, matches: Matches, categories: tuple[str, ...] = SUPPORTED) -> None:
        super().__init__(providers=[one for one in default_cluster() if one.category in categories])
        self._matches = matches

    def matches(self, wanted: str, provider: Provider) -> bool:
        return self._matches(wanted, provider)


# Clusters without the first and the shortest categories of the contract -----------------------


def _by_underscore(wanted: str, provider: Provider) -> bool:
    return re.fullmatch(re.escape(wanted).replace("_", "."), provider.category) is not None


def _by_number(wanted: str, provider: Provider) -> bool:
    given = wanted.isdecimal() and int(wanted) < len(SUPPORTED)
    return provider.category == (SUPPORTED[int(wanted)] if given else wanted)


LOOSE: tuple[tuple[str, str, Matches], ...] = (
    ("prefix", "by prefix", lambda wanted, one: one.category.startswith(wanted)),
    ("contained", "inside any longer value", lambda wanted, one: one.category in wanted),
    ("list", "in a comma-separated list", lambda wanted, one: one.category in wanted.split(",")),
    ("like", "by SQL LIKE with _ as a wildcard", _by_underscore),
    ("by-number", "by its index in the supported categories", _by_number),
    ("nul", "up to the first NUL character", lambda w, one: one.category == w.partition("\0")[0]),
)
for _name, _how, _matches in LOOSE:
    NEAR.add(
        f"category-{_name}-without-models",
        f"A category is matched {_how}; no provider is of AI_MODEL, VECTOR_DB or GIT.",
        partial(_Loose, _matches, WITHOUT_MODELS),
        "FILTER-12" if _name == "list" else "FILTER-03",
        besides=("ROBUST-06",),
    )
NEAR.add(
    "category-prefix-of-one-word",
    "A category is matched by prefix; all categories are single words.",
    partial(_Loose, LOOSE[0][2], ("CLOUD", "EMAIL")),
    "FILTER-03",
    besides=("ROBUST-06",),
)


# Spellings ------------------------------------------------------------------------------------


def _relaxed(wanted: str, provider: Provider) -> bool:
    return re.sub("[-_. ]", "", wanted) == provider.category.replace("_", "")


def _by_line(wanted: str, provider: Provider) -> bool:
    return re.match(f"^{provider.category}$", wanted, re.MULTILINE) is not None


SPELLINGS: tuple[tuple[str, str, Matches], ...] = (
    ("relaxed", "Punctuation in a category is ignored.", _relaxed),
    ("by-line", "Only the first line of a category is compared.", _by_line),
    (
        "quoted",
        "Double quotes around a category are removed.",
        lambda wanted, one: wanted.strip('"') == one.category,
    ),
    (
        "none-word",
        "The value None counts as no category.",
        lambda wanted, one: wanted in ("None", one.category),
    ),
    (
        "zero",
        "The value 0 counts as no category, as in PHP.",
        lambda wanted, one: wanted in ("0", one.category),
    ),
    (
        "prototype",
        "A property name of JavaScript objects selects every provider.",
        lambda wanted, one: wanted in ("constructor", "toString", one.category),
    ),
    (
        "or-type",
        "The parameter category also selects by type.",
        lambda wanted, one: wanted in (one.category, one.type),
    ),
    (
        "or-name",
        "The parameter category also selects by name.",
        lambda wanted, one: wanted in (one.category, one.name),
    ),
)
for _name, _fault, _matches in SPELLINGS:
    NEAR.add(f"category-{_name}", _fault, partial(_Loose, _matches), "FILTER-03")


# Decoding -------------------------------------------------------------------------------------


class _Decoding(ReferenceServer):
    """Decodes the query of the endpoint under test differently."""

    def read_query(self, request: Request) -> ProviderQuery:
        if not is_listing(request):
            return super().read_query(request)
        found = dict(reversed(self.pairs(request.url.query)))
        return ProviderQuery(
            category=found.get("category"), active_only=found.get("activeOnly") != "false"
        )

    def pairs(self, query: str) -> list[tuple[str, str]]:
        return parse_qsl(query, keep_blank_values=True)


@NEAR.fault("FILTER-03")
class DecodedBeforeSplit(_Decoding):
    """The query is percent-decoded before it is split into parameters."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        halves = (pair.partition("=") for pair in unquote_plus(query).split("&") if pair)
        return [(name, value) for name, _, value in halves]


@NEAR.fault("FILTER-03", besides=("ROBUST",))
class DecodedTwice(_Decoding):
    """The query is percent-decoded twice."""

    def pairs(self, query: str) -> list[tuple[str, str]]:
        return [(unquote(name), unquote(value)) for name, value in super().pairs(query)]
