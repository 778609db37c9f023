"""Classify the failures of a requirement, in the same way in every run.

The fingerprint of a finding is the first twelve hexadecimal digits of the SHA-256 of the JSON array
``[requirement, place, query, observed, expected]``, written without whitespace and in ASCII, where

- ``place`` is the JSON pointer with each array index replaced by ``*``;
- ``query`` lists each documented parameter with the class of its value: ``true`` or ``false``,
  ``supported``, ``empty``, ``other`` or, if the parameter is given several times, ``repeated``. The
  word ``unknown`` stands for all undocumented parameters. The parts are sorted and joined by ``&``.
  It is only ``generated`` if no query that is written by hand shows a violation;
- ``observed`` and ``expected`` describe the response and the requirement, without anything that
  depends on the data: see ``generalised_observed`` and ``generalised_expected``.

Findings of generated queries have no fingerprints if other queries show violations. Fingerprints
therefore do not depend on providers, categories, counts, ports, seeds or any order. A
change of the recipe, or of the wording of a check, changes the fingerprints; ``--update-baseline``
refreshes them.
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
GENERATED = "generated"
_INDEX = re.compile(r"(?<=/)[0-9]+(?=/|$)")
_NUMBER = re.compile(r"(?<![\w-])-?[0-9][0-9,.]*(?:e[+-]?[0-9]+)?\b")
_WITHOUT_DATA = (
    # From the first quotation mark to the last, because a value may contain quotation marks.
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


def kinds(
    contract: Contract, requirement_id: str, findings: Iterable[Finding], *, generated: bool = False
) -> tuple[Kind, ...]:
    """Return the distinct kinds of these findings of a requirement, in order of appearance."""
    found = (kind(contract, requirement_id, one, generated=generated) for one in findings)
    return tuple({one.fingerprint: one for one in found}.values())


def kind(
    contract: Contract, requirement_id: str, finding: Finding, *, generated: bool = False
) -> Kind:
    """Return the kind of failure of a finding; ``generated`` means that its query is."""
    place = _INDEX.sub("*", finding.pointer)
    query = GENERATED if generated else shape(contract, Query(finding.query))
    observed = generalised_observed(finding.observed)
    expected = generalised_expected(contract, finding.expected)
    recipe = json.dumps(
        [requirement_id, place, query, observed, expected], separators=(",", ":")
    ).encode("ascii")
    head = f"?{query}: " if query else ""
    where = f" at {place}" if place else ""
    return Kind(
        hashlib.sha256(recipe).hexdigest()[:DIGITS],
        visible(f"{head}{observed}{where}; expected {expected}"),
    )


def shape(contract: Contract, query: Query) -> str:
    """Return the parameters of a query with the class of each value."""
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


def generalised_observed(observed: str) -> str:
    """Return the ``observed`` text of a finding without values, names, numbers and structure.

    The status remains. Quoted text becomes ``"…"``, a path ``/…``, a query ``?…`` and a number
    ``N``. Descriptions of objects, arrays and strings are reduced to that word, and plurals become
    singular.
    """
    for pattern, word in _WITHOUT_DATA:
        observed = pattern.sub(word, observed)
    observed = _numbered(observed)
    for pattern, word in _PLURALS:
        observed = pattern.sub(word, observed)
    return observed


def generalised_expected(contract: Contract, expected: str) -> str:
    """Return the ``expected`` text of a finding without categories, queries and numbers.

    Names of fields remain, quoted or not, because they come from the contract.
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
