"""The content of a version's landing page, read from its document."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from conformance.publishing.editions import Edition, referenced

TOKEN = "$CONDUCTOR_AUTH_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter: its values as text, and its description in Markdown."""

    name: str
    values: str
    description: str


@dataclass(frozen=True, slots=True)
class Call:
    """A request: its encoded query, and the lines of a shell command that sends it."""

    query: str
    lines: tuple[str, ...]


def server(edition: Edition) -> str:
    """Return the URL of the example server in the document."""
    entry = edition.document["servers"][0]
    url = str(entry["url"])
    for name, variable in entry.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable["default"]))
    return url


def header(edition: Edition) -> str:
    """Return the name of the header that carries the token."""
    return str(_scheme(edition)["name"])


def authorisation(edition: Edition) -> str:
    """Return the document's description of the token, in Markdown."""
    return str(_scheme(edition).get("description", ""))


def _scheme(edition: Edition) -> Mapping[str, Any]:
    schemes = edition.document["components"]["securitySchemes"]
    scheme: Mapping[str, Any] = next(iter(schemes.values()))
    return scheme


def parameters(edition: Edition) -> tuple[Parameter, ...]:
    """Return the query parameters in the order of the document."""
    return tuple(
        Parameter(
            parameter["name"],
            ", ".join(map(_plain, _values(parameter["schema"]))),
            # Only the first paragraph describes the parameter; the rest is its source.
            str(parameter["description"]).partition("\n\n")[0],
        )
        for parameter in _parameters(edition)
    )


def _values(schema: Mapping[str, Any]) -> Sequence[object]:
    closed = (one["enum"] for one in (schema, *schema.get("anyOf", [])) if "enum" in one)
    return next(closed, (True, False))


def _example(parameter: Mapping[str, Any]) -> object:
    examples = parameter.get("examples", {"": {"value": parameter.get("example")}})
    return next(iter(examples.values()))["value"]


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _parameters(edition: Edition) -> list[Mapping[str, Any]]:
    return [
        referenced(edition.document, one["$ref"]) if "$ref" in one else one
        for one in edition.operation["parameters"]
    ]


def calls(edition: Edition) -> tuple[Call, ...]:
    """Return the documented requests: without parameters, with each example, and with all."""
    examples = [
        (parameter["name"], _plain(_example(parameter))) for parameter in _parameters(edition)
    ]
    choices = [[], *([pair] for pair in reversed(examples)), examples]
    return tuple(_call(edition, urlencode(pairs)) for pairs in choices)


def _call(edition: Edition, query: str) -> Call:
    url = server(edition) + edition.path + (f"?{query}" if query else "")
    return Call(query, (f'curl -H "{header(edition)}: {TOKEN}" \\', f"  {shlex.quote(url)}"))


def answer(edition: Edition) -> Sequence[str]:
    """Return one provider of the first example response, as lines of JSON."""
    content = edition.operation["responses"]["200"]["content"]["application/json"]
    example = next(iter(content["examples"].values()))
    example = referenced(edition.document, example["$ref"]) if "$ref" in example else example
    return json.dumps(example["value"][:1], indent=2, ensure_ascii=False).splitlines()
