"""Servers that return models next to their providers, or if a parameter requests them."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.faults.entries import Catalogue, ListingServer
from conformance.reference.faults.models import details_of, names_of

BESIDE = Catalogue("model")


# Inactive models appear in results of active providers, so comparisons of results fail, too.
@BESIDE.fault("MODEL-02", "SHAPE-02", besides=("FILTER",))
class AmongTheProviders(ListingServer):
    """The models are elements of the array, after the providers."""

    def render_listing(self, payload: object, request: Request) -> Response:
        assert isinstance(payload, list)
        models = [model for provider in self.providers for model in details_of(provider)]
        return super().render_listing([*payload, *models], request)


@BESIDE.fault("MODEL-02", "SHAPE-09")
class AsJoinedRows(ListingServer):
    """A join returns a provider once per model, with the name of the model."""

    def render_listing(self, payload: object, request: Request) -> Response:
        assert isinstance(payload, list)
        joined = {
            provider.name: [{"api": name} for name in names_of(provider)] or [{}]
            for provider in self.providers
        }
        rows = [element | model for element in payload for model in joined[element["name"]]]
        return super().render_listing(rows, request)


@BESIDE.fault("MODEL-02")
class InAHeader(ListingServer):
    """A header of the response names the models."""

    def render_listing(self, payload: object, request: Request) -> Response:
        answer = super().render_listing(payload, request)
        names = [name for provider in self.providers for name in names_of(provider)]
        answer.headers["x-models"] = ", ".join(names)
        return answer


class _OnRequest(ListingServer):
    """Embeds the models if a parameter requests them."""

    def __init__(self, parameter: str, value: str, member: str) -> None:
        super().__init__()
        self._wanted = (parameter, value)
        self._member = member

    def render_listing(self, payload: object, request: Request) -> Response:
        parameter, value = self._wanted
        if request.query_params.get(parameter) == value:
            assert isinstance(payload, list)
            models = {provider.name: details_of(provider) for provider in self.providers}
            payload = [element | {self._member: models[element["name"]]} for element in payload]
        return super().render_listing(payload, request)


for _parameter, _value, _member in (
    ("includeModels", "true", "apis"),
    ("expand", "apis", "apis"),
    ("details", "true", "models"),
    ("include", "models", "models"),
    ("fields", "*", "apis"),
    ("view", "full", "models"),
    ("format", "full", "models"),
    ("projection", "full", "apis"),
    ("depth", "2", "apis"),
):
    BESIDE.add(
        f"on-request-{_parameter}",
        f"With {_parameter}={_value} every provider has the field {_member}.",
        partial(_OnRequest, _parameter, _value, _member),
        "MODEL-01" if _member == "apis" else "MODEL-02",
    )
