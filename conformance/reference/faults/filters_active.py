"""Servers that misinterpret ``activeOnly`` or the combination of the two filters."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import Provider, ProviderQuery, ReferenceServer, Refusal
from conformance.reference.faults.entries import Catalogue, is_listing

ACTIVE = Catalogue("filter")


# What activeOnly means -----------------------------------------------------------------------


class _Booleans(ReferenceServer):
    """Reads ``activeOnly`` differently for the endpoint under test."""

    def read_active_only(self, request: Request) -> bool:
        if not is_listing(request):
            return super().read_active_only(request)
        return self.active_only(request.query_params.get("activeOnly"), request)

    def active_only(self, value: str | None, request: Request) -> bool:
        return value != "false"


@ACTIVE.fault("FILTER-04", "FILTER-07")
class ActiveInverted(_Booleans):
    """The parameter activeOnly means its opposite."""

    def active_only(self, value: str | None, request: Request) -> bool:
        return value == "false"


@ACTIVE.fault("FILTER-06")
class ActiveAbsentIsFalse(_Booleans):
    """If activeOnly is absent, inactive providers are included."""

    def active_only(self, value: str | None, request: Request) -> bool:
        return value == "true"


@ACTIVE.fault("FILTER-04", "FILTER-06")
class ActiveNeverRead(_Booleans):
    """The parameter activeOnly is ignored; inactive providers are always included."""

    def active_only(self, value: str | None, request: Request) -> bool:
        return False


@ACTIVE.fault("FILTER-07")
class ActiveAlways(_Booleans):
    """Inactive providers are never included, but a related endpoint has them."""

    def active_only(self, value: str | None, request: Request) -> bool:
        return True


@ACTIVE.fault("FILTER-07")
class ActiveFalseIsAbsent(_Booleans):
    """If no category is given, activeOnly=false is ignored."""

    def active_only(self, value: str | None, request: Request) -> bool:
        return "category" not in request.query_params or value != "false"


@ACTIVE.fault("FILTER-07")
class ActiveByLength(_Booleans):
    """Any non-empty activeOnly counts as true, even false; related endpoints return 403."""

    def active_only(self, value: str | None, request: Request) -> bool:
        return value is None or bool(value)

    async def list_integrations(self, request: Request) -> Response:
        raise Refusal("that is not for you", status=403)


@ACTIVE.fault("FILTER-06", "FILTER-07")
class ActiveByPresence(_Booleans):
    """The parameter activeOnly counts as true if it is present, whatever its value."""

    def active_only(self, value: str | None, request: Request) -> bool:
        return value is not None


@ACTIVE.fault("FILTER-08")
class ActiveDefaultWithoutCategory(_Booleans):
    """The default of activeOnly applies only if no category is given."""

    def active_only(self, value: str | None, request: Request) -> bool:
        default = "false" if "category" in request.query_params else "true"
        return (value or default) == "true"


@ACTIVE.fault("FILTER-06")
class ActiveDefaultWithCategory(_Booleans):
    """The default of activeOnly applies only if a category is given."""

    def active_only(self, value: str | None, request: Request) -> bool:
        default = "true" if "category" in request.query_params else "false"
        return (value or default) == "true"


@ACTIVE.fault("FILTER-04", "FILTER-08")
class ActiveIgnoredWithCategory(_Booleans):
    """If a category is given, activeOnly is ignored and inactive providers are included."""

    def active_only(self, value: str | None, request: Request) -> bool:
        return "category" not in request.query_params and value != "false"


@ACTIVE.fault("FILTER-02")
class ActiveForcedWithCategory(_Booleans):
    """If a category is given, inactive providers are never included."""

    def active_only(self, value: str | None, request: Request) -> bool:
        return "category" in request.query_params or value != "false"


@ACTIVE.fault("FILTER-04")
class ActiveIgnoredInAnotherCase(ReferenceServer):
    """Categories are case-insensitive; in another letter case, activeOnly is ignored."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        category = query.category and query.category.upper()
        if category != query.category:
            query = replace(query, active_only=False)
        return super().select(replace(query, category=category))


class _Choosing(ReferenceServer):
    """Combines the two filters differently."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        return [provider for provider in self.providers if self.keeps(query, provider)]

    def keeps(self, query: ProviderQuery, provider: Provider) -> bool:
        return query.category in (None, provider.category) and (
            provider.enabled or not query.active_only
        )


@ACTIVE.fault("FILTER-01", "FILTER-08")
class FiltersJoinedByOr(_Choosing):
    """The two filters are combined with OR instead of AND."""

    def keeps(self, query: ProviderQuery, provider: Provider) -> bool:
        active = query.active_only and provider.enabled
        if query.category is None:
            return active or not query.active_only
        return active or provider.category == query.category


@ACTIVE.fault("FILTER-04", "FILTER-08")
class FiltersOneAtATime(_Choosing):
    """If a category is given, activeOnly has no effect."""

    def keeps(self, query: ProviderQuery, provider: Provider) -> bool:
        if query.category is not None:
            return provider.category == query.category
        return provider.enabled or not query.active_only


@ACTIVE.fault("FILTER-07")
class InactiveInsteadOfAll(_Choosing):
    """activeOnly=false returns only inactive providers."""

    def keeps(self, query: ProviderQuery, provider: Provider) -> bool:
        return query.category in (None, provider.category) and provider.enabled is query.active_only


@ACTIVE.fault("FILTER-02")
class InactiveInsteadOfAllWithCategory(_Choosing):
    """If a category is given, activeOnly=false returns only inactive providers."""

    def keeps(self, query: ProviderQuery, provider: Provider) -> bool:
        if query.category is not None:
            return (provider.category, provider.enabled) == (query.category, query.active_only)
        return provider.enabled or not query.active_only


@ACTIVE.fault("FILTER-05", "FILTER-06")
class ActiveMeansHavingModels(_Choosing):
    """Providers without an active model count as inactive."""

    def keeps(self, query: ProviderQuery, provider: Provider) -> bool:
        return super().keeps(query, provider) and (
            not query.active_only or provider.models_count > 0
        )


@ACTIVE.fault("FILTER-05")
class ActiveLosesUntouched(_Choosing):
    """With activeOnly=true, providers that were never updated are missing."""

    def keeps(self, query: ProviderQuery, provider: Provider) -> bool:
        touched = provider.updated_by is not None
        return super().keeps(query, provider) and (touched or not query.active_only)


@ACTIVE.fault("FILTER-02")
class CloudOnRequestOnly(_Choosing):
    """Providers of the category CLOUD are returned only if it is requested."""

    def keeps(self, query: ProviderQuery, provider: Provider) -> bool:
        hidden = provider.category == "CLOUD" and query.category is None
        return super().keeps(query, provider) and not hidden


@ACTIVE.fault("FILTER-04")
class OneInactiveSlipsThrough(_Choosing):
    """One inactive provider is in every result, because its flag is read under another name."""

    def keeps(self, query: ProviderQuery, provider: Provider) -> bool:
        if provider.name == "Mistral d'été":
            return query.category in (None, provider.category)
        return super().keeps(query, provider)


@ACTIVE.fault("FILTER-01", "FILTER-08", besides=("ROBUST",))
class EmptyResultIsAll(_Choosing):
    """If nothing matches, every provider is returned."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        return super().select(query) or list(self.providers)


@ACTIVE.fault("FILTER-07")
class ActiveRemovesTheRest(ReferenceServer):
    """The first request with activeOnly=true removes inactive providers permanently."""

    _removed = False

    async def list_providers(self, request: Request) -> Response:
        query = self.read_query(request)
        self._removed = self._removed or query.active_only
        chosen = self.select(replace(query, active_only=self._removed))
        return self.render([self.represent(provider, query) for provider in chosen], request)
