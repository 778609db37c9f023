"""What a report and a recording say of their run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


class Ending(StrEnum):
    """How a recorded run ended."""

    COMPLETE = "complete"
    CANNOT_TEST = "cannot-test"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMetadata:
    """What a report says of its run besides the verdicts, and which requirements it was about.

    ``started`` is in UTC, ``duration`` in seconds; ``reason`` is a clause that says why the run did
    not come to its end, empty where it did.
    """

    target: str
    started: datetime
    duration: float
    seed: int
    profile: str
    requests: int
    most_requests: int
    run_id: str
    notes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    ending: Ending = Ending.COMPLETE
    reason: str = ""


class Profile(StrEnum):
    """How much is asked."""

    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"
