"""Servers that select the wrong providers."""

from __future__ import annotations

import difflib
import re
from fnmatch import fnmatchcase

from conformance.reference import Provider, ProviderQuery, ReferenceServer, Refusal
from conformance.reference.faults.entries import Catalogue

FILTERS = Catalogue("filter")
SUPPORTED = ("AI_MODEL", "VECTOR_DB", "MESSAGE_BROKER", "CLOUD", "RELATIONAL_DB", "GIT", "EMAIL")


class Matching(ReferenceServer):
    """Compares categories in its own way, and does right by ``activeOnly``."""

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
    """The parameter category is never read."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return True


@FILTERS.fault("FILTER-01", "FILTER-02")
class CategoryExcludes(Matching):
    """The parameter category takes away the providers that it should keep."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted != provider.category


@FILTERS.fault("FILTER-03")
class CategoryPrefix(Matching):
    """A category is matched by its beginning."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return provider.category.startswith(wanted)


@FILTERS.fault("FILTER-03")
class CategorySuffix(Matching):
    """A category is matched by its end."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return provider.category.endswith(wanted)


@FILTERS.fault("FILTER-03")
class CategorySubstring(Matching):
    """A category is matched by any part of it."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted in provider.category


@FILTERS.fault("FILTER-03")
class CategoryContained(Matching):
    """A provider is kept if the value asked for contains its category."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return provider.category in wanted


@FILTERS.fault("FILTER-03")
class CategoryColumnTooShort(Matching):
    """Categories are compared in their first eight characters."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted[:8] == provider.category[:8]


@FILTERS.fault("FILTER-03")
class CategoryLike(Matching):
    """A category is matched by LIKE, with % and _ as wildcards."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        pattern = re.escape(wanted).replace("%", ".*").replace("_", ".")
        return re.fullmatch(pattern, provider.category) is not None


@FILTERS.fault("FILTER-03")
class CategoryLikePercentOnly(Matching):
    """A category is matched by LIKE, with the underscore escaped and the percent sign forgotten."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return re.fullmatch(re.escape(wanted).replace("%", ".*"), provider.category) is not None


@FILTERS.fault("FILTER-03")
class CategoryGlob(Matching):
    """A category is matched as a pattern of file names."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return fnmatchcase(provider.category, wanted)


@FILTERS.fault("FILTER-03")
class CategoryRegularExpression(Matching):
    """A category is matched as a regular expression; one that cannot be read is a 400."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        try:
            return re.fullmatch(wanted, provider.category) is not None
        except re.error:
            raise Refusal("no such category") from None


@FILTERS.fault("FILTER-03")
class CategoryNearest(Matching):
    """A category that is not supported is taken for the one most like it."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return difflib.get_close_matches(wanted, SUPPORTED, 1) == [provider.category]


@FILTERS.fault("FILTER-03")
class CategoryByNumber(Matching):
    """A category may be given by its place in the list of supported ones."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        if wanted.isdecimal() and int(wanted) < len(SUPPORTED):
            wanted = SUPPORTED[int(wanted)]
        return wanted == provider.category


@FILTERS.fault("FILTER-03")
class CategoryList(Matching):
    """A list of categories with commas between them keeps the providers of all."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return provider.category in wanted.split(",")


@FILTERS.fault("FILTER-03")
class CategoryAny(Matching):
    """The word ALL stands for every category."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted in ("ALL", provider.category)


@FILTERS.fault("FILTER-03")
class CategoryNull(Matching):
    """The word null means that no category was given."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted in ("null", provider.category)


@FILTERS.fault("FILTER-03")
class CategoryUnsupportedKeepsAll(Matching):
    """A category that is not supported keeps every provider."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted not in SUPPORTED or wanted == provider.category


@FILTERS.fault("FILTER-03", besides=("ROBUST-06",))
class CategoryUnsupportedIsFirst(Matching):
    """A category that is not supported is taken for AI_MODEL, the first of the enumeration."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return (wanted if wanted in SUPPORTED else SUPPORTED[0]) == provider.category


@FILTERS.fault("FILTER-03", besides=("ROBUST-01",))
class CategoryUnsupportedCrashes(Matching):
    """A category that is not supported is answered with status 500."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        if wanted not in SUPPORTED:
            raise Refusal("Internal Server Error", status=500)
        return wanted == provider.category


@FILTERS.fault("FILTER-02", "FILTER-08")
class CategoryFoldedOnOneSide(Matching):
    """The value asked for is put into lower case before the comparison, the category is not."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted.lower() == provider.category


@FILTERS.fault("FILTER-01", "FILTER-02")
class CategoryIsType(Matching):
    """One type is filed under another category than its providers say."""

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
    """With a category, providers whose names are not ASCII are lost."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted == provider.category and provider.name.isascii()


@FILTERS.fault("FILTER-02")
class CategoryJoinsTags(Matching):
    """With a category, an inner join with the tags loses the providers without any."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted == provider.category and bool(provider.tags)


@FILTERS.fault("FILTER-02")
class CategoryJoinsModels(Matching):
    """With a category, an inner join with the models loses the providers without any."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return wanted == provider.category and provider.models_count > 0


@FILTERS.fault("FILTER-03", profile="standard")
class CategoryNonAsciiKeepsAll(Matching):
    """A category with a character outside ASCII is dropped, as if none had been given."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return not wanted.isascii() or wanted == provider.category


@FILTERS.fault("FILTER-03")
class CategoryInjection(Matching):
    """A category with a quote in it ends the condition that it stands in."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return "'" in wanted or wanted == provider.category


@FILTERS.fault("FILTER-03", profile="standard")
class CategoryLongKeepsAll(Matching):
    """A category of more than sixteen characters is dropped, as if none had been given."""

    def matches(self, wanted: str, provider: Provider) -> bool:
        return len(wanted) > 16 or wanted == provider.category
