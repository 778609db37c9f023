"""Turn SIGINT, SIGTERM and the end of a time limit into exceptions, reliably.

Python prints and drops an exception that a signal handler raises inside a destructor or a callback
of the garbage collector. So the exception is raised again until the command acknowledges it.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from conformance.errors import UsageError

AGAIN = 0.2
"""Seconds until the exception is raised again."""
HURRIED = 1.0
"""Seconds left of a time limit after an interruption that is delayed."""

_limited = False
_expired = False
_armed = False
_held = False
_waiting = False

was_out_of_time = threading.Event()
"""Whether some block took longer than its limit, so that other threads may still be at work."""


class OutOfTime(Exception):
    """A block took longer than its time limit."""


def install() -> None:
    """Make SIGINT and SIGTERM raise ``KeyboardInterrupt`` in the main thread."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGALRM"):
        numbers.append(signal.SIGALRM)
    for number in numbers:
        signal.signal(number, _interrupt)
    sys.unraisablehook = _unraisable
    was_out_of_time.clear()


def end_at_once(code: int) -> None:
    """At SIGINT and SIGTERM end the process with this exit code from now on; all is reported."""
    acknowledge()
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(code))


def acknowledge() -> None:
    """Stop raising the exception: it has been handled. Without an interruption, do nothing."""
    global _armed, _expired  # noqa: PLW0603 - signals are per process, too
    if _armed:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _armed = _expired = False


@contextmanager
def limited(seconds: float) -> Iterator[bool]:
    """Stop the block when it has taken ``seconds``, wherever it is. Such blocks cannot be nested.

    Yield whether there is a limit. There is none outside of the main thread of the command: another
    process keeps its signals.

    Raises:
        OutOfTime: the block took longer.
    """
    global _limited  # noqa: PLW0603
    own = hasattr(signal, "SIGALRM") and signal.getsignal(signal.SIGALRM) is _interrupt
    here = threading.current_thread() is threading.main_thread()
    if not own or not here or math.isinf(seconds):
        yield False
        return
    _limited = True
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield True
    except BaseException:
        if _expired:
            acknowledge()
            was_out_of_time.set()
            raise OutOfTime from None
        raise
    finally:
        _limited = False
        if _expired:
            acknowledge()
        elif not _armed:
            signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def deferred() -> Iterator[None]:
    """Delay the first interruption until the end of the block; a second one is raised at once.

    A block within another such block does nothing. Time limits within the block are kept; once it
    is interrupted, they are ``HURRIED`` at the most.

    Raises:
        KeyboardInterrupt: at the end, if an interruption was delayed; if something could not
            be written either, that is the cause.
    """
    global _held, _waiting  # noqa: PLW0603
    if _held or _waiting:
        yield
        return
    _held = True
    cause: UsageError | None = None
    try:
        yield
    except UsageError as error:
        cause = error
    finally:
        _held = False
        waiting, _waiting = _waiting, False
    if waiting:
        raise KeyboardInterrupt from cause
    if cause is not None:
        raise cause


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


def _interrupt(number: int, _frame: FrameType | None) -> None:
    global _armed, _expired, _held, _waiting  # noqa: PLW0603
    if hasattr(signal, "SIGALRM") and number == signal.SIGALRM:
        if not _armed and not _limited:
            # The block ended just before its time.
            return
        _expired = _expired or not _armed
    else:
        _expired = False
    if _held and not _expired:
        _held, _waiting = False, True
        if _limited:
            signal.setitimer(signal.ITIMER_REAL, HURRIED)
        return
    if hasattr(signal, "setitimer"):
        _armed = True
        signal.setitimer(signal.ITIMER_REAL, AGAIN)
    raise KeyboardInterrupt


def _unraisable(lost: sys.UnraisableHookArgs) -> None:
    if not isinstance(lost.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(lost)
