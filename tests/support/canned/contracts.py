"""Contract files made from the shipped ones, for tests of how contracts are read."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conformance.contract.loader import HOW_TO_CORRECT, REQUIREMENTS, default_path, load, parse
from conformance.contract.model import Contract
from conformance.core.yaml_document import read_yaml
from conformance.errors import ContractError

Path = tuple[str | int, ...]
GONE = object()
"""As a value: the node is taken away."""
ENDPOINT = "/api/integrations/provider"
GET: Path = ("paths", ENDPOINT, "get")
PROVIDER: Path = ("components", "schemas", "Provider")
RULES: dict[str, Any] = read_yaml(default_path().with_name(REQUIREMENTS).read_bytes())
"""The shipped requirements."""


def document() -> dict[str, Any]:
    """Return the shipped OpenAPI document as plain values, free to be changed."""
    return copy.deepcopy(dict(load().document))


def contract() -> dict[str, Any]:
    """Return both shipped documents in one mapping, free to be changed; no key is in both."""
    return document() | copy.deepcopy(RULES)


def short() -> dict[str, Any]:
    """Return the shipped contract without examples and most requirements, which read alike."""
    whole = contract()
    del whole["components"]["examples"], whole["sources"]
    for response in whole["paths"][ENDPOINT]["get"]["responses"].values():
        response["content"]["application/json"].pop("examples", None)
    whole["requirements"] = [
        one for one in whole["requirements"] if one["id"] in ("HTTP-01", "HTTP-02", "SHAPE-08")
    ]
    return whole


def changed(
    path: Path, value: Any, original: Callable[[], dict[str, Any]] = contract
) -> dict[str, Any]:
    """Return the shipped contract with another value, or none, at one place."""
    whole = original()
    node: Any = whole
    for part in path[:-1]:
        node = node[part]
    if value is GONE:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return whole


def parts(whole: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the two documents of a contract."""
    api = {key: value for key, value in whole.items() if key not in RULES}
    return api, {key: value for key, value in whole.items() if key in RULES}


def written(whole: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return a contract as the bytes of its two files; JSON is YAML."""
    api, rules = (json.dumps(part).encode() for part in parts(whole))
    return api, rules


def law_with(path: Path, value: Any) -> Contract:
    """Return the shipped contract with another value, or none, at one place, parsed."""
    return parse(*written(changed(path, value)))


def places(node: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the place of everything in a document, without the document itself."""
    children: Any = ()
    if isinstance(node, dict):
        children = node.items()
    elif isinstance(node, list):
        children = enumerate(node)
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


def complaint(raw: bytes, rules: bytes | None = None, *, file: str = "law.yaml") -> str:
    """Return what is said of a file of an unusable contract; one line, with advice."""
    with pytest.raises(ContractError) as caught:
        parse(raw, rules, name="law.yaml")
    text = str(caught.value)
    assert text.isprintable()
    assert text.startswith(f"the contract {file}")
    assert text.endswith(HOW_TO_CORRECT)
    return text.removeprefix(f"the contract {file}").removesuffix(HOW_TO_CORRECT).lstrip(", ")
