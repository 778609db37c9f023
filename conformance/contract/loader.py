"""Load the contract: ``spec/openapi.yaml`` with ``requirements.yaml``, or files of the user."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from conformance.contract import filters, fixtures, requirements
from conformance.contract.model import HTTP_TOKEN, Contract, Filter, Operator
from conformance.core import input_files
from conformance.core.own_json import spec_file
from conformance.core.text import clipped, visible
from conformance.core.yaml_document import DocumentError, at, read_yaml
from conformance.errors import ContractError, require_extra

HOW_TO_CORRECT = "; correct it, or start from a copy of the folder spec"
REQUIREMENTS = "requirements.yaml"
JUDGED = (Operator.EQUALS, Operator.ONLY_WHEN_TRUE)
"""The operators whose filters the checks of a run judge; a contract has a filter with each."""


def default_path() -> Path:
    """Return the path of the contract that this version was made with."""
    return spec_file("openapi.yaml")


def beside(path: Path) -> Path:
    """Return the path of the requirements that belong to an OpenAPI document.

    Those of ``NAME.yaml`` are ``NAME.requirements.yaml`` if it exists, else ``requirements.yaml``.
    """
    own = path.with_name(f"{path.stem}.{REQUIREMENTS}")
    return own if own.exists() else path.with_name(REQUIREMENTS)


def files(path: Path | None) -> tuple[Path, ...]:
    """Return the files of the user that ``load`` may read for a path."""
    return () if path is None else (path, beside(path))


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
    raw = _bytes(path)
    document = _document(raw, str(path))
    one_file = requirements.is_one_file(document)
    rules = None if one_file else _bytes(beside(path))
    return _assembled(raw, document, rules, str(path))


def _bytes(path: Path) -> bytes:
    try:
        return input_files.read_bytes(path)
    except (OSError, ValueError) as error:
        advice = "name a readable file, or omit --contract"
        if path.name.endswith(REQUIREMENTS):
            advice = "a contract consists of two files in one folder; copy this one from spec"
        raise ContractError(
            f"cannot read the contract {path}: {input_files.reason(error)}; {advice}"
        ) from error


def parse(raw: bytes, rules: bytes | None = None, *, name: str = "contract") -> Contract:
    """Parse the bytes of a contract; ``name`` is what errors call the file.

    ``rules`` are the bytes of ``requirements.yaml``, which a contract before 0.3 does not have.

    Raises:
        ContractError: the contract is not usable; the text names the file and the place.
    """
    return _assembled(raw, _document(raw, name), rules, name)


def _assembled(raw: bytes, document: Mapping[str, Any], rules: bytes | None, name: str) -> Contract:
    place = name if rules is None else str(beside(Path(name)))
    requirements_document = document if rules is None else _document(rules, place)
    with _naming(name, "is not usable"):
        _check_form(document)
        version = at(document, "info", "version", kind=str)
    with _naming(place, "is not usable"):
        found = requirements.read(requirements_document)
        if rules is not None and requirements_document.get("version") != version:
            raise DocumentError(f"its version is not {version}, that of the OpenAPI document")
    with _naming(name, "is not usable"):
        return _build(document, found, hashlib.sha256(raw + (rules or b"")).hexdigest())


@contextmanager
def _naming(name: str, problem: str) -> Iterator[None]:
    try:
        yield
    except DocumentError as error:
        place = f", {error.line}" if error.line else ""
        raise ContractError(
            f"the contract {name}{place} {problem}: {error}{HOW_TO_CORRECT}"
        ) from error


def _document(raw: bytes, name: str) -> Mapping[str, Any]:
    with _naming(name, "is not valid YAML"):
        document = read_yaml(raw)
    if isinstance(document, dict):
        return document
    kind = "a list of requirements" if name.endswith(REQUIREMENTS) else "an OpenAPI document"
    with _naming(name, f"is not {kind}"):
        raise DocumentError(f"it is {'empty' if document is None else 'not a mapping'}")
    raise AssertionError


def _check_form(document: Mapping[str, Any]) -> None:
    if not str(at(document, "openapi", kind=str)).startswith("3.1"):
        raise DocumentError("openapi is not 3.1")
    _check_references(document)


def _build(document: Mapping[str, Any], found: requirements.Requirements, sha256: str) -> Contract:
    path = _path(document)
    contract = Contract(
        version=at(document, "info", "version", kind=str),
        sha256=sha256,
        path=path,
        token_header=_token_header(document),
        filters=_filters(document, ("paths", path, "get", "parameters")),
        requirements=found.requirements,
        families=found.families,
        measures=found.measures,
        related=found.related,
        model_fields=found.model_fields,
        document=document,
        fixtures=fixtures.read(document),
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
    found: dict[str, Filter] = {}
    for where, parameter in filters.parameters(document, place):
        item = filters.read(parameter, where)
        if item.parameter in found:
            raise DocumentError(f"the parameter {item.parameter} is defined twice")
        if item.operator not in JUDGED:
            raise DocumentError(f"{where}.x-filter.operator {item.operator} is not judged by a run")
        found[item.parameter] = item
    for operator in JUDGED:
        if operator not in {item.operator for item in found.values()}:
            raise DocumentError(f"no parameter has the x-filter.operator {operator}")
    return tuple(found.values())


def _check_schemas(contract: Contract) -> None:
    import jsonschema_rs

    # This is looked up by name later; here the error can name the place.
    at(contract.document, "components", "schemas", "Tag", "properties")
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
