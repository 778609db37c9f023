"""Search in the targets of a fleet, such as ``FILTER-04:failed region:eu``; fleet.js is the same.

All terms of a search have to fit; one that begins with ``-`` must not. A term is one of

- ``ID:OUTCOME`` or ``FAMILY:OUTCOME``: a requirement, or one of a family, has this outcome,
- ``outcome:STATE``, ``exit:CODE``, and ``LABEL:VALUE``,
- any other text, which is part of the name or URL.

After the colon, values separated by commas are alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from conformance.checks.verdict import Outcome
from conformance.core.suggestions import suggestion
from conformance.errors import UsageError
from conformance.fleet.summary import Entry

_REQUIREMENT = re.compile(r"[A-Z]+(-[0-9]+)?")


def matching(entries: Iterable[Entry], search: str) -> tuple[Entry, ...]:
    """Return the entries that a search finds.

    Raises:
        UsageError: a term about a requirement has no outcome.
    """
    terms = search.split()
    for term in terms:
        _check(term.removeprefix("-"))
    return tuple(
        entry
        for entry in entries
        if all(_fits(entry, term.removeprefix("-")) != term.startswith("-") for term in terms)
    )


def _check(term: str) -> None:
    key, _, values = term.partition(":")
    for value in values.split(",") if _REQUIREMENT.fullmatch(key) and ":" in term else ():
        if value not in list(Outcome):
            hint = suggestion(value, Outcome, otherwise=f"outcomes are {', '.join(Outcome)}")
            raise UsageError(f"no requirement has the outcome {value!r}; {hint}")


def _fits(entry: Entry, term: str) -> bool:
    key, colon, rest = term.partition(":")
    if not colon or rest.startswith("//"):
        return term.lower() in f"{entry.name} {entry.url}".lower()
    values = rest.split(",")
    if _REQUIREMENT.fullmatch(key):
        return any(
            name == key or name.startswith(f"{key}-")
            for value in values
            for name in entry.results.get(value, ())
        )
    facts = {**entry.labels, "outcome": str(entry.state), "exit": str(int(entry.exit_code))}
    return facts.get(key) in values
