"""Read the requirements of a contract: ``spec/requirements.yaml``, and its form before 0.3."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from conformance.contract.model import Level, Measure, Requirement
from conformance.core.yaml_document import DocumentError, at

REQUIREMENT_ID = re.compile(r"[A-Z]+-[0-9]+")
RELATED = ("token", "allIntegrations", "allNames", "provider", "models")
"""Other endpoints that the suite may send requests to, by their names in ``related``."""
BEFORE = "x-"
"""Prefix of the same keys in a contract before 0.3, which is one file."""

_Kind = TypeVar("_Kind", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """The content of ``requirements.yaml``, as ``Contract`` describes its parts."""

    requirements: tuple[Requirement, ...]
    families: Mapping[str, str]
    measures: Mapping[str, Measure]
    related: Mapping[str, str]
    model_fields: frozenset[str]


def read(document: Mapping[str, Any]) -> Requirements:
    """Check and return the requirements in a parsed document.

    The document is ``requirements.yaml``, or a contract before 0.3: an OpenAPI document with the
    same keys, each beginning with ``x-``, and the fields of models in the schema ``ModelDetails``.

    Raises:
        DocumentError: something is missing, has another type, or uses an unknown name.
    """
    prefix = BEFORE if is_one_file(document) else ""
    requirements, families, measures = read_list(document, prefix)
    return Requirements(
        requirements=requirements,
        families=families,
        measures=measures,
        related=_related(document, f"{prefix}related"),
        model_fields=_model_fields(document, prefix),
    )


def read_list(
    document: Mapping[str, Any], prefix: str = ""
) -> tuple[tuple[Requirement, ...], Mapping[str, str], Mapping[str, Measure]]:
    """Check and return the requirements, families and kinds of evidence in a parsed document.

    Raises:
        DocumentError: something is missing, has another type, or uses an unknown name.
    """
    families = at(document, f"{prefix}families")
    evidence = at(document, f"{prefix}evidence")
    measures = {name: _measure(evidence, name, f"{prefix}evidence") for name in evidence}
    return (
        _requirements(document, f"{prefix}requirements", families, measures),
        {name: at(families, name, kind=str, place=f"{prefix}families") for name in families},
        measures,
    )


def is_one_file(document: Any) -> bool:
    """Whether an OpenAPI document contains its requirements, as before 0.3."""
    return isinstance(document, Mapping) and f"{BEFORE}requirements" in document


def one_of(kind: type[_Kind], node: Any, key: str, place: str) -> _Kind:
    """Return a field of a mapping as a member of an enumeration.

    Raises:
        DocumentError: it is missing, or is not a value of the enumeration.
    """
    text = at(node, key, kind=str, place=place)
    try:
        return kind(text)
    except ValueError:
        raise DocumentError(f"{place}.{key} is {text!r}, not one of {', '.join(kind)}") from None


def _measure(evidence: Mapping[str, Any], name: str, place: str) -> Measure:
    entry = at(evidence, name, kind=(str, dict), place=place)
    if isinstance(entry, str):
        at(evidence, name, kind=str, place=place)
        return Measure((entry, entry), (entry, entry))
    short = _forms(entry, "short", f"{place}.{name}")
    full = _forms(entry, "full", f"{place}.{name}") if "full" in entry else short
    known = "decidedBy" in entry
    remedy = at(entry, "decidedBy", kind=str, place=f"{place}.{name}") if known else ""
    return Measure(short, full, remedy)


def _forms(entry: Mapping[str, Any], key: str, place: str) -> tuple[str, str]:
    match at(entry, key, kind=list, place=place):
        case [str(one), str(several)]:
            return one, several
    raise DocumentError(f"{place}.{key} must be a list of two texts: for one, and for several")


def _model_fields(document: Mapping[str, Any], prefix: str) -> frozenset[str]:
    if prefix:
        schema = at(document, "components", "schemas", "ModelDetails", "properties")
        return frozenset(map(str, schema))
    return frozenset(map(str, at(document, "modelDetails", "fields", kind=list)))


def _related(document: Mapping[str, Any], key: str) -> Mapping[str, str]:
    entries = dict[str, Any](at(document, key))
    if key.startswith(BEFORE) and "provider" not in entries:
        # 0.1.0 does not name it.
        models = at(entries, "models", "path", kind=str, place=key)
        entries["provider"] = {"path": models.rpartition("/")[0]}
    related = {}
    for name in RELATED:
        if name == "allNames" and name not in entries:
            # Contracts before 0.3 do not name it.
            continue
        path = at(entries, name, "path", kind=str, place=key)
        if not path.startswith("/api/"):
            raise DocumentError(f"{key}.{name}.path does not start with /api/")
        if name in ("provider", "models") and "{name}" not in path:
            raise DocumentError(f"{key}.{name}.path does not contain {{name}}")
        related[name] = path
    return related


def _requirements(
    document: Mapping[str, Any],
    key: str,
    families: Mapping[str, Any],
    measures: Mapping[str, Measure],
) -> tuple[Requirement, ...]:
    requirements: dict[str, Requirement] = {}
    for number, entry in enumerate(at(document, key, kind=list)):
        requirement = _requirement(entry, f"{key}[{number}]", measures)
        if requirement.family not in families:
            raise DocumentError(f"the family of {requirement.id} is missing from the families")
        if requirement.id in requirements:
            raise DocumentError(f"the requirement {requirement.id} is listed twice")
        requirements[requirement.id] = requirement
    if not requirements:
        raise DocumentError(f"{key} is empty")
    return tuple(requirements.values())


def _requirement(entry: Any, place: str, measures: Mapping[str, Measure]) -> Requirement:
    requirement_id = at(entry, "id", kind=str, place=place)
    if not REQUIREMENT_ID.fullmatch(requirement_id):
        raise DocumentError(f"{place}.id is {requirement_id!r}, not of the form FAMILY-01")
    place = f"{place} ({requirement_id})"
    evidence = at(entry, "evidence", place=place)
    for measure, minimum in evidence.items():
        if measure not in measures:
            raise DocumentError(f"{requirement_id} needs {measure!r}, an unknown kind of evidence")
        if type(minimum) is not int or minimum < 1:
            raise DocumentError(
                f"{requirement_id} needs {measure!r}, but its minimum is not an integer above 0"
            )
    return Requirement(
        id=requirement_id,
        level=one_of(Level, entry, "level", place),
        statement=at(entry, "statement", kind=str, place=place),
        source=at(entry, "source", kind=str, place=place),
        evidence=dict[str, int](evidence),
    )
