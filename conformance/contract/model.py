"""The data model of the contract: requirements and filters as frozen dataclasses."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance.contract.fixtures import Fixtures
from conformance.core.yaml_document import resolved

HTTP_TOKEN = frozenset(f"!#$%&'*+-.^_`|~{string.digits}{string.ascii_letters}")
"""Characters that a header name may consist of (``token`` in RFC 9110)."""


class Level(StrEnum):
    """How binding a requirement is, as defined in RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Operator(StrEnum):
    """How a filter parameter selects elements (``x-filter.operator``)."""

    EQUALS = "equals"
    """Keeps the elements whose property equals the parameter's value; no value keeps all."""

    ONLY_WHEN_TRUE = "only-when-true"
    """``true`` keeps the elements whose boolean property is true; ``false`` keeps all."""

    AT_LEAST = "at-least"
    """Keeps the elements whose number is the parameter's value or more; no value keeps all."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of ``requirements`` in ``requirements.yaml``."""

    id: str
    level: Level
    statement: str
    source: str
    evidence: Mapping[str, int]
    """Kinds of evidence, each with the minimum amount that the requirement needs to pass."""

    @property
    def family(self) -> str:
        """The part of the id before the dash, such as ``FILTER``."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Measure:
    """The names of a kind of evidence, each for one and for several.

    The short name sums up what was examined; the full one says what counts. ``decided_by`` says
    what a target needs to show it, or is empty.
    """

    short: tuple[str, str]
    full: tuple[str, str]
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """A query parameter that filters the list, and its meaning (``x-filter``)."""

    parameter: str
    property: str
    operator: Operator
    default: bool | str | float | None
    """The value that an absent parameter stands for; ``None`` if it does not restrict the list."""
    supported: tuple[str, ...]
    """The documented values, not percent-encoded; empty for ``AT_LEAST``."""


@dataclass(frozen=True, slots=True)
class Contract:
    """The whole contract, read-only.

    ``sha256`` is the hexadecimal digest of both files, one after the other. ``path`` is the path of
    the endpoint, ``token_header`` the header with the credential. ``families`` and ``measures`` are
    the families of requirements and the kinds of evidence, by name. ``model_fields`` are the fields
    of models, which no response may contain. ``document`` is the parsed OpenAPI document, for
    Schemathesis and the schema validator.
    """

    version: str
    sha256: str
    path: str
    token_header: str
    filters: tuple[Filter, ...]
    requirements: tuple[Requirement, ...]
    families: Mapping[str, str]
    measures: Mapping[str, Measure]
    related: Mapping[str, str]
    """Paths of other endpoints, by the names in ``requirements.RELATED``; two have ``{name}``."""
    model_fields: frozenset[str]
    document: Mapping[str, Any]
    fixtures: Fixtures | None = None
    """How to create and remove providers; ``None`` if the contract does not say it."""

    def requirement(self, requirement_id: str) -> Requirement:
        """Return the requirement with this id; without one, raise ``KeyError``."""
        return {one.id: one for one in self.requirements}[requirement_id]

    def filter(self, parameter: str) -> Filter:
        """Return the filter with this parameter; without one, raise ``KeyError``."""
        return {one.parameter: one for one in self.filters}[parameter]

    def filter_by(self, operator: Operator) -> Filter:
        """Return the first filter with this operator; the loader ensures that there is one."""
        return next(item for item in self.filters if item.operator is operator)

    @property
    def response_schema(self) -> Mapping[str, Any]:
        """JSON Schema (2020-12) of a 200 response, with the components that it refers to."""
        content = self.document["paths"][self.path]["get"]["responses"]["200"]["content"]
        schema: Mapping[str, Any] = content["application/json"]["schema"]
        return {**schema, "components": self.document["components"]}

    @property
    def element_schema(self) -> Mapping[str, Any]:
        """JSON Schema of one element of the response; a ``$ref`` at its top level is resolved."""
        return self.resolve(self.resolve(self.response_schema)["items"])

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the schema that a local ``$ref`` refers to; without one, the schema itself."""
        return resolved(self.document, schema)
