"""Compare the report on one server with the server's declaration; no server is started here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance.checks.verdict import Outcome, Verdict
from conformance.core.text import visible
from conformance.reference.cataloguing import Entry
from conformance.reference.faults.entries import Fault
from conformance.reference.variations.entries import Variation
from conformance.report.report import Conclusion, Report
from conformance.selftest.tasks import Broken


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

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of ``spec/self-test.schema.json``."""
        return {
            "name": self.name,
            "description": self.description,
            "profile": self.profile,
            "breaks": list(self.breaks),
            "besides": list(self.besides),
            "tripped": list(self.tripped),
            **_result(self),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class VariationTrial(Trial):
    """An unusual but legal server: failed requirements by level, and undecided ones."""

    failed_must: tuple[str, ...]
    failed_should: tuple[str, ...]
    undecided: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of ``spec/self-test.schema.json``."""
        return {
            "name": self.name,
            "description": self.description,
            "profile": self.profile,
            "failedMust": list(self.failed_must),
            "failedShould": list(self.failed_should),
            "undecided": list(self.undecided),
            **_result(self),
        }


def _result(trial: Trial) -> dict[str, Any]:
    return {
        "outcome": None if trial.outcome is None else str(trial.outcome),
        "problems": [problem.as_dict() for problem in trial.problems],
        "durationSeconds": round(trial.duration, 3),
        "requests": trial.requests,
    }


def assess(entry: Entry, report: Report) -> FaultTrial | VariationTrial:
    """Compare the report on a server with the server's declaration.

    Raises:
        TypeError: the entry is neither a fault nor a variation.
    """
    match entry:
        case Fault():
            return _assess_fault(entry, report)
        case Variation():
            return _assess_variation(entry, report)
        case _:
            raise TypeError(f"{entry.name} is neither a fault nor a variation")


def lost(entry: Entry, broken: Broken, profile: str) -> FaultTrial | VariationTrial:
    """Return the trial of a server for which there is no report.

    Raises:
        TypeError: the entry is neither a fault nor a variation.
    """
    problem = Problem(
        Code.NO_RESULT, entry.name, f"{entry.name} was not judged: {visible(broken.reason)}."
    )
    common: dict[str, Any] = {
        "name": entry.name,
        "description": entry.description,
        "profile": profile,
        "outcome": None,
        "problems": (problem,),
        "duration": broken.duration,
        "requests": 0,
    }
    match entry:
        case Fault():
            return FaultTrial(
                **common,
                breaks=tuple(sorted(entry.breaks)),
                besides=tuple(sorted(entry.besides)),
                tripped=(),
                uncalled_for=(),
            )
        case Variation():
            return VariationTrial(**common, failed_must=(), failed_should=(), undecided=())
        case _:
            raise TypeError(f"{entry.name} is neither a fault nor a variation")


def _assess_fault(fault: Fault, report: Report) -> FaultTrial:
    tripped = _ids(report, Outcome.FAILED)
    order = [verdict.requirement.id for verdict in report.verdicts]
    return FaultTrial(
        name=fault.name,
        description=fault.description,
        profile=report.profile,
        outcome=report.conclusion,
        problems=(*_misses(fault, report, tripped), *_wrong_outcome(fault, report)),
        duration=report.duration,
        requests=report.requests,
        breaks=_ordered(fault.breaks, order),
        besides=_ordered(fault.besides, order),
        tripped=tripped,
        uncalled_for=tuple(name for name in tripped if not fault.permits(name)),
    )


def _misses(fault: Fault, report: Report, tripped: tuple[str, ...]) -> Iterator[Problem]:
    name, expected = fault.name, _and(sorted(fault.breaks))
    if not tripped:
        yield Problem(
            Code.NOTHING_TRIPPED,
            name,
            f"{name} trips nothing; it should break {expected}. {visible(report.reason)}",
        )
        return
    if not fault.families & {_family(requirement) for requirement in tripped}:
        yield Problem(
            Code.UNRELATED,
            name,
            f"{name} trips only {_and(tripped)}, which belong to other families than {expected}, "
            "which it should break.",
        )
        return
    verdicts = {verdict.requirement.id: verdict for verdict in report.verdicts}
    for requirement in sorted(fault.missing(frozenset(tripped))):
        yield Problem(
            Code.NOT_TRIPPED,
            name,
            f"{name} does not trip {requirement}, which it should break: "
            f"{_instead(verdicts.get(requirement))}.",
        )
    for requirement in tripped:
        if not fault.permits(requirement):
            finding = next(iter(verdicts[requirement].findings), None)
            seen = f": {visible(finding.message).rstrip('.')}" if finding else ""
            yield Problem(
                Code.NOT_PERMITTED,
                name,
                f"{name} trips {requirement}, which it is not declared to break{seen}.",
            )


def _instead(verdict: Verdict | None) -> str:
    if verdict is None:
        return "it was not judged"
    result = "it passed" if verdict.outcome is Outcome.PASSED else f"it is {verdict.outcome}"
    return f"{result} ({visible(verdict.reason).rstrip('.')})"


def _wrong_outcome(fault: Fault, report: Report) -> Iterator[Problem]:
    musts = {verdict.requirement.id for verdict in report.verdicts if verdict.binding}
    broken = sorted(fault.breaks & musts)
    expected = Conclusion.NON_CONFORMANT if broken else Conclusion.CONFORMANT
    if report.conclusion is expected:
        return
    why = f"it breaks {_and(broken)}" if broken else f"it breaks no MUST, only {_breaks(fault)}"
    yield Problem(
        Code.WRONG_OUTCOME,
        fault.name,
        f"{fault.name} is judged {_judged(report)} although {why}. {visible(report.reason)}",
    )


def _breaks(fault: Fault) -> str:
    return _and(sorted(fault.breaks))


def _assess_variation(variation: Variation, report: Report) -> VariationTrial:
    undecided = _ids(report, Outcome.INCONCLUSIVE, Outcome.ERROR)
    failed = [verdict for verdict in report.verdicts if verdict.outcome is Outcome.FAILED]
    return VariationTrial(
        name=variation.name,
        description=variation.description,
        profile=report.profile,
        outcome=report.conclusion,
        problems=tuple(_blame(variation, report)),
        duration=report.duration,
        requests=report.requests,
        failed_must=tuple(verdict.requirement.id for verdict in failed if verdict.binding),
        failed_should=tuple(verdict.requirement.id for verdict in failed if not verdict.binding),
        undecided=undecided,
    )


def _blame(variation: Variation, report: Report) -> Iterator[Problem]:
    name = variation.name
    for verdict in report.verdicts:
        requirement = verdict.requirement.id
        if verdict.outcome is Outcome.FAILED and verdict.binding:
            finding = next(iter(verdict.findings), None)
            reason = finding.message if finding else verdict.reason
            message = f"{name} fails {requirement}: {visible(reason).rstrip('.')}."
            yield Problem(Code.BLAMED, name, message)
    if report.conclusion is not Conclusion.CONFORMANT:
        message = f"{name} is judged {_judged(report)} although it keeps the contract."
        yield Problem(Code.WRONG_OUTCOME, name, f"{message} {visible(report.reason)}")
    for verdict in report.verdicts:
        requirement = verdict.requirement.id
        left_open = verdict.outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR)
        if left_open and not variation.may_leave_open(requirement):
            message = f"{name} leaves {requirement} undecided: {visible(verdict.reason)}"
            yield Problem(Code.UNDECIDED, name, f"{message.rstrip('.')}.")


def _judged(report: Report) -> str:
    return {
        Conclusion.CONFORMANT: "conformant",
        Conclusion.NON_CONFORMANT: "not conformant",
        Conclusion.ERROR: "untestable",
    }[report.conclusion]


def _ids(report: Report, *outcomes: Outcome) -> tuple[str, ...]:
    return tuple(
        verdict.requirement.id for verdict in report.verdicts if verdict.outcome in outcomes
    )


def _ordered(names: Iterable[str], order: list[str]) -> tuple[str, ...]:
    places = {name: place for place, name in enumerate(order)}
    return tuple(sorted(names, key=lambda name: (places.get(name, len(order)), name)))


def _family(requirement: str) -> str:
    return requirement.partition("-")[0]


def _and(names: Iterable[str]) -> str:
    *head, last = names
    return f"{', '.join(head)} and {last}" if head else last
