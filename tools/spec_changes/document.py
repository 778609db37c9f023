"""Compare two whole contracts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from spec_changes.catalogue import register_changes, requirement_changes
from spec_changes.change import (
    BOTH,
    CLIENTS,
    SERVERS,
    Change,
    Direction,
    Spot,
    differing,
    turned,
    unique,
)
from spec_changes.content import remaining, words
from spec_changes.operations import path_changes, server_changes
from spec_changes.references import BrokenDocument, reached
from spec_changes.schemas import Pair, schema_changes
from spec_changes.security import scheme_changes

Changes = Iterator[Change]

RECOGNISED = "ModelDetails"
"""The schema whose fields identify data that no response may contain: see MODEL-02."""

USUAL = "https://spec.openapis.org/oas/3.1/dialect/base"
"""The default dialect of schemas in OpenAPI 3.1."""

INFO = frozenset({"title", "version", "contact", "license", "termsOfService"})
TOP = frozenset(
    {
        *("openapi", "jsonSchemaDialect", "info", "servers", "security", "tags", "paths"),
        *("components", "x-requirements", "x-families", "x-evidence", "x-related"),
    }
)


def changes(
    old: Mapping[str, Any], new: Mapping[str, Any], same_meaning: Collection[str] = ()
) -> tuple[Change, ...]:
    """Return the differences between two contracts, except the version; greatest bumps first.

    ``same_meaning`` has the ids of requirements whose new statement means the same as the old one.

    Raises:
        BrokenDocument: one of the documents is not a contract that can be compared.
    """
    pair = Pair(old, new)
    for document in (old, new):
        for part in ("info", "paths", "components"):
            if not isinstance(document.get(part, {}), Mapping):
                raise BrokenDocument(f"{part} is not a mapping")
    try:
        return unique(_all(pair, same_meaning))
    except (AttributeError, TypeError, LookupError, ValueError, RecursionError) as error:
        raise BrokenDocument(f"it does not have the structure of the contract ({error})") from error


def _all(pair: Pair, same_meaning: Collection[str]) -> Changes:
    old, new = pair.old, pair.new
    spot = Spot(("the document",))
    yield from _dialect(spot, old, new)
    yield from _info(old.get("info", {}), new.get("info", {}))
    yield from server_changes(Spot(), old.get("servers"), new.get("servers"))
    yield from path_changes(pair)
    yield from scheme_changes(pair, Spot())
    yield from _recognised(pair)
    yield from _unused(pair)
    yield from _tags(old.get("tags", []), new.get("tags", []))
    yield from requirement_changes(
        old.get("x-requirements"), new.get("x-requirements"), same_meaning
    )
    yield from register_changes(old, new)
    yield from words(spot, old, new)
    yield from remaining(spot, old, new, TOP)


def _dialect(spot: Spot, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    before, after = str(old.get("openapi")), str(new.get("openapi"))
    if before != after:
        what = f"openapi: {turned(before, after)}"
        if before.rpartition(".")[0] == after.rpartition(".")[0]:
            yield spot.reworded("openapi-version-changed", what)
        else:
            yield spot.broken("openapi-version-changed", f"{what}; programs read it", CLIENTS)
    for _, what in differing(old, new, {"jsonSchemaDialect"}):
        if old.get("jsonSchemaDialect", USUAL) == new.get("jsonSchemaDialect", USUAL):
            yield spot.reworded("dialect-reworded", f"{what}; it is the default")
        else:
            yield spot.broken("dialect-changed", f"{what}; it governs all schemas", BOTH)


def _info(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    spot = Spot(("info",))
    yield from words(spot, old, new)
    for key, what in differing(old, new, INFO - {"title", "version"}):
        yield spot.reworded(f"{key}-reworded", what)
    yield from remaining(spot, old, new, INFO)


def _tags(old: list[Any], new: list[Any]) -> Changes:
    before, after = ({tag.get("name"): tag for tag in tags} for tags in (old, new))
    for name, what in differing(before, after):
        yield Spot((f"tag {name}",)).reworded("tag-reworded", what)


def _recognised(pair: Pair) -> Changes:
    """Compare the schema that no response may match; each of its fields is forbidden."""
    found = [
        document.get("components", {}).get("schemas", {}).get(RECOGNISED, {})
        for document in (pair.old, pair.new)
    ]
    before, after = (dict(schema.get("properties", {})) for schema in found)
    for name in sorted({*before, *after}):
        spot = Spot((f"schema {RECOGNISED}", f"field {name}"))
        if name not in before:
            yield spot.broken("recognised-member-added", "responses must not contain it", SERVERS)
        elif name not in after:
            yield spot.broken("recognised-member-removed", "responses may contain it", CLIENTS)
        else:
            yield from schema_changes(pair, spot, before[name], after[name])
    rest = [{key: value for key, value in one.items() if key != "properties"} for one in found]
    yield from schema_changes(pair, Spot((f"schema {RECOGNISED}",)), *rest)


def _unused(pair: Pair) -> Changes:
    """Compare the components that neither document uses."""
    used = {reference for one in (pair.old, pair.new) for reference in _used(one)}
    before, after = _components(pair.old), _components(pair.new)
    for reference in sorted({*before, *after} - used):
        _, _, kind, name = reference.split("/", 3)
        if name == RECOGNISED and kind == "schemas":
            continue
        spot = Spot((f"unused component {kind}/{name}",), Direction.NOBODY)
        for _, what in differing(before, after, {reference}):
            yield spot.reworded("unused-component-changed", what)


def _components(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"#/components/{kind}/{name.replace('~', '~0').replace('/', '~1')}": component
        for kind, named in document.get("components", {}).items()
        for name, component in named.items()
    }


def _used(document: Mapping[str, Any]) -> Iterator[str]:
    yield from reached(document, document.get("paths", {}))
    for name in document.get("components", {}).get("securitySchemes", {}):
        yield f"#/components/securitySchemes/{name}"
