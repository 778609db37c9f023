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
from conformance.errors import ExitCode, UsageError
from conformance.fleet.summary import Entry, State

EXITS = tuple(
    str(int(code)) for code in (ExitCode.CONFORMANT, ExitCode.NOT_CONFORMANT, ExitCode.CANNOT_TEST)
)
"""Exit codes that a target can have."""
_REQUIREMENT = re.compile(r"[A-Z]+(-[0-9]+)?")


def matching(entries: Iterable[Entry], search: str) -> tuple[Entry, ...]:
    """Return the entries that a search finds.

    Raises:
        UsageError: a term has an outcome or exit code that does not exist.
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
    key, colon, rest = term.partition(":")
    known: Iterable[str]
    if colon and _REQUIREMENT.fullmatch(key):
        what, known = "requirement has the outcome", Outcome
    elif colon and key == "outcome":
        what, known = "target has the outcome", State
    elif colon and key == "exit":
        what, known = "target has the exit code", EXITS
    else:
        return
    for value in rest.split(","):
        if value not in list(known):
            hint = suggestion(value, known, otherwise=f"write one of {', '.join(known)}")
            raise UsageError(f"no {what} {value!r}; {hint}")


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
