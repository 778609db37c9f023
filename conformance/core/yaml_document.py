"""Read YAML documents and look up required values in them; errors name the place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, cast

DEEPEST = 100
"""Most levels of nesting; the C parser overflows its stack on very deep documents."""
MOST_NODES = 200_000
"""Most values and keys of a document, with those that aliases repeat.

The shipped contract has about 3,000. A few lines of aliases would stand for billions of values as
soon as the document is written as JSON.
"""
LONGEST_NUMBER = 100
"""Most characters of a number; numbers in base 60 (``1:59``) take quadratic time."""

_KINDS: Mapping[type, str] = {
    dict: "a mapping",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    NoneType: "empty",
}


class DocumentError(Exception):
    """A document is not as required.

    The text is a clause. ``line`` names the line and column of a syntax error, else it is empty.
    """

    def __init__(self, problem: str, line: str = "") -> None:
        super().__init__(problem)
        self.line = line


def at(node: Any, *path: str, kind: type | tuple[type, ...] = dict, place: str = "") -> Any:
    """Return the value at a path of keys below a node, which must be of one of the types ``kind``.

    ``place`` is where ``node`` is in the document, for errors.

    Raises:
        DocumentError: the value is missing, has another type, or is an empty string.
    """
    for key in path:
        _expect(node, dict, place)
        place = f"{place}.{key}" if place else str(key)
        if key not in node:
            raise DocumentError(f"{place} is missing")
        node = node[key]
    _expect(node, kind, place)
    if kind is str and not node.strip():
        raise DocumentError(f"{place} is empty")
    return node


def _expect(node: Any, kind: type | tuple[type, ...], place: str) -> None:
    if not isinstance(node, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        found = _KINDS.get(type(node), f"a {type(node).__name__}")
        raise DocumentError(f"{place} is {found}, not {' or '.join(_KINDS[one] for one in kinds)}")


def path_of(reference: str) -> list[str]:
    """Return the keys that a local ``$ref`` such as ``#/components/schemas/Tag`` leads through."""
    parts = reference.removeprefix("#/").split("/")
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def resolved(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the ``$ref`` of a node leads to; without one, the node itself.

    Raises:
        LookupError: it leads nowhere.
        RecursionError: it leads to itself.
    """
    reference = node.get("$ref")
    if reference is None:
        return node
    target: Any = document
    for key in path_of(str(reference)):
        target = target[key]
    return resolved(document, target)


def text_of(document: Mapping[str, Any]) -> str:
    """Return a document as JSON text with YAML dates as strings, to be searched for words."""
    return json.dumps(document, default=str, ensure_ascii=False)


def read_yaml(raw: bytes) -> Any:
    """Parse the bytes of a YAML document.

    Raises:
        DocumentError: the bytes are not YAML, the document is nested too deeply, has too many
            values or too long a number, or a mapping repeats a key; with the line and column if
            known.
    """
    import yaml

    failures = (yaml.YAMLError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
    try:
        _check_size(raw)
        return yaml.load(raw, Loader=_loader())  # noqa: S506 - it is a SafeLoader
    except failures as error:
        raise DocumentError(_problem(error), _line(error)) from error


@dataclass(slots=True)
class _Node:
    """A collection: its anchor, the number of its values and keys, and its levels of nesting."""

    anchor: str | None
    size: int = 1
    height: int = 0

    def add(self, size: int, height: int) -> None:
        self.size += size
        self.height = max(self.height, height + 1)


def _check_size(raw: bytes) -> None:
    """Check nesting and size as if each alias were replaced by what it refers to."""
    import yaml

    anchored: dict[str, _Node] = {}
    whole = _Node(None)
    opened = [whole]
    for event in yaml.parse(raw, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        size, height = 0, 0
        if isinstance(event, yaml.CollectionStartEvent):
            opened.append(_Node(event.anchor))
        elif isinstance(event, yaml.CollectionEndEvent):
            node = opened.pop()
            size, height = node.size, node.height
            if node.anchor is not None:
                anchored[node.anchor] = node
        elif isinstance(event, yaml.AliasEvent) and event.anchor in anchored:
            size, height = anchored[event.anchor].size, anchored[event.anchor].height
        elif isinstance(event, yaml.NodeEvent):
            size = 1
        if size:
            opened[-1].add(size, height)
        problem = None
        if len(opened) - 1 + height > DEEPEST:
            problem = f"more than {DEEPEST} levels of nesting"
        elif sum(node.size for node in opened) > MOST_NODES:
            problem = f"more than {MOST_NODES:,} values"
        if problem is not None:
            mark = cast(yaml.Mark, event.start_mark)
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _loader() -> Any:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """A safe loader that rejects repeated keys."""

    def construct_mapping(loader: Any, node: Any) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        pairs = loader.construct_pairs(node, deep=True)
        for (key_node, _), (key, value) in zip(node.value, pairs, strict=True):
            unhashable = isinstance(key, list | dict | set)
            if unhashable or key in mapping:
                problem = "a key is not a string" if unhashable else f"the key {key!r} is repeated"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
            mapping[key] = value
        return mapping

    def construct_number(loader: Any, node: Any) -> Any:
        if len(node.value) > LONGEST_NUMBER:
            problem = f"a number has more than {LONGEST_NUMBER} characters"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return yaml.SafeLoader.yaml_constructors[node.tag](loader, node)

    Loader.add_constructor("tag:yaml.org,2002:map", construct_mapping)
    for kind in ("int", "float"):
        Loader.add_constructor(f"tag:yaml.org,2002:{kind}", construct_number)
    return Loader


def _problem(error: Exception) -> str:
    import yaml

    problem = getattr(error, "problem", None)
    if problem:
        return str(problem)
    if isinstance(error, yaml.YAMLError | ValueError) and str(error):
        return str(error).splitlines()[0]
    # The remaining errors concern scalars that PyYAML cannot convert to the type of their tag.
    return "a value does not fit its tag"


def _line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
