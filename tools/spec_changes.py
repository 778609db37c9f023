"""Compare two versions of the contract: what changed, and whom each change breaks.

``RULES`` names the constructs of spec/openapi.yaml and spec/requirements.yaml. A change of anything
else counts as breaking. spec/README.md documents the rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from math import inf
from typing import Any, NamedTuple

Node = Mapping[str, Any]
ABSENT = "(none)"
"""Stands for a missing value."""
NAME = "$name"
"""Key that remembers the name of a referenced schema."""
RECOGNISED = "ModelDetails"
"""The schema whose fields no response may contain (MODEL-02), in a contract before 0.3."""
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
WORDING = ("title", "description", "summary", "example", "examples", "externalDocs")
NOUNS = {
    key: key.removeprefix("x-").removesuffix("s")
    for key in (
        *("content", "enum", "headers", "parameters", "paths", "required", "responses"),
        *("security", "securitySchemes", "servers", "tags", "type", "unused", "variables"),
        *("x-evidence", "x-related", "x-requirements", "x-sources"),
    )
} | {"anyOf": "alternative", "properties": "field", "recognised": "field", "x-families": "family"}
"""Mappings whose keys are names, or lists whose order means nothing, and what they name."""
DEFAULTS = {
    **dict.fromkeys(("maximum", "maxLength", "maxItems"), inf),
    "minimum": -inf,
    "minLength": 0,
    "required": False,
    "additionalProperties": True,
    "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
}
"""What absence means."""


class CannotCompare(Exception):
    """The comparison is impossible; the message says why."""


class Effect(NamedTuple):
    """The part of the version that a change raises, and who may stop working because of it."""

    bump: str
    breaks: tuple[str, ...] = ()


CLIENTS = Effect("major", ("clients",))
SERVERS = Effect("major", ("servers",))
BOTH = Effect("major", ("clients", "servers"))
NEW = Effect("minor")
WORDS = Effect("patch")

# The effects in requests and in responses.
NARROWED = {"request": CLIENTS, "response": SERVERS}
WIDENED = {"request": NEW, "response": CLIENTS}


class Change(NamedTuple):
    """One change: its effect, its place in words, its kind, and the values before and after."""

    effect: Effect
    place: str
    rule: str
    what: str


def merged(document: Node, rules: Node) -> dict[str, Any]:
    """Return a contract of two files as one document, with the keys that it had before 0.3."""
    return {**document, **{f"x-{key}": rules[key] for key in rules if key != "version"}}


@contextmanager
def _structured() -> Iterator[None]:
    try:
        yield
    except (AttributeError, TypeError, LookupError, ValueError, RecursionError) as error:
        raise CannotCompare(f"it does not have the structure of the contract ({error})") from error


def changes(old: Node, new: Node, same_meaning: Collection[str] = ()) -> list[Change]:
    """Return the differences between two contracts, except the version; gravest first.

    A program cannot judge wording. A changed statement counts as another requirement unless its id
    is in ``same_meaning``, which means that somebody confirmed that the meaning is the same.

    Raises:
        CannotCompare: one of the documents does not have the structure of the contract.
    """
    found: list[Change] = []
    with _structured():
        text = _canonical([old, new])
        before, after = _prepared(old, text), _prepared(new, text)
        for name in same_meaning:
            one, other = (whole["x-requirements"].get(name) for whole in (before, after))
            if not (one and other) or one["statement"] == other["statement"]:
                reason = "its statement did not change; leave it out"
                raise CannotCompare(f"--same-meaning {name}: {reason}")
            what = _turned(one["statement"], other["statement"])
            found.append(Change(WORDS, f"requirement {name}", "statement-confirmed", what))
            one["statement"] = other["statement"]
        found += _changes(before, after)
    # A schema may be compared at several places, with different effects. Bumps sort by gravity.
    return sorted({change[1:]: change for change in sorted(found, reverse=True)}.values())


def _prepared(document: Node, text: str) -> dict[str, Any]:
    """Return a contract without references and unordered lists; ``text`` has all references."""

    def expanded(node: Any, names: bool = False) -> Any:
        if isinstance(node, list):
            return [expanded(one) for one in node]
        if not isinstance(node, Mapping):
            return node
        if "$ref" not in node:
            return {
                str(key): examples(value)
                if key in WORDING and not names
                else _named(key, expanded(value, key in NOUNS and not names))
                for key, value in node.items()
            }
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        name = {NAME: part} if node["$ref"].startswith("#/components/schemas/") else {}
        beside = {key: value for key, value in node.items() if key != "$ref"}
        beside = beside if beside.keys() <= {*WORDING} else {"beside $ref": beside}
        return {**expanded(target), **name, **beside}

    def examples(value: Any) -> Any:
        # Other references in them are data.
        if not isinstance(value, Mapping):
            return value
        referring = (isinstance(one, Mapping) and one.keys() == {"$ref"} for one in value.values())
        return {
            name: expanded(one) if refers else one
            for (name, one), refers in zip(value.items(), referring, strict=True)
        }

    components = document.get("components", {})
    rest = {key: value for key, value in document.items() if key != "components"}
    whole: dict[str, Any] = expanded(rest)
    del whole["info"]["version"]
    usual = whole.pop("security", {})
    for path in whole["paths"].values():
        for method in path.keys() & METHODS:
            path[method]["security"] = path[method].get("security", usual) or {"{}": {}}
            for parameter in path[method].get("parameters", {}).values():
                # Before 0.3 the default was in both.
                meaning, schema = parameter.get("x-filter", {}), parameter.get("schema", {})
                if meaning.get("default") == schema.get("default"):
                    meaning.pop("default", None)
    for name, requirement in whole.get("x-requirements", {}).items():
        if requirement.get("level") not in ("MAY", "SHOULD", "MUST"):
            raise CannotCompare(f"the level of {name} is not MAY, SHOULD or MUST")
    whole["securitySchemes"] = expanded(components.get("securitySchemes", {}), True)
    # Only the names of the fields mean something.
    details = components.get("schemas", {}).get(RECOGNISED, {}).get("properties", {})
    fields = whole.pop("x-modelDetails", {"fields": details})["fields"]
    whole["recognised"] = {str(name): {} for name in fields}
    whole["unused"] = {
        reference: component
        for kind in components.keys() - {"securitySchemes"}
        for name, component in components[kind].items()
        if name != RECOGNISED and _canonical(reference := f"#/components/{kind}/{name}") not in text
    }
    return whole


def _named(key: str, value: Any) -> Any:
    """Return a mapping of names if the value is a list whose order means nothing."""
    if key == "type" and isinstance(value, str):
        value = [value]
    if key not in NOUNS or not isinstance(value, list):
        return value
    parts = ("title",) if key == "anyOf" else ("id", "url", "name", "in")
    found: dict[str, Any] = {}
    for one in value:
        known = [part for part in parts if part in one] if isinstance(one, Mapping) else []
        name = " in ".join(str(one[part]) for part in known)
        name = name or (one if isinstance(one, str) and key != "enum" else _canonical(one))
        if name in found:
            raise CannotCompare(f"{key} has two elements {name}")
        found[name] = one
    return found


def _changes(
    old: Node, new: Node, path: str = "", place: str = "", noun: str = ""
) -> Iterator[Change]:
    """Compare two mappings; if there is a noun, their keys are the names of such things."""
    if NAME in old and old[NAME] == new.get(NAME):
        place = f"schema {old[NAME]}"
    for key in sorted({*old, *new} - {NAME}):
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        # The colon tells a field called `items` from the keyword.
        step = f"{path}/:{key.replace('/', '~1')}" if noun else f"{path}/{_step(key, old, new)}"
        words = f"{noun} {key}" if noun else "" if key in (*NOUNS, "schema") else key
        inner = ", ".join(filter(None, (place, words)))
        filled = any(one and isinstance(one, Mapping) for one in (before, after))
        if filled and not words and key not in ("anyOf", "enum", "type"):
            # Fields are added in the same way where there were none.
            before, after = ({} if one == ABSENT else one for one in (before, after))
        mappings = isinstance(before, Mapping) and isinstance(after, Mapping)
        if mappings and (noun or key not in WORDING):
            yield from _changes(before, after, step, inner, "" if noun else NOUNS.get(key, ""))
        elif _canonical(before) != _canonical(after):
            verb = "added" if before == ABSENT else "removed" if after == ABSENT else "changed"
            effect = _effect(step, verb, before, after)
            rule, what = f"{noun or key}-{verb}", _turned(before, after)
            if effect is None:
                rule, effect = "unknown-keyword", BOTH
                what = f"{key}: {what}; unknown, so treated as breaking"
            yield Change(effect, (inner if noun else place) or "the document", rule, what)


def _step(key: str, old: Node, new: Node) -> str:
    """Return a keyword for the path, marked where it has another effect than usual."""
    if key == "items" and old.get("maxItems") == 0 == new.get("maxItems"):
        return "no items"
    if key == "statement" and "MUST" not in (old.get("level"), new.get("level")):
        return "advice"
    closed = any(one.get("additionalProperties", True) is not True for one in (old, new))
    return "closed" if key == "properties" and closed else key


def _effect(path: str, verb: str, old: Any, new: Any) -> Effect | None:
    """Return the effect of a difference by the first rule for its path, if any."""
    effects = next((some for form, *some in RULES if re.fullmatch(form, path)), [None])
    effect: Any = effects[("added", "removed", "changed").index(verb) % len(effects)]
    usual = DEFAULTS.get(path.rpartition("/")[2])
    if effect is not None and usual is not None:
        old, new = (usual if one == ABSENT else one for one in (old, new))
        effect = WORDS if _canonical(old) == _canonical(new) else effect
    if callable(effect):
        effect = effect(old, new)
    if isinstance(effect, dict):
        effect = effect["response" if "/responses/" in path else "request"]
    return effect if isinstance(effect, Effect) else None


def _canonical(value: Any) -> str:
    """Return a text that is equal for two values if and only if they are the same JSON."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _turned(*values: Any) -> str:
    """Format a value before and after in one line."""
    return " → ".join(_shown(one) for one in values if one != ABSENT)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping) and "statement" in value:
        value = f"a {value['level']}: {value['statement']}"
    if isinstance(value, Mapping) and NAME in value:
        value = f"schema {value[NAME]}"
    text = " ".join((value if isinstance(value, str) else _canonical(value)).split())
    return text if len(text) <= 200 else f"{text[:199]}…"


def _raised(old: Any, new: Any) -> dict[str, Effect]:
    """Compare a minimum, or a switch that restricts values."""
    return NARROWED if new > old else WIDENED


N = ":[^/]+"
REQUIREMENT = f"/x-requirements/{N}"
PATH = f"/paths/{N}"
OPERATION = f"{PATH}/({'|'.join(METHODS)})"
PARAMETER = f"{OPERATION}/parameters/{N}"
RESPONSE = f"{OPERATION}/responses/{N}"
MEDIA = f"{RESPONSE}/content/{N}"
HEADER = f"{RESPONSE}/headers/{N}"
SCHEMA = (
    f"({PARAMETER}|{MEDIA}|{HEADER})/schema"
    f"(/items|/additionalProperties|/(properties|closed|anyOf)/{N})*"
)
DESCRIBED = (
    f"(|/info|/servers/{N}(/variables/{N})?|/securitySchemes/{N}"
    f"|{PATH}|{OPERATION}|{PARAMETER}|{RESPONSE}|{MEDIA}|{HEADER}|{SCHEMA})"
)
RULES: tuple[tuple[Any, ...], ...] = (
    # A form of paths, and the effect of every change or those of what is added, removed, changed.
    (f"{DESCRIBED}/({'|'.join(WORDING)})|/info/(contact|license)(/.*)?", WORDS),
    (f"/(tags|x-families|x-evidence|x-sources)/{N}(/.*)?|/unused/.*|.*/no items(/.*)?", WORDS),
    (f"{DESCRIBED}/deprecated", lambda _, new: NEW if new is True else WORDS),
    ("/openapi", lambda old, new: WORDS if old[:4] == new[:4] else CLIENTS),
    ("/jsonSchemaDialect", BOTH),
    (f"/servers/{N}|{PATH}|{OPERATION}", NEW, CLIENTS, BOTH),
    (f"/servers/{N}/variables/{N}(/default)?", CLIENTS),
    # Generated clients use them as names.
    (f"{OPERATION}/(operationId|tags/{N})", NEW),
    # Requests without a credential must be accepted, or are refused.
    (f"{OPERATION}/security/:{{}}", SERVERS, CLIENTS, BOTH),
    (f"{OPERATION}/security/{N}", NEW, CLIENTS, BOTH),
    # A scheme only counts where an operation names it.
    (f"/securitySchemes/{N}", WORDS, WORDS, BOTH),
    (f"/securitySchemes/{N}/.*", BOTH),
    (PARAMETER, lambda _, new: CLIENTS if new.get("required") else NEW, CLIENTS, BOTH),
    (f"{PARAMETER}/required", _raised),
    (f"{PARAMETER}/x-filter(/.*)?", BOTH),
    # A client treats an unknown refusal like the first one of its class (RFC 9110, section 15).
    (f"{OPERATION}/responses/:([45][^/]*|default)", NEW, SERVERS, BOTH),
    (f"{RESPONSE}|{MEDIA}", CLIENTS, BOTH, BOTH),
    (HEADER, lambda _, new: SERVERS if new.get("required") else NEW, CLIENTS, BOTH),
    (f"{HEADER}/required", _raised),
    (f"/recognised/{N}", SERVERS, CLIENTS),
    (f"{SCHEMA}/properties/{N}", NEW, CLIENTS, BOTH),
    (f"{SCHEMA}/closed/{N}|{SCHEMA}/default", BOTH),
    (
        f"{SCHEMA}/additionalProperties",
        lambda old, new: NARROWED if new is False or old is True else WIDENED,
    ),
    (f"{SCHEMA}/(anyOf|enum|type|items|pattern|format|required/{N})", NARROWED, WIDENED, BOTH),
    (f"{SCHEMA}/(anyOf|enum|type)/{N}", WIDENED, NARROWED, BOTH),
    (f"{SCHEMA}/(minimum|minLength)", _raised),
    (f"{SCHEMA}/(maximum|maxLength|maxItems)", lambda old, new: _raised(new, old)),
    # The suite reads related endpoints.
    (f"/x-related/{N}", NEW, NEW, SERVERS),
    (f"/x-related/{N}/.*", SERVERS),
    # It creates and removes providers only on request; nothing is judged by it.
    ("/x-fixtures(/.*)?", NEW),
    (
        REQUIREMENT,
        lambda _, new: SERVERS if new["level"] == "MUST" else NEW,
        lambda old, _: CLIENTS if old["level"] == "MUST" else NEW,
        BOTH,
    ),
    (
        f"{REQUIREMENT}/level",
        lambda old, new: SERVERS if new == "MUST" else CLIENTS if old == "MUST" else NEW,
    ),
    (f"{REQUIREMENT}/statement", lambda old, new: WORDS if old.split() == new.split() else BOTH),
    (f"{REQUIREMENT}/advice", lambda old, new: WORDS if old.split() == new.split() else NEW),
    (f"{REQUIREMENT}/source", WORDS),
    # Servers need no change, but a verdict may now be inconclusive.
    (f"{REQUIREMENT}/evidence(/.*)?", NEW),
)
