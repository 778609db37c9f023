"""Read the filters of an operation from an OpenAPI document: its parameters with ``x-filter``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.contract.model import Filter, Operator
from conformance.contract.requirements import one_of
from conformance.core.yaml_document import DocumentError, at, path_of


def of_operation(document: Mapping[str, Any], path: str, method: str) -> tuple[Filter, ...]:
    """Return the filters of an operation; parameters without ``x-filter`` are left out.

    Raises:
        DocumentError: the operation does not exist, or an ``x-filter`` is malformed.
    """
    places = [("paths", path, method, "parameters"), ("paths", path, "parameters")]
    at(document, "paths", path, method)
    filters: dict[str, Filter] = {}
    for names in places:
        *parents, last = names
        if last in at(document, *parents):
            for place, parameter in parameters(document, names):
                # A parameter of the operation overrides one of the path.
                if "x-filter" in parameter and parameter.get("name") not in filters:
                    item = read(parameter, place)
                    filters[item.parameter] = item
    return tuple(filters.values())


def parameters(
    document: Mapping[str, Any], names: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the parameters in a list of the document, each with its place; references resolved.

    Raises:
        DocumentError: there is no such list, or a reference leads nowhere.
    """
    for number, listed in enumerate(at(document, *names, kind=list)):
        parameter, place = listed, f"{'.'.join(names)}[{number}]"
        if isinstance(parameter, dict) and "$ref" in parameter:
            parts = path_of(at(parameter, "$ref", kind=str, place=place))
            place = ".".join(parts)
            parameter = at(document, *parts)
        yield place, at(parameter, place=place)


def read(parameter: Mapping[str, Any], place: str) -> Filter:
    """Return the filter that a query parameter is.

    Raises:
        DocumentError: something is missing or malformed.
    """
    name = at(parameter, "name", kind=str, place=place)
    if at(parameter, "in", kind=str, place=place) != "query":
        raise DocumentError(f"{place}.in must be query")
    meaning, place_of_meaning = at(parameter, "x-filter", place=place), f"{place}.x-filter"
    operator = one_of(Operator, meaning, "operator", place_of_meaning)
    schema = at(parameter, "schema", place=place)
    supported: Sequence[str] = ()
    if operator is Operator.EQUALS:
        supported = _supported(schema, f"{place}.schema")
    elif operator is Operator.ONLY_WHEN_TRUE:
        supported = ("true", "false")
    if operator is Operator.ONLY_WHEN_TRUE or "default" in schema:
        at(schema, "default", kind=_DEFAULTS[operator], place=f"{place}.schema")
    return Filter(
        parameter=name,
        property=at(meaning, "property", kind=str, place=place_of_meaning),
        operator=operator,
        default=schema.get("default"),
        supported=tuple(supported),
    )


_DEFAULTS: Mapping[Operator, type | tuple[type, ...]] = {
    Operator.EQUALS: str,
    Operator.ONLY_WHEN_TRUE: bool,
    Operator.AT_LEAST: (int, float),
}


def _supported(schema: Mapping[str, Any], place: str) -> list[str]:
    """Return the documented values, which may stand beside a schema that permits others."""
    members = at(schema, "anyOf", kind=list, place=place) if "anyOf" in schema else [schema]
    closed = [one for one in members if "enum" in at(one, place=place)]
    values = at(closed[0] if closed else schema, "enum", kind=list, place=place)
    texts = [value for value in values if isinstance(value, str) and value.strip()]
    if not texts or len(set(texts)) != len(values):
        raise DocumentError(f"{place}.enum must list distinct, non-empty strings")
    return texts
