"""Turn SIGINT and SIGTERM into ``KeyboardInterrupt``, reliably.

Python prints and drops an exception that a signal handler raises inside a destructor or a callback
of the garbage collector. So the exception is raised again until the command acknowledges it.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN = 0.2
"""Seconds until the exception is raised again."""

_armed = False
_held = False
_waiting = False


def install() -> None:
    """Make SIGINT and SIGTERM raise ``KeyboardInterrupt`` in the main thread."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGALRM"):
        numbers.append(signal.SIGALRM)
    for number in numbers:
        signal.signal(number, _interrupt)
    sys.unraisablehook = _unraisable


def acknowledge() -> None:
    """Stop raising the exception: it has been handled. Without an interruption, do nothing."""
    global _armed  # noqa: PLW0603 - signals are per process, too
    if _armed:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _armed = False


@contextmanager
def deferred() -> Iterator[None]:
    """Delay the first interruption until the end of the block; a second one is raised at once.

    Raises:
        KeyboardInterrupt: at the end, if an interruption was delayed.
    """
    global _held, _waiting  # noqa: PLW0603
    _held, _waiting = True, False
    try:
        yield
    finally:
        _held = False
    if _waiting:
        raise KeyboardInterrupt


def caused(error: BaseException) -> bool:
    """Whether an interruption caused this error.

    Libraries that do not expect ``KeyboardInterrupt`` may turn it into another exception.
    """
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
