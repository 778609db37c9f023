"""Servers that select the wrong providers."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import Provider, ProviderQuery, ReferenceServer, Refusal
from conformance.reference.faults.entries import Catalogue

FILTERS = Catalogue("filter")
SUPPORTED = ("AI_MODEL", "VECTOR_DB", "MESSAGE_BROKER", "CLOUD", "RELATIONAL_DB", "GIT", "EMAIL")


class Matching(ReferenceServer):
    """Compares categories by ``matches`` and handles ``activeOnly`` correctly."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        return [
            provider
            for provider in self.providers
            if (query.category is None or self.matches(query.category, provider))
            and (provider.enabled or not query.active_only)
        ]

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted == provider.category


# How categories are compared -----------------------------------------------------------------


@FILTERS.fault("FILTER-01", "FILTER-03")
class CategoryIgnored(Matching):
    """The parameter category is ignored."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return True


@FILTERS.fault("FILTER-01", "FILTER-02")
class CategoryExcludes(Matching):
    """The parameter category removes the providers that it should select."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted != provider.category


@FILTERS.fault("FILTER-03")
class CategoryPrefix(Matching):
    """A category is matched by prefix."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return provider.category.startswith(wanted)


@FILTERS.fault("FILTER-03")
class CategorySuffix(Matching):
    """A category is matched by suffix."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return provider.category.endswith(wanted)


@FILTERS.fault("FILTER-03")
class CategorySubstring(Matching):
    """A category is matched by substring."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted in provider.category


@FILTERS.fault("FILTER-03")
class CategoryContained(Matching):
    """A provider is selected if the requested value contains its category."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return provider.category in wanted


@FILTERS.fault("FILTER-03")
class CategoryColumnTooShort(Matching):
    """Categories are compared by their first eight characters."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted[:8] == provider.category[:8]


@FILTERS.fault("FILTER-03")
class CategoryLike(Matching):
    """A category is matched by SQL LIKE with % and _ as wildcards."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        pattern = re.escape(wanted).replace("%", ".*").replace("_", ".")
        return re.fullmatch(pattern, provider.category) is not None


@FILTERS.fault("FILTER-03")
class CategoryLikePercentOnly(Matching):
    """A category is matched by SQL LIKE with % as a wildcard; only _ is escaped."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return re.fullmatch(re.escape(wanted).replace("%", ".*"), provider.category) is not None


@FILTERS.fault("FILTER-03")
class CategoryGlob(Matching):
    """A category is matched as a glob pattern."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return fnmatchcase(provider.category, wanted)


@FILTERS.fault("FILTER-03")
class CategoryRegularExpression(Matching):
    """A category is matched as a regular expression; an invalid one returns 400."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        try:
            return re.fullmatch(wanted, provider.category) is not None
        except re.error:
            raise Refusal("no such category") from None


@FILTERS.fault("FILTER-03")
class CategoryNearest(Matching):
    """An unsupported category is replaced by the most similar supported one."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return difflib.get_close_matches(wanted, SUPPORTED, 1) == [provider.category]


@FILTERS.fault("FILTER-03")
class CategoryByNumber(Matching):
    """A category may be given by its index in the supported categories."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        if wanted.isdecimal() and int(wanted) < len(SUPPORTED):
            wanted = SUPPORTED[int(wanted)]
        return wanted == provider.category


@FILTERS.fault("FILTER-12")
class CategoryList(Matching):
    """A comma-separated list of categories selects the providers of all of them."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return provider.category in wanted.split(",")


@FILTERS.fault("FILTER-12")
class CategoryAlternatives(Matching):
    """Categories that are separated by a vertical bar select the providers of all of them."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return provider.category in wanted.split("|")


class _PlainSeparator(ReferenceServer):
    """Splits a category at a separator that is not percent-encoded."""

    def __init__(self, separator: str) -> None:
        super().__init__()
        self._separator = separator

    async def list_providers(self, request: Request) -> Response:
        query = self.read_query(request)
        split = self._separator in request.url.query
        listed = (query.category or "").split(self._separator) if split else ()
        queries = [replace(query, category=one) for one in listed] or [query]
        chosen = [provider for one in queries for provider in self.select(one)]
        return self.render([self.represent(provider, query) for provider in chosen], request)


for _name, _separator in (("comma", ","), ("bar", "|"), ("semicolon", ";")):
    FILTERS.add(
        f"category-plain-{_name}",
        f"A {_name} that is not percent-encoded separates categories.",
        partial(_PlainSeparator, _separator),
        "FILTER-12",
    )


@FILTERS.fault("FILTER-12")
class CategorySemicolons(Matching):
    """Categories that are separated by semicolons select the providers of all of them."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return provider.category in wanted.split(";")


@FILTERS.fault("FILTER-03")
class CategoryAny(Matching):
    """The value ALL selects every category."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted in ("ALL", provider.category)


@FILTERS.fault("FILTER-03")
class CategoryNull(Matching):
    """The value null counts as no category."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted in ("null", provider.category)


@FILTERS.fault("FILTER-03")
class CategoryUnsupportedKeepsAll(Matching):
    """An unsupported category selects every provider."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted not in SUPPORTED or wanted == provider.category


@FILTERS.fault("FILTER-03", besides=("ROBUST-06",))
class CategoryUnsupportedIsFirst(Matching):
    """An unsupported category is replaced by AI_MODEL, the first of the enumeration."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return (wanted if wanted in SUPPORTED else SUPPORTED[0]) == provider.category


@FILTERS.fault("ROBUST-01")
class CategoryUnsupportedCrashes(Matching):
    """An unsupported category returns status 500."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        if wanted not in SUPPORTED:
            raise Refusal("Internal Server Error", status=500)
        return wanted == provider.category


@FILTERS.fault("FILTER-02", "FILTER-08")
class CategoryFoldedOnOneSide(Matching):
    """The requested value is lower-cased before the comparison, the category is not."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted.lower() == provider.category


@FILTERS.fault("FILTER-01", "FILTER-02")
class CategoryIsType(Matching):
    """One type is filtered by another category than its providers show."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted == ("AI_MODEL" if provider.type == "pineconedb" else provider.category)


@FILTERS.fault("FILTER-02")
class CategoryBroken(Matching):
    """One category, GIT, selects nothing."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted == provider.category != "GIT"


@FILTERS.fault("FILTER-01")
class CategoryTooWide(Matching):
    """One category, CLOUD, selects the providers of RELATIONAL_DB as well."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted == provider.category or (wanted, provider.category) == (
            "CLOUD",
            "RELATIONAL_DB",
        )


@FILTERS.fault("FILTER-02")
class CategoryLosesNonAscii(Matching):
    """If a category is given, providers with non-ASCII names are missing."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted == provider.category and provider.name.isascii()


@FILTERS.fault("FILTER-02")
class CategoryJoinsTags(Matching):
    """If a category is given, an inner join drops providers without tags."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted == provider.category and bool(provider.tags)


@FILTERS.fault("FILTER-02")
class CategoryJoinsModels(Matching):
    """If a category is given, an inner join drops providers without active models."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted == provider.category and provider.models_count > 0


@FILTERS.fault("FILTER-03", profile="standard")
class CategoryNonAsciiKeepsAll(Matching):
    """A category with a non-ASCII character is ignored, as if it were absent."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return not wanted.isascii() or wanted == provider.category


@FILTERS.fault("FILTER-03")
class CategoryInjection(Matching):
    """A quote in a category ends the SQL condition, so that every provider is selected."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return "'" in wanted or wanted == provider.category


@FILTERS.fault("FILTER-03", profile="standard")
class CategoryLongKeepsAll(Matching):
    """A category of more than sixteen characters is ignored, as if it were absent."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return len(wanted) > 16 or wanted == provider.category
