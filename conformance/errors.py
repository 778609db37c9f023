"""The errors a caller can meet, one per stage at which a run can fail."""

from __future__ import annotations

from pathlib import Path


class ConformanceError(Exception):
    """Base of every error this package raises on purpose; its text is one sentence for a person."""


class UsageError(ConformanceError):
    """What was asked for cannot be done: a bad URL, an unknown requirement, an unusable file."""


class ContractError(UsageError):
    """The contract file cannot be read, or does not say what the suite needs to know."""


class RecordingError(UsageError):
    """A file is no recording of a run, or none that this version can judge."""


class CannotTest(ConformanceError):
    """The target could not be tested: unreachable, no HTTP, credential refused, no recovery."""


class ForbiddenRequest(ConformanceError):
    """Something asked for a request that the suite must never send. A defect of the suite."""


def internal(error: BaseException) -> str:
    """Return what to tell of a defect: its kind and place, since its text could hold a secret."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
    return (
        f"Error: the suite itself broke ({type(error).__name__}{where}). "
        "This is a defect of conductor-conformance, not of the server; please report it."
    )
