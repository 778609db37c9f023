"""Read ``x-fixtures``: the requests that create and remove providers, and inert kinds of providers.

A server documents these requests on pages of their own (documentation: *Create Integration
Provider* and its siblings); the contract repeats what the suite needs of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from conformance.core.yaml_document import DocumentError, at

KEY = "x-fixtures"
_GAP = re.compile(r"\{(\w*)\}")


class Action(StrEnum):
    """What a request does; the values are the keys of ``x-fixtures.requests``."""

    READ = "read"
    CREATE = "create"
    ADD_MODEL = "addModel"
    TAG = "tag"
    REMOVE_MODEL = "removeModel"
    REMOVE = "remove"


_METHODS = {
    Action.READ: ("GET",),
    Action.REMOVE_MODEL: ("DELETE",),
    Action.REMOVE: ("DELETE",),
}
_GAPS = {
    Action.CREATE: {"type", "category", "description", "enabled", "configuration"},
    Action.ADD_MODEL: {"description", "enabled"},
    Action.TAG: {"key", "value"},
}
"""The values that the suite has for the body of a request."""
_MODELS = (Action.ADD_MODEL, Action.REMOVE_MODEL)


@dataclass(frozen=True, slots=True)
class FixtureRequest:
    """A request that reads, creates, changes or removes one provider.

    ``path`` has ``{name}``, and ``{model}`` if it is about a model. ``body`` is the JSON to send;
    in it, a string that consists of a name in braces stands for a value. ``None`` sends no body.
    """

    action: Action
    method: str
    path: str
    body: Any
    source: str

    def path_of(self, name: str, model: str = "") -> str:
        """Return the path for a provider, and for one of its models."""
        path = self.path.replace("{name}", quote(name, safe=""))
        return path.replace("{model}", quote(model, safe=""))

    def body_of(self, values: Mapping[str, Any]) -> Any:
        """Return the body with these values, by the names in braces."""
        return _filled(self.body, values)


@dataclass(frozen=True, slots=True)
class InertKind:
    """A kind of provider that connects to nothing by existing, and fake settings for it."""

    category: str
    type: str
    configuration: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fixtures:
    """The content of ``x-fixtures``: the requests by what they do, and a kind for each category."""

    requests: Mapping[Action, FixtureRequest]
    kinds: tuple[InertKind, ...]


def read(document: Mapping[str, Any]) -> Fixtures | None:
    """Check and return the fixtures of an OpenAPI document; ``None`` if it has none.

    Raises:
        DocumentError: something is missing, has another type, or uses an unknown name.
    """
    if KEY not in document:
        return None
    requests = at(document, KEY, "requests")
    if unknown := sorted(map(str, requests.keys() - set(Action))):
        raise DocumentError(f"{KEY}.requests.{unknown[0]} is not one of {', '.join(Action)}")
    entries = enumerate(at(document, KEY, "providers", kind=list))
    kinds = tuple(_kind(entry, f"{KEY}.providers[{place}]") for place, entry in entries)
    if len({kind.category for kind in kinds}) < max(len(kinds), 2):
        raise DocumentError(f"{KEY}.providers must have one entry each for two categories or more")
    return Fixtures({action: _request(requests, action) for action in Action}, kinds)


def _kind(entry: Any, place: str) -> InertKind:
    category = at(entry, "category", kind=str, place=place)
    configuration = at(entry, "configuration", place=place)
    for name in configuration:
        at(configuration, name, kind=str, place=f"{place}.configuration")
    return InertKind(category, at(entry, "type", kind=str, place=place), dict(configuration))


def _request(requests: Mapping[str, Any], action: Action) -> FixtureRequest:
    place = f"{KEY}.requests.{action}"
    entry = at(requests, str(action), place=f"{KEY}.requests")
    method = at(entry, "method", kind=str, place=place)
    permitted = _METHODS.get(action, ("POST", "PUT"))
    if method not in permitted:
        raise DocumentError(f"{place}.method is {method!r}, not {' or '.join(permitted)}")
    path = at(entry, "path", kind=str, place=place)
    gaps = {"name", "model"} if action in _MODELS else {"name"}
    if not path.startswith("/api/") or set(_GAP.findall(path)) != gaps:
        named = " and ".join(f"{{{gap}}}" for gap in sorted(gaps, reverse=True))
        raise DocumentError(f"{place}.path must start with /api/ and contain {named} only")
    body = entry.get("body")
    if action in _GAPS:
        at(entry, "body", kind=(dict, list), place=place)
    elif body is not None:
        raise DocumentError(f"{place}.body is not sent with {method}; remove it")
    if unknown := sorted(_gaps(body) - _GAPS.get(action, set())):
        raise DocumentError(f"{place}.body names {{{unknown[0]}}}, which has no value")
    return FixtureRequest(action, method, path, body, at(entry, "source", kind=str, place=place))


def _gaps(body: Any) -> set[str]:
    if isinstance(body, str):
        found = _GAP.fullmatch(body)
        return {found[1]} if found else set()
    children = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return set[str]().union(*map(_gaps, children))


def _filled(body: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(body, dict):
        return {name: _filled(child, values) for name, child in body.items()}
    if isinstance(body, list):
        return [_filled(child, values) for child in body]
    gap = _GAP.fullmatch(body) if isinstance(body, str) else None
    return values[gap[1]] if gap else body
