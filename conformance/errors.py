"""Errors that the package raises, one per stage at which a run can fail, and exit codes."""

from __future__ import annotations

import errno
from enum import IntEnum
from importlib.util import find_spec
from pathlib import Path


class ExitCode(IntEnum):
    """Exit codes of the command."""

    CONFORMANT = 0
    NOT_CONFORMANT = 1
    USAGE = 2
    CANNOT_TEST = 3
    INTERRUPTED = 130


class ConformanceError(Exception):
    """Base class of all errors that the package raises on purpose.

    The text of an error is one sentence: what failed, why, and usually what to do.
    """


class UsageError(ConformanceError):
    """The caller's input is invalid: a bad URL, an unknown requirement, an unusable file."""


class ContractError(UsageError):
    """The contract file cannot be read or lacks information that the suite needs."""


class RecordingError(UsageError):
    """A file is not a recording of a run, or this version cannot judge it."""


class CannotTest(ConformanceError):
    """The target cannot be tested.

    It is unreachable, does not speak HTTP, rejects the credential, or fails and does not recover.
    """


class ForbiddenRequest(ConformanceError):
    """Code tried to send a request that the suite must never send; a bug in the suite."""


def require_extra(extra: str, module: str, purpose: str) -> None:
    """Check that a module is installed which only an extra of the package brings.

    Raises:
        UsageError: it is missing; the text says how to install the extra.
    """
    if find_spec(module) is None:
        raise UsageError(f"{purpose} needs the extra: pip install 'conductor-conformance[{extra}]'")


def _lacks_resources(error: BaseException) -> bool:
    match error:
        case MemoryError():
            return True
        case OSError():
            return error.errno in (errno.ENOMEM, errno.EMFILE, errno.ENFILE)
        case RuntimeError():
            return str(error).startswith("can't start new thread")
    return False


def internal_error_message(error: BaseException) -> str:
    """Return the message shown for an internal error: its type and source line.

    The text of the error is left out, since it could contain a secret.
    """
    if _lacks_resources(error):
        return (
            "Error: This machine permits too little memory, or too few threads or open files; "
            "raise its limits (`ulimit -a` shows them), or lower --parallel, --jobs or --workers."
        )
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
    return (
        f"Error: conductor-conformance failed internally ({type(error).__name__}{where}). "
        "This is a bug in conductor-conformance, not in the server; please report it."
    )
