"""Checks for Schemathesis: the meaning of filters, and model details, in documents of the user.

With ``SCHEMATHESIS_HOOKS=conformance.schemathesis_hooks``, ``st run`` and the pytest API of
Schemathesis apply these checks to every operation whose query parameters have ``x-filter`` in the
document that is tested; other operations pass. ``docs/schemathesis.md`` describes ``x-filter``.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import schemathesis

from conformance.checks.detectors.model_details import Vocabulary, in_element
from conformance.contract.filter_oracle import FilterOracle
from conformance.contract.loader import load
from conformance.core.text import counted
from conformance.core.yaml_document import resolved
from conformance.evidence.providers import COUNT, EMBEDDED

UNREPEATED = frozenset({"connection", "content-length", "host", "transfer-encoding"})
"""Headers that belong to one request and are not copied to another one."""

_lock = threading.Lock()
_asked: set[tuple[str, str]] = set()


@schemathesis.check
def filters_keep_their_meaning(_context: Any, response: Any, case: Any) -> None:
    """No element of a list is excluded by a filter of its query."""
    oracle, elements = _oracle(case), _elements(response)
    if not (oracle.filters and elements):
        return
    strangers = oracle.strangers(_query(response), elements)
    if strangers:
        shown = {
            one.property: strangers[0].get(one.property)
            for one in oracle.filters
            if one.property in strangers[0]
        }
        raise AssertionError(
            f"{counted(len(strangers), 'element')} of {len(elements)} should not be in the "
            f"response to ?{_query(response)}: the first one has {json.dumps(shown)}"
        )


@schemathesis.check
def filters_lose_nothing(_context: Any, response: Any, case: Any) -> None:
    """A list contains every element of the unfiltered list that the filters select.

    For each query with nothing but filters, once: the unfiltered list is requested, then the same
    query again, then the unfiltered list again. Elements count that both of these have.
    """
    oracle, query = _oracle(case), _query(response)
    listed = _elements(response)
    if listed is None or not (_is_plain(oracle, case) and _can_be_lifted(oracle)):
        return
    with _lock:
        key = f"{case.operation.method} {case.operation.path}", query
        if key in _asked:
            return
        _asked.add(key)
    whole = {one.parameter: "false" for one in oracle.filters if one.default is True}
    before, again, after = (_ask(case, response, one) for one in (whole, case.query, whole))
    if before is None or again is None or after is None:
        return
    steady = Counter(map(_text, before)) & Counter(map(_text, after))
    wanted = Counter(map(_text, oracle.wanted(query, before))) & steady
    lost = wanted - (Counter(map(_text, listed)) | Counter(map(_text, again)))
    if lost:
        raise AssertionError(
            f"{counted(lost.total(), 'element')} of {wanted.total()} that ?{query} selects "
            f"from the unfiltered list are missing, twice"
        )


@schemathesis.check
def no_model_details(_context: Any, response: Any, case: Any) -> None:
    """Elements with a ``modelsCount`` contain no details of the models.

    It applies to lists whose schema has ``modelsCount`` and not ``apis``.
    """
    elements = _elements(response)
    if not elements or not _oracle(case).filters or EMBEDDED in _properties(case):
        return
    for number, element in enumerate(elements):
        if element.get(EMBEDDED):
            raise AssertionError(f"element {number} contains models in {EMBEDDED}")
        if COUNT in element:
            for detail in in_element(element, _vocabulary()):
                raise AssertionError(f"element {number}{detail.pointer}: {detail.what}")


def _oracle(case: Any) -> FilterOracle:
    operation = case.operation
    document = operation.schema.raw_schema
    return FilterOracle.of_operation(document, operation.path, operation.method.lower())


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary.of(load())


def _query(response: Any) -> str:
    return urlsplit(str(response.request.url)).query


def _elements(response: Any) -> list[Mapping[str, Any]] | None:
    """Return the objects of a list; ``None`` if the response is not a list with status 200."""
    if response.status_code != 200:
        return None
    try:
        value = response.json()
    except ValueError:
        return None
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else None


def _is_plain(oracle: FilterOracle, case: Any) -> bool:
    """Whether the query consists of filters only, each given at most once."""
    given: Mapping[str, Any] = case.query or {}
    known = {one.parameter for one in oracle.filters}
    return bool(given) and given.keys() <= known and not any(map(_is_several, given.values()))


def _can_be_lifted(oracle: FilterOracle) -> bool:
    """Whether some query has no filter: the default of each is none, or a boolean."""
    return all(one.default in (None, True, False) for one in oracle.filters)


def _is_several(value: Any) -> bool:
    return isinstance(value, list | dict)


def _ask(case: Any, response: Any, query: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    headers = {
        name: value
        for name, value in response.request.headers.items()
        if name.lower() not in UNREPEATED
    }
    other = case.operation.Case(
        method=case.method, path_parameters=case.path_parameters, query=dict(query)
    )
    return _elements(other.call(headers=headers))


def _text(element: Mapping[str, Any]) -> str:
    return json.dumps(element, sort_keys=True)


def _properties(case: Any) -> Mapping[str, Any]:
    """Return the fields that the schema of an element has."""
    document = case.operation.schema.raw_schema
    node: Any = document["paths"][case.operation.path][case.operation.method.lower()]
    for name in ("responses", "200", "content", "application/json", "schema", "items"):
        node = resolved(document, node).get(name, {})
    return resolved(document, resolved(document, node).get("properties", {}))
