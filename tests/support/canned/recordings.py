"""Recordings of evidence that was made by hand, and how they are judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

from conformance.checks.judging import judge
from conformance.checks.verdict import Verdict
from conformance.contract.loader import load
from conformance.contract.model import Contract
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.spans import Span
from conformance.recording.model import Recording
from conformance.recording.reader import parse
from conformance.recording.recorder import Recorder
from conformance.report.run_metadata import RunMetadata
from conformance.target.target import Target

LAW = load()
CIRCUMSTANCES = RunMetadata(
    target="https://conductor.example.com/api",
    started=datetime(2026, 2, 2, 3, 4, 5, 678901, tzinfo=UTC),
    duration=1.25,
    seed=7,
    profile="standard",
    requests=123,
    most_requests=4000,
    run_id="0123456789ab",
    notes=("It is made up.",),
)


@dataclass
class Quiet:
    """As much of a target as a recorder needs; by default it knows no secrets."""

    contract: Contract = LAW
    header_names: tuple[str, ...] = ()
    redacted_text: Callable[[str], str] = str

    def record_with(self, observe: Callable[[Exchange], Exchange]) -> None:
        pass


def written(
    evidence: Evidence | None,
    recorder: Recorder | None = None,
    *,
    target: Quiet | None = None,
    **members: Any,
) -> str:
    """Return the text of a recording of this evidence; ``members`` are its metadata."""
    recorder = recorder or Recorder()
    recorder.attend(cast(Target, target or Quiet()))
    if evidence is not None:
        evidence = _observed(evidence, recorder)
    recorder.finish(replace(CIRCUMSTANCES, **members), evidence)
    return "".join(recorder.parts())


def _observed(evidence: Evidence, recorder: Recorder) -> Evidence:
    known: dict[int, Exchange] = {}

    def seen(exchange: Exchange) -> Exchange:
        # What stands in several places was asked once.
        if id(exchange) not in known:
            known[id(exchange)] = recorder.observe(exchange)
        return known[id(exchange)]

    def all_seen(exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
        return tuple(map(seen, exchanges))

    return replace(
        evidence,
        opening=seen(evidence.opening),
        spans=tuple(
            Span(seen(span.before), all_seen(span.exchanges), seen(span.after))
            for span in evidence.spans
        ),
        unanchored=all_seen(evidence.unanchored),
        refusals=all_seen(evidence.refusals),
        head_requests=all_seen(evidence.head_requests),
        passed_over=all_seen(evidence.passed_over),
    )


def read_back(evidence: Evidence | None, **members: Any) -> Recording:
    """Return what is read from a recording of this evidence."""
    return parse(written(evidence, **members).encode())


def verdicts(evidence: Evidence) -> tuple[Verdict, ...]:
    """Judge evidence by every requirement."""
    return judge(replace(evidence), LAW.requirements)
