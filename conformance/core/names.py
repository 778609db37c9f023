"""Names that people type: choosing one of a set, and suggesting a near one for an unknown name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from conformance.errors import UsageError

_Choice = TypeVar("_Choice", bound=StrEnum)


def choice(kind: type[_Choice], value: _Choice | str, argument: str) -> _Choice:
    """Return the member of an enumeration that a value names.

    Raises:
        UsageError: it names none; the text lists those there are.
    """
    try:
        return kind(value)
    except ValueError:
        raise UsageError(f"{argument} is one of {', '.join(kind)}, not {value!r}") from None


def suggestion(name: str, known: Iterable[str], *, otherwise: str, most: int = 1) -> str:
    """Return the question whether a near name was meant, or ``otherwise`` if none is near.

    Args:
        name: what was typed; letter case is ignored.
        known: the names there are.
        otherwise: a clause that says where to find them, such as ``see `list```.
        most: how many near names to suggest.
    """
    spelled = {candidate.lower(): candidate for candidate in known}
    near = [spelled[found] for found in difflib.get_close_matches(name.lower(), spelled, n=most)]
    if not near:
        return otherwise
    *head, last = near
    return f"did you mean {', '.join(head)} or {last}?" if head else f"did you mean {last}?"
