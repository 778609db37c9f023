"""Stopping on a signal, also where the first try is lost.

An exception that is raised by a signal goes nowhere if it meets a destructor or a callback of the
garbage collector: Python prints it and goes on. So it is raised again until it has been met.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN = 0.2
"""Seconds after which it is tried again."""
_armed = False
_held = False
_waiting = False


def install() -> None:
    """Let SIGINT and SIGTERM raise ``KeyboardInterrupt`` in the main thread of a command."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGALRM"):
        numbers.append(signal.SIGALRM)
    for number in numbers:
        signal.signal(number, _interrupt)
    sys.unraisablehook = _unraisable


def acknowledge() -> None:
    """Tell that the interruption has been met; nothing if there was none."""
    global _armed  # noqa: PLW0603 - like signals, there is one for a process
    if _armed:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _armed = False


@contextmanager
def held_back() -> Iterator[None]:
    """Let an interruption wait until this is done; a second one comes at once.

    Raises:
        KeyboardInterrupt: there was one meanwhile.
    """
    global _held, _waiting  # noqa: PLW0603
    _held, _waiting = True, False
    try:
        yield
    finally:
        _held = False
    if _waiting:
        raise KeyboardInterrupt


def lies_behind(error: BaseException) -> bool:
    """Whether an error is what other code made of an interruption that it was not prepared for."""
    met: BaseException | None = error
    while met is not None:
        if isinstance(met, KeyboardInterrupt):
            return True
        met = met.__cause__ or met.__context__
    return _armed


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    global _armed, _held, _waiting  # noqa: PLW0603
    if _held:
        _held, _waiting = False, True
        return
    if hasattr(signal, "setitimer"):
        _armed = True
        signal.setitimer(signal.ITIMER_REAL, AGAIN)
    raise KeyboardInterrupt


def _unraisable(lost: sys.UnraisableHookArgs) -> None:
    if not isinstance(lost.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(lost)
