"""Contract files made from the shipped one, for tests of how contracts are read."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conformance.contract.loader import HOW_TO_CORRECT, load, parse
from conformance.contract.model import Contract
from conformance.errors import ContractError

Path = tuple[str | int, ...]
GONE = object()
"""As a value: the node is taken away."""
ENDPOINT = "/api/integrations/provider"
GET: Path = ("paths", ENDPOINT, "get")
PROVIDER: Path = ("components", "schemas", "Provider")


def document() -> dict[str, Any]:
    """Return the shipped contract as plain values, free to be changed."""
    return copy.deepcopy(dict(load().document))


def short() -> dict[str, Any]:
    """Return the shipped contract without examples and most requirements, which read alike."""
    whole = document()
    del whole["paths"][ENDPOINT]["get"]["responses"]["200"]["content"]["application/json"][
        "examples"
    ]
    whole["x-requirements"] = [
        one for one in whole["x-requirements"] if one["id"] in ("HTTP-01", "HTTP-02", "SHAPE-08")
    ]
    return whole


def changed(
    path: Path, value: Any, original: Callable[[], dict[str, Any]] = document
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


def written(whole: Any) -> bytes:
    """Return a document as the bytes of a file; JSON is YAML."""
    return json.dumps(whole).encode()


def law_with(path: Path, value: Any) -> Contract:
    """Return the shipped contract with another value, or none, at one place, parsed."""
    return parse(written(changed(path, value)))


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


def complaint(raw: bytes) -> str:
    """Return what is said of a contract file that cannot be used; one line, with advice."""
    with pytest.raises(ContractError) as caught:
        parse(raw, name="law.yaml")
    text = str(caught.value)
    assert text.isprintable()
    assert text.startswith("the contract law.yaml")
    assert text.endswith(HOW_TO_CORRECT)
    return text.removeprefix("the contract law.yaml").removesuffix(HOW_TO_CORRECT).lstrip(", ")
