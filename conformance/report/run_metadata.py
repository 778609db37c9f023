"""Metadata of a run, shared by reports and recordings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Ending(StrEnum):
    """How a recorded run ended."""

    COMPLETE = "complete"
    CANNOT_TEST = "cannot-test"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMetadata:
    """Everything about a run except its verdicts: target, time, settings and how it ended.

    Attributes:
        target: the URL of the API.
        started: when the run began, in UTC.
        duration: how long it took, in seconds.
        seed: reproduces the generated queries.
        profile: how much was tested.
        requests: the number of requests sent.
        most_requests: the limit on that number.
        run_id: twelve hexadecimal digits, which the User-Agent of every request contains.
        notes: further information for the reader of the report, one sentence each.
        only: the requirements and families that were selected; empty if all were.
        skip: the requirements and families that were left out.
        ending: how the run ended.
        reason: a clause that explains why the run did not complete; empty if it did.
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
    """How much a run tests: which kinds of queries it sends, and how many."""

    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"
