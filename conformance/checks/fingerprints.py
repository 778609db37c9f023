"""Telling the failures of one requirement apart by their kind, in the same way in every run.

The fingerprint of a finding is the first twelve hexadecimal digits of the SHA-256 of the JSON array
``[requirement, place, query, observed, expected]``, written without blanks and in ASCII, where

- ``place`` is the JSON pointer with each array index replaced by ``*``;
- ``query`` names each documented parameter with what its value is: ``true`` or ``false``,
  ``supported``, ``empty``, ``other`` or, where it is given several times, ``repeated``; for
  parameters that are not documented it has the word ``unknown``. All that is sorted and joined
  by ``&``;
- ``observed`` and ``expected`` are what came back and what the contract says, without whatever
  depends on the data: see ``what_came_back`` and ``what_is_right``.

So it knows nothing of providers, categories, counts, ports, seeds and the order of anything. A
change of the recipe, or of the words of a check, makes other fingerprints: then
``--update-baseline`` refreshes them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable

from conformance.checks.verdict import Finding, Kind
from conformance.contract.model import Contract, Operator
from conformance.contract.query import Query
from conformance.core.text import visible

DIGITS = 12
_INDEX = re.compile(r"(?<=/)[0-9]+(?=/|$)")
_NUMBER = re.compile(r"(?<![\w-])-?[0-9][0-9,.]*(?:e[+-]?[0-9]+)?\b")
_WITHOUT_DATA = (
    # From the first quotation mark to the last, since a value may hold some itself.
    (re.compile(r'".*"', re.DOTALL), '"…"'),
    (re.compile(r"provider (?:null|number [0-9]+)"), 'provider "…"'),
    (re.compile(r"(?:\bhttps?:/|(?<!\S)/)\S*"), "/…"),
    (re.compile(r"\(no query\)|\?\S+"), "?…"),
    (re.compile(r"\bobject with .*", re.DOTALL), "object"),
    (re.compile(r"\bempty (?=object|array)"), ""),
    (re.compile(r"\barray of [0-9]+ \([^)]*\)"), "array"),
    (re.compile(r"\bstring of [0-9,]+ characters?"), "string"),
    (re.compile(r" and [0-9,]+ others?\b"), ""),
    (re.compile(r"\b(?:true|false)\b"), "boolean"),
)
_PLURALS = (
    (re.compile(r"\bN (?!is\b)(\w+?)s\b"), r"N \1"),
    (re.compile(r"\bare\b"), "is"),
    (re.compile(r"\bread\b"), "reads"),
)
_STATUS = re.compile(r"(\bstatus [0-9]{3}\b)")


def kinds(contract: Contract, requirement_id: str, findings: Iterable[Finding]) -> tuple[Kind, ...]:
    """Return each kind of failure among these findings of a requirement once, in their order."""
    found = (kind(contract, requirement_id, finding) for finding in findings)
    return tuple({one.fingerprint: one for one in found}.values())


def kind(contract: Contract, requirement_id: str, finding: Finding) -> Kind:
    """Return the kind of failure that a finding of a requirement is one of."""
    place = _INDEX.sub("*", finding.pointer)
    query = shape(contract, Query(finding.query))
    observed = what_came_back(finding.observed)
    expected = what_is_right(contract, finding.expected)
    recipe = json.dumps(
        [requirement_id, place, query, observed, expected], separators=(",", ":")
    ).encode("ascii")
    asked = f"?{query}: " if query else ""
    where = f" at {place}" if place else ""
    return Kind(
        hashlib.sha256(recipe).hexdigest()[:DIGITS],
        visible(f"{asked}{observed}{where}; expected {expected}"),
    )


def shape(contract: Contract, query: Query) -> str:
    """Return which parameters a query has, each with the class of its value."""
    parts = set()
    documented = {item.parameter: item for item in contract.filters}
    for name, value in query.pairs:
        item = documented.get(name)
        if item is None:
            parts.add("unknown")
        elif len(query.values(name)) > 1:
            parts.add(f"{name}=repeated")
        elif value in item.supported:
            word = "supported" if item.operator is Operator.EQUALS else value
            parts.add(f"{name}={word}")
        else:
            parts.add(f"{name}={'other' if value.strip() else 'empty'}")
    return "&".join(sorted(parts))


def what_came_back(observed: str) -> str:
    """Return what a finding says of the answer, without values, names, numbers and structure.

    The status stays. What is quoted becomes ``"…"``, a path ``/…``, a query ``?…``, a number ``N``;
    of objects, arrays and strings only that word stays; plurals become singulars.
    """
    for pattern, word in _WITHOUT_DATA:
        observed = pattern.sub(word, observed)
    observed = _numbered(observed)
    for pattern, word in _PLURALS:
        observed = pattern.sub(word, observed)
    return observed


def what_is_right(contract: Contract, expected: str) -> str:
    """Return what a finding says of the contract, without categories, queries and numbers.

    Names of members stay, in quotation marks or not, since the contract gives them.
    """
    expected = re.sub(r"\(no query\)|\?\S+", "?…", expected)
    for item in contract.filters:
        for value in item.supported:
            expected = expected.replace(f'"{value}"', '"…"')
    return _numbered(expected)


def _numbered(text: str) -> str:
    parts = _STATUS.split(text)
    parts[::2] = [_NUMBER.sub("N", part) for part in parts[::2]]
    return "".join(parts)
