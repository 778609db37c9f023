"""Compute once what several checks derive from the same object."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar, cast


class HasMemo(Protocol):
    """An object that keeps what was derived from it for as long as it lives."""

    @property
    def memo(self) -> dict[Hashable, object]:
        """The results so far."""


_Source = TypeVar("_Source", bound=HasMemo)
_Made = TypeVar("_Made")
_Rest = ParamSpec("_Rest")


def remembered(
    make: Callable[Concatenate[_Source, _Rest], _Made],
) -> Callable[Concatenate[_Source, _Rest], _Made]:
    """Keep a function's results in the ``memo`` of its first argument.

    The other arguments must be hashable; callers must not change the results.
    """

    @wraps(make)
    def remembering(source: _Source, *arguments: _Rest.args, **named: _Rest.kwargs) -> _Made:
        key = make, arguments, tuple(named.items())
        memo = source.memo
        if key not in memo:
            memo[key] = make(source, *arguments, **named)
        return cast("_Made", memo[key])

    return cast("Callable[Concatenate[_Source, _Rest], _Made]", remembering)
