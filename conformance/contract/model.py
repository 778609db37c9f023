"""The contract as frozen values: requirements, filters, and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

HTTP_TOKEN = frozenset(
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)


class Level(StrEnum):
    """How binding a requirement is, in the words of RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Operator(StrEnum):
    """How a filter parameter decides, from ``x-filter.operator``."""

    EQUALS = "equals"
    """Keeps the elements whose property equals the parameter's value; no value keeps all."""

    ONLY_WHEN_TRUE = "only-when-true"
    """``true`` keeps the elements whose boolean property is true; ``false`` keeps all."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of ``x-requirements``."""

    id: str
    level: Level
    statement: str
    source: str
    evidence: Mapping[str, int]
    """Measure to the minimum that must have been seen before the requirement may pass."""

    @property
    def family(self) -> str:
        """The part of the id before the dash, such as ``FILTER``."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter that filters, and what it means (``x-filter``)."""

    parameter: str
    property: str
    operator: Operator
    default: bool | str | None
    """What an absent parameter means; ``None`` for no restriction."""
    supported: tuple[str, ...]
    """The documented values as they go on the wire."""


@dataclass(frozen=True, slots=True)
class Contract:
    """The whole contract, read-only.

    ``document`` is the parsed OpenAPI document itself, for those who need the parts that are not
    drawn out here (Schemathesis, the schema validator).
    """

    version: str
    sha256: str
    path: str
    token_header: str
    filters: tuple[Filter, ...]
    requirements: tuple[Requirement, ...]
    families: Mapping[str, str]
    measures: Mapping[str, str]
    related: Mapping[str, str]
    """Paths of other endpoints of the same server: ``token``, ``allIntegrations``, ``models``."""
    document: Mapping[str, Any]

    def requirement(self, requirement_id: str) -> Requirement:
        """Return the requirement of that id; raises ``KeyError`` when there is none."""
        for requirement in self.requirements:
            if requirement.id == requirement_id:
                return requirement
        raise KeyError(requirement_id)

    def filter(self, parameter: str) -> Filter:
        """Return the filter of that parameter; raises ``KeyError`` when there is none."""
        for candidate in self.filters:
            if candidate.parameter == parameter:
                return candidate
        raise KeyError(parameter)

    def filter_by(self, operator: Operator) -> Filter:
        """Return the filter that decides by this operator; the loader makes sure there is one."""
        return next(item for item in self.filters if item.operator is operator)

    @property
    def response_schema(self) -> Mapping[str, Any]:
        """JSON Schema (2020-12) of a 200 answer, with the components its references point to."""
        content = self.document["paths"][self.path]["get"]["responses"]["200"]["content"]
        schema: Mapping[str, Any] = content["application/json"]["schema"]
        return {**schema, "components": self.document["components"]}

    @property
    def element_schema(self) -> Mapping[str, Any]:
        """JSON Schema of one element of the answer, references resolved one level deep."""
        array = self.resolve(self.response_schema)
        return self.resolve(array["items"])

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow a local ``$ref``; other schemas are returned as they are."""
        reference = schema.get("$ref")
        if reference is None:
            return schema
        node: Any = self.document
        for part in str(reference).removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return self.resolve(node)
