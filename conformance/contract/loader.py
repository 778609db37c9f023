"""Load the contract: parse and check ``spec/openapi.yaml`` or a contract file of the user."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from conformance.contract.model import HTTP_TOKEN, Contract, Filter, Level, Operator, Requirement
from conformance.core import input_files
from conformance.core.own_json import spec_file
from conformance.core.text import clipped, visible
from conformance.core.yaml_document import DocumentError, at, read_yaml
from conformance.errors import ContractError, require_extra

REQUIREMENT_ID = re.compile(r"[A-Z]+-[0-9]+")
HOW_TO_CORRECT = "; correct it, or start from a copy of spec/openapi.yaml"
RELATED = ("token", "allIntegrations", "provider", "models")
"""Other endpoints that the suite may send requests to, by their names in ``x-related``."""

_Kind = TypeVar("_Kind", Level, Operator)


def default_path() -> Path:
    """Return the path of the contract that this version was made with."""
    return spec_file("openapi.yaml")


def load(path: Path | None = None) -> Contract:
    """Read and check a contract file; without a path, return the contract of this version.

    Raises:
        ContractError: the file cannot be read, is not valid YAML or OpenAPI 3.1, or lacks
            something that the suite needs.
        UsageError: the extra ``contract`` is not installed.
    """
    if path is None:
        return _default()
    contract = _read(path)
    _validate_openapi(contract, path)
    return contract


def _validate_openapi(contract: Contract, path: Path) -> None:
    require_extra("contract", "openapi_spec_validator", "a contract file")
    from openapi_spec_validator import OpenAPIV31SpecValidator

    for error in OpenAPIV31SpecValidator(dict(contract.document)).iter_errors():
        place = "/".join(map(str, error.absolute_path)) or "its top level"
        reason = clipped(visible(str(error.message).splitlines()[0]), 200)
        raise ContractError(
            f"the contract {path} is not a valid OpenAPI 3.1 document at {place}: {reason}; "
            "run `openapi-spec-validator` for details"
        )


@cache
def _default() -> Contract:
    return _read(default_path())


def _read(path: Path) -> Contract:
    try:
        raw = input_files.read_bytes(path)
    except (OSError, ValueError) as error:
        raise ContractError(
            f"cannot read the contract {path}: {input_files.reason(error)}; "
            "name a readable file, or omit --contract"
        ) from error
    return parse(raw, name=str(path))


def parse(raw: bytes, *, name: str = "contract") -> Contract:
    """Parse the bytes of a contract; ``name`` is what errors call the file.

    Raises:
        ContractError: the contract is not usable; the text names the file and the place.
    """
    problem = "is not valid YAML"
    try:
        document = read_yaml(raw)
        problem = "is not an OpenAPI document"
        if not isinstance(document, dict):
            raise DocumentError(f"it is {'empty' if document is None else 'not a mapping'}")
        problem = "is not usable"
        return _build(document, hashlib.sha256(raw).hexdigest())
    except DocumentError as error:
        place = f", {error.line}" if error.line else ""
        raise ContractError(
            f"the contract {name}{place} {problem}: {error}{HOW_TO_CORRECT}"
        ) from error


def _build(document: Mapping[str, Any], sha256: str) -> Contract:
    if not str(at(document, "openapi", kind=str)).startswith("3.1"):
        raise DocumentError("openapi is not 3.1")
    _check_references(document)
    path = _path(document)
    families = texts_of(document, "x-families")
    measures = texts_of(document, "x-evidence")
    contract = Contract(
        version=at(document, "info", "version", kind=str),
        sha256=sha256,
        path=path,
        token_header=_token_header(document),
        filters=_filters(document, ("paths", path, "get", "parameters")),
        requirements=requirements_of(document, families, measures),
        families=families,
        measures=measures,
        related=_related(document),
        document=document,
    )
    _check_schemas(contract)
    return contract


def _check_references(document: Mapping[str, Any]) -> None:
    # A validator would follow such references and fetch other files or URLs.
    seen: set[int] = set()
    stack: list[tuple[str, Any]] = [("", document)]
    while stack:
        place, node = stack.pop()
        if isinstance(node, dict | list) and id(node) not in seen:
            seen.add(id(node))
            children = node.items() if isinstance(node, dict) else enumerate(node)
            stack += ((f"{place}.{key}".removeprefix("."), child) for key, child in children)
        elif place.endswith(".$ref") and isinstance(node, str) and not node.startswith("#/"):
            raise DocumentError(f"{place} points outside the document: {node!r}")


def _path(document: Mapping[str, Any]) -> str:
    paths = at(document, "paths")
    if len(paths) != 1:
        raise DocumentError("paths must contain exactly one path")
    path = next(iter(paths))
    if not isinstance(path, str) or not path.startswith("/api/"):
        raise DocumentError(f"paths: {path!r} does not start with /api/")
    at(document, "paths", path, "get", "responses", "200", "content", "application/json", "schema")
    return path


def texts_of(document: Mapping[str, Any], key: str) -> Mapping[str, str]:
    """Return a mapping of names to texts from a document, such as ``x-families``.

    Raises:
        DocumentError: the key is missing, or one of its values is not a non-empty string.
    """
    return {name: at(document, key, name, kind=str) for name in at(document, key)}


def _related(document: Mapping[str, Any]) -> Mapping[str, str]:
    related = {}
    for name in RELATED:
        path = at(document, "x-related", name, "path", kind=str)
        if not path.startswith("/api/"):
            raise DocumentError(f"x-related.{name}.path does not start with /api/")
        if name in ("provider", "models") and "{name}" not in path:
            raise DocumentError(f"x-related.{name}.path does not contain {{name}}")
        related[name] = path
    return related


def _token_header(document: Mapping[str, Any]) -> str:
    for name, scheme in at(document, "components", "securitySchemes").items():
        place = f"components.securitySchemes.{name}"
        if at(scheme, place=place).get("type") == "apiKey" and scheme.get("in") == "header":
            header = at(scheme, "name", kind=str, place=place)
            if not set(header) <= HTTP_TOKEN:
                raise DocumentError(f"{place}.name is not a valid header name")
            return str(header)
    raise DocumentError("components.securitySchemes has no scheme with type: apiKey and in: header")


def _filters(document: Mapping[str, Any], place: tuple[str, ...]) -> tuple[Filter, ...]:
    filters: dict[str, Filter] = {}
    for number, parameter in enumerate(at(document, *place, kind=list)):
        item = _filter(document, parameter, f"{'.'.join(place)}[{number}]")
        if item.parameter in filters:
            raise DocumentError(f"the parameter {item.parameter} is defined twice")
        filters[item.parameter] = item
    for operator in Operator:
        if operator not in {item.operator for item in filters.values()}:
            raise DocumentError(f"no parameter has the x-filter.operator {operator}")
    return tuple(filters.values())


def _filter(document: Mapping[str, Any], parameter: Any, place: str) -> Filter:
    if isinstance(parameter, dict) and "$ref" in parameter:
        parts = at(parameter, "$ref", kind=str, place=place).removeprefix("#/").split("/")
        place = ".".join(parts)
        parameter = at(document, *parts)
    name = at(parameter, "name", kind=str, place=place)
    if at(parameter, "in", kind=str, place=place) != "query":
        raise DocumentError(f"{place}.in must be query")
    meaning, place_of_meaning = at(parameter, "x-filter", place=place), f"{place}.x-filter"
    operator = _one_of(Operator, meaning, "operator", place_of_meaning)
    if operator is Operator.EQUALS:
        supported = at(parameter, "schema", "enum", kind=list, place=place)
        texts = [value for value in supported if isinstance(value, str) and value.strip()]
        if not texts or len(set(texts)) != len(supported):
            raise DocumentError(f"{place}.schema.enum must list distinct, non-empty strings")
    else:
        texts = ["true", "false"]
    kind = (str, type(None)) if operator is Operator.EQUALS else (bool,)
    return Filter(
        parameter=name,
        property=at(meaning, "property", kind=str, place=place_of_meaning),
        operator=operator,
        default=at(meaning, "default", kind=kind, place=place_of_meaning),
        supported=tuple(texts),
    )


def _one_of(kind: type[_Kind], node: Any, key: str, place: str) -> _Kind:
    text = at(node, key, kind=str, place=place)
    try:
        return kind(text)
    except ValueError:
        raise DocumentError(f"{place}.{key} is {text!r}, not one of {', '.join(kind)}") from None


def requirements_of(
    document: Mapping[str, Any], families: Mapping[str, Any], measures: Mapping[str, Any]
) -> tuple[Requirement, ...]:
    """Return the requirements (``x-requirements``) of a contract document, in its order.

    ``families`` and ``measures`` are the known families and kinds of evidence, by name.

    Raises:
        DocumentError: a requirement is incomplete, repeated, or uses an unknown name.
    """
    requirements: dict[str, Requirement] = {}
    for number, entry in enumerate(at(document, "x-requirements", kind=list)):
        requirement = _requirement(entry, f"x-requirements[{number}]", measures)
        if requirement.family not in families:
            raise DocumentError(f"the family of {requirement.id} is missing from x-families")
        if requirement.id in requirements:
            raise DocumentError(f"the requirement {requirement.id} is listed twice")
        requirements[requirement.id] = requirement
    if not requirements:
        raise DocumentError("x-requirements is empty")
    return tuple(requirements.values())


def _requirement(entry: Any, place: str, measures: Mapping[str, Any]) -> Requirement:
    requirement_id = at(entry, "id", kind=str, place=place)
    if not REQUIREMENT_ID.fullmatch(requirement_id):
        raise DocumentError(f"{place}.id is {requirement_id!r}, not of the form FAMILY-01")
    place = f"{place} ({requirement_id})"
    evidence = at(entry, "evidence", place=place)
    for measure, minimum in evidence.items():
        if measure not in measures:
            raise DocumentError(f"{requirement_id} needs {measure!r}, which x-evidence lacks")
        if type(minimum) is not int or minimum < 1:
            raise DocumentError(
                f"{requirement_id} needs {measure!r}, but its minimum is not an integer above 0"
            )
    return Requirement(
        id=requirement_id,
        level=_one_of(Level, entry, "level", place),
        statement=at(entry, "statement", kind=str, place=place),
        source=at(entry, "source", kind=str, place=place),
        evidence=dict[str, int](evidence),
    )


def _check_schemas(contract: Contract) -> None:
    import jsonschema_rs

    # These are looked up by name later; here the error can name the place.
    for name in ("ModelDetails", "Tag"):
        at(contract.document, "components", "schemas", name, "properties")
    place = "the schema of the 200 response"
    broken = (LookupError, TypeError, AttributeError, ValueError, RecursionError)
    try:
        jsonschema_rs.Draft202012Validator(dict(contract.response_schema))
        at(contract.resolve(contract.response_schema), "items", place=place)
        element = contract.element_schema
    except (*broken, jsonschema_rs.ReferencingError) as error:
        reason = clipped(visible(str(error).partition("\n")[0]), 200)
        raise DocumentError(f"{place} is invalid: {reason}") from error
    place = "the schema of an element"
    properties = at(element, "properties", place=place)
    for name in at(element, "required", kind=list, place=place):
        if name not in properties:
            raise DocumentError(f"{place} requires {name!r} but does not describe it")
    for wanted in contract.filters:
        if wanted.property not in properties:
            raise DocumentError(
                f"x-filter of {wanted.parameter} names {wanted.property!r}, "
                "which the schema of an element does not describe"
            )
