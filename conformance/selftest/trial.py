"""The trial of one server: its report compared with its declaration; no server is started here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance.checks.verdict import Outcome, Verdict
from conformance.core.text import visible
from conformance.core.worker_process import Broken
from conformance.reference.cataloguing import Entry
from conformance.reference.faults.entries import Fault
from conformance.reference.variations.entries import Variation
from conformance.report.report import Conclusion, Report

OWN = "own"
"""Used instead of a profile: judge each server with its own, the smallest that detects it."""
UNDECIDED = (Outcome.INCONCLUSIVE, Outcome.ERROR)
_JUDGED = {
    Conclusion.CONFORMANT: "conformant",
    Conclusion.NON_CONFORMANT: "not conformant",
    Conclusion.ERROR: "untestable",
}


@dataclass(frozen=True, slots=True)
class Task:
    """One server to try: its name in the catalogue, the profile (or ``OWN``), and the seed."""

    name: str
    profile: str = OWN
    seed: int = 1


class Code(StrEnum):
    """The kinds of problems that a self-test can find."""

    NOTHING_TRIPPED = "nothing-tripped"
    UNRELATED = "unrelated"
    NOT_TRIPPED = "not-tripped"
    NOT_PERMITTED = "not-permitted"
    WRONG_OUTCOME = "wrong-outcome"
    BLAMED = "blamed"
    UNDECIDED = "undecided"
    NO_RESULT = "no-result"
    WITHOUT_FAULT = "without-fault"


@dataclass(frozen=True, slots=True)
class Problem:
    """One deviation from a declaration.

    ``about`` is the name of a fault or variation, or the id of a requirement. ``message`` is a
    whole sentence that begins with it.
    """

    code: Code
    about: str
    message: str

    def as_dict(self) -> dict[str, str]:
        """Return it in the shape of ``spec/self-test.schema.json``."""
        return {"code": str(self.code), "about": self.about, "message": self.message}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The declaration and the judgement of one server.

    Requirements are ids, in the order of the contract. ``outcome`` is the conclusion of the run;
    ``None`` if the trial did not complete. ``duration`` is in seconds, ``requests`` the number of
    requests sent.
    """

    name: str
    description: str
    profile: str
    outcome: Conclusion | None
    problems: tuple[Problem, ...]
    duration: float
    requests: int

    @property
    def passed(self) -> bool:
        """Whether everything is as declared."""
        return not self.problems

    @property
    def subject(self) -> str:
        """The first word of the name, such as ``living``."""
        return self.name.partition("-")[0]

    @property
    def requirements(self) -> dict[str, tuple[str, ...]]:
        """The requirements by their names in the JSON."""
        raise NotImplementedError

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of ``spec/self-test.schema.json``."""
        return {
            "name": self.name,
            "description": self.description,
            "profile": self.profile,
            **{name: list(ids) for name, ids in self.requirements.items()},
            "outcome": None if self.outcome is None else str(self.outcome),
            "problems": [problem.as_dict() for problem in self.problems],
            "durationSeconds": round(self.duration, 3),
            "requests": self.requests,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultTrial(Trial):
    """A faulty server: the requirements that it must break, and those that failed.

    ``breaks`` holds the declared requirements, ``tripped`` those that failed. ``besides`` holds
    further requirements and families that may fail, ``uncalled_for`` the requirements that failed
    and may not.
    """

    breaks: tuple[str, ...]
    besides: tuple[str, ...]
    tripped: tuple[str, ...]
    uncalled_for: tuple[str, ...]

    @property
    def family(self) -> str:
        """The family of the first requirement that the fault breaks."""
        return self.breaks[0].partition("-")[0]

    @property
    def missed(self) -> tuple[str, ...]:
        """The requirements that the fault must break and did not."""
        return tuple(name for name in self.breaks if name not in self.tripped)

    @property
    def requirements(self) -> dict[str, tuple[str, ...]]:
        """The requirements by their names in the JSON."""
        return {"breaks": self.breaks, "besides": self.besides, "tripped": self.tripped}


@dataclass(frozen=True, slots=True, kw_only=True)
class VariationTrial(Trial):
    """An unusual but legal server: failed requirements by level, and undecided ones."""

    failed_must: tuple[str, ...]
    failed_should: tuple[str, ...]
    undecided: tuple[str, ...]

    @property
    def requirements(self) -> dict[str, tuple[str, ...]]:
        """The requirements by their names in the JSON."""
        return {
            "failedMust": self.failed_must,
            "failedShould": self.failed_should,
            "undecided": self.undecided,
        }


def assess(entry: Entry, report: Report) -> FaultTrial | VariationTrial:
    """Compare the report on a server with the server's declaration.

    Raises:
        TypeError: the entry is neither a fault nor a variation.
    """
    return _trial(
        entry,
        report.verdicts,
        profile=report.profile,
        outcome=report.conclusion,
        problems=tuple(_problems(entry, report)),
        duration=report.duration,
        requests=report.requests,
    )


def lost(entry: Entry, broken: Broken, profile: str) -> FaultTrial | VariationTrial:
    """Return the trial of a server for which there is no report.

    Raises:
        TypeError: the entry is neither a fault nor a variation.
    """
    message = f"{entry.name} was not judged: {visible(broken.reason)}."
    return _trial(
        entry,
        (),
        profile=profile,
        outcome=None,
        problems=(Problem(Code.NO_RESULT, entry.name, message),),
        duration=broken.duration,
        requests=0,
    )


def _trial(entry: Entry, verdicts: Sequence[Verdict], **result: Any) -> FaultTrial | VariationTrial:
    result |= {"name": entry.name, "description": entry.description}
    failed = [verdict for verdict in verdicts if verdict.outcome is Outcome.FAILED]
    match entry:
        case Fault():
            tripped = _ids(failed)
            order = _ids(verdicts)
            return FaultTrial(
                **result,
                breaks=_ordered(entry.breaks, order),
                besides=_ordered(entry.besides, order),
                tripped=tripped,
                uncalled_for=tuple(name for name in tripped if not entry.permits(name)),
            )
        case Variation():
            return VariationTrial(
                **result,
                failed_must=_ids(verdict for verdict in failed if verdict.binding),
                failed_should=_ids(verdict for verdict in failed if not verdict.binding),
                undecided=_ids(verdict for verdict in verdicts if verdict.outcome in UNDECIDED),
            )
        case _:
            raise TypeError(f"{entry.name} is neither a fault nor a variation")


def _problems(entry: Entry, report: Report) -> Iterator[Problem]:
    found = _misses(entry, report) if isinstance(entry, Fault) else iter(())
    if isinstance(entry, Variation):
        found = _blame(entry, report)
    for code, message in found:
        yield Problem(code, entry.name, f"{entry.name} {message}")


def _misses(fault: Fault, report: Report) -> Iterator[tuple[Code, str]]:
    yield from _not_as_declared(fault, report)
    musts = {verdict.requirement.id for verdict in report.verdicts if verdict.binding}
    broken = sorted(fault.breaks & musts)
    if report.conclusion is not (Conclusion.NON_CONFORMANT if broken else Conclusion.CONFORMANT):
        only = f"no MUST, only {_and(sorted(fault.breaks))}"
        why = f"it breaks {_and(broken) if broken else only}"
        yield Code.WRONG_OUTCOME, _judged(report, why)


def _not_as_declared(fault: Fault, report: Report) -> Iterator[tuple[Code, str]]:
    expected = _and(sorted(fault.breaks))
    verdicts = {verdict.requirement.id: verdict for verdict in report.verdicts}
    tripped = [name for name, verdict in verdicts.items() if verdict.outcome is Outcome.FAILED]
    if not tripped:
        reason = visible(report.reason)
        yield Code.NOTHING_TRIPPED, f"trips nothing; it should break {expected}. {reason}"
        return
    if not fault.families & {_family(name) for name in tripped}:
        others = f"{_and(tripped)}, which belong to other families than {expected}"
        yield Code.UNRELATED, f"trips only {others}, which it should break."
        return
    for name in sorted(fault.missing(frozenset(tripped))):
        instead = _instead(verdicts.get(name))
        yield Code.NOT_TRIPPED, f"does not trip {name}, which it should break: {instead}."
    for name in tripped:
        if not fault.permits(name):
            finding = next(iter(verdicts[name].findings), None)
            seen = f": {visible(finding.message).rstrip('.')}" if finding else ""
            yield Code.NOT_PERMITTED, f"trips {name}, which it is not declared to break{seen}."


def _instead(verdict: Verdict | None) -> str:
    if verdict is None:
        return "it was not judged"
    result = "it passed" if verdict.outcome is Outcome.PASSED else f"it is {verdict.outcome}"
    return f"{result} ({visible(verdict.reason).rstrip('.')})"


def _blame(variation: Variation, report: Report) -> Iterator[tuple[Code, str]]:
    for verdict in report.verdicts:
        if verdict.outcome is Outcome.FAILED and (verdict.binding or variation.strict):
            finding = next(iter(verdict.findings), None)
            reason = visible(finding.message if finding else verdict.reason).rstrip(".")
            yield Code.BLAMED, f"fails {verdict.requirement.id}: {reason}."
    right = {Conclusion.CONFORMANT, *([Conclusion.ERROR] if variation.untestable else [])}
    if report.conclusion not in right:
        yield Code.WRONG_OUTCOME, _judged(report, "it keeps the contract")
    for verdict in report.verdicts:
        name, reason = verdict.requirement.id, visible(verdict.reason)
        if verdict.outcome in UNDECIDED and not variation.may_leave_open(name):
            message = f"leaves {name} undecided: {reason}"
            yield Code.UNDECIDED, f"{message.rstrip('.')}."


def _judged(report: Report, why: str) -> str:
    reason = visible(report.reason)
    return f"is judged {_JUDGED[report.conclusion]} although {why}. {reason}"


def _ids(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    return tuple(verdict.requirement.id for verdict in verdicts)


def _ordered(names: Iterable[str], order: Sequence[str]) -> tuple[str, ...]:
    places = {name: place for place, name in enumerate(order)}
    return tuple(sorted(names, key=lambda name: (places.get(name, len(order)), name)))


def _family(requirement: str) -> str:
    return requirement.partition("-")[0]


def _and(names: Iterable[str]) -> str:
    *head, last = names
    return f"{', '.join(head)} and {last}" if head else last
