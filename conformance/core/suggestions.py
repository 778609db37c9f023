"""Check names that users type against the known ones, and suggest the closest one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from conformance.errors import UsageError

_Choice = TypeVar("_Choice", bound=StrEnum)


def choice(kind: type[_Choice], value: _Choice | str, argument: str) -> _Choice:
    """Return the member of the enumeration ``kind`` that has this value.

    Raises:
        UsageError: there is no such member; the text names ``argument`` and lists the values.
    """
    try:
        return kind(value)
    except ValueError:
        raise UsageError(f"{argument} must be one of {', '.join(kind)}, not {value!r}") from None


def suggestion(name: str, known: Iterable[str], *, otherwise: str, most: int = 1) -> str:
    """Return a clause such as ``did you mean FILTER?``, or ``otherwise`` if no name is close.

    Args:
        name: what the user typed; letter case is ignored.
        known: the valid names.
        otherwise: a clause that says where the names are listed, such as ``see `list```.
        most: maximum number of names to suggest.
    """
    # Imported here because names are seldom misspelt.
    import difflib

    spelled = {candidate.lower(): candidate for candidate in known}
    near = [spelled[found] for found in difflib.get_close_matches(name.lower(), spelled, n=most)]
    if not near:
        return otherwise
    *head, last = near
    return f"did you mean {', '.join(head)} or {last}?" if head else f"did you mean {last}?"
