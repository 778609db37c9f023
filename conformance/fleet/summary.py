"""The result of a fleet: one entry per target, what failed alike, and what is undecided."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance._version import __version__
from conformance.checks.verdict import Outcome, Verdict
from conformance.core.own_json import FileKind
from conformance.core.text import timestamp, visible
from conformance.errors import ExitCode
from conformance.report.render.parts import cut
from conformance.report.report import TOOL, Qualification, Report

SCHEMA_VERSION = "1.0"
RESULT = "fleet.json"
KIND = FileKind(
    name="result of a fleet",
    schema="fleet.schema.json",
    advice=f"`fleet FILE` writes {RESULT} into its folder",
    largest=1 << 30,
)
GROUP_DIGITS = 8


class State(StrEnum):
    """The outcome of a target: the verdict or, of a conformant one, what qualifies it."""

    CONFORMANT = "conformant"
    UNDECIDED = "undecided"
    KNOWN_FAILURES = "known-failures"
    NOTHING_JUDGED = "nothing-judged"
    NON_CONFORMANT = "non-conformant"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed requirement of a target, with its first finding as the example.

    ``counts`` is whether it makes the target non-conformant.
    """

    requirement: str
    level: str
    counts: bool
    fingerprints: tuple[str, ...]
    request: str
    observed: str
    expected: str

    @classmethod
    def of(cls, report: Report, verdict: Verdict) -> Failure:
        """Return the failure of a verdict."""
        first = verdict.findings[0]
        return cls(
            verdict.requirement.id,
            str(verdict.requirement.level),
            report.counts_against(verdict),
            tuple(kind.fingerprint for kind in verdict.kinds),
            *map(cut, (first.request_line, first.observed, first.expected)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The result of one target.

    ``failures`` leaves out those that the target's baseline knows. ``results`` are the ids of the
    requirements by outcome. ``duration`` is in seconds. ``reports`` are paths in the folder of the
    fleet by format. ``digest`` is that of the order.
    """

    name: str
    url: str
    labels: Mapping[str, str]
    state: State
    exit_code: int
    reason: str
    failures: tuple[Failure, ...]
    results: Mapping[str, tuple[str, ...]]
    started: str
    duration: float
    requests: int
    attempts: int
    reports: Mapping[str, str]
    digest: str

    @classmethod
    def of(
        cls,
        report: Report,
        *,
        name: str,
        url: str,
        labels: Mapping[str, str],
        formats: Iterable[str],
        attempts: int,
        digest: str,
    ) -> Entry:
        """Return the entry of a target from its report."""
        state = str(report.conclusion)
        if report.qualification is not Qualification.NONE:
            state = str(report.qualification)
        results: dict[str, list[str]] = {}
        for verdict in report.verdicts:
            results.setdefault(str(verdict.outcome), []).append(verdict.requirement.id)
        failed = [one for one in report.verdicts if one.outcome is Outcome.FAILED]
        return cls(
            name=name,
            url=url,
            labels=labels,
            state=State(state),
            exit_code=report.exit_code,
            reason=cut(report.reason, 500),
            failures=tuple(Failure.of(report, one) for one in failed if one.known is None),
            results={outcome: tuple(ids) for outcome, ids in results.items()},
            started=timestamp(report.started),
            duration=round(report.duration, 3),
            requests=report.requests,
            attempts=attempts,
            reports={one: f"targets/{name}.{ENDINGS.get(one, one)}" for one in formats},
            digest=digest,
        )

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> Entry:
        """Return an entry from JSON that fits the schema."""
        return cls(
            name=entry["name"],
            url=entry["url"],
            labels=entry["labels"],
            state=State(entry["outcome"]),
            exit_code=entry["exitCode"],
            reason=entry["reason"],
            failures=tuple(
                Failure(**{**one, "fingerprints": tuple(one["fingerprints"])})
                for one in entry["failures"]
            ),
            results={outcome: tuple(ids) for outcome, ids in entry["results"].items()},
            started=entry["started"],
            duration=entry["durationSeconds"],
            requests=entry["requests"],
            attempts=entry["attempts"],
            reports=entry["reports"],
            digest=entry["digest"],
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the entry in the shape of ``spec/fleet.schema.json``."""
        return {
            "name": self.name,
            "url": self.url,
            "labels": dict(self.labels),
            "outcome": str(self.state),
            "exitCode": int(self.exit_code),
            "reason": self.reason,
            "failures": [asdict(one) for one in self.failures],
            "results": {outcome: list(ids) for outcome, ids in self.results.items()},
            "started": self.started,
            "durationSeconds": self.duration,
            "requests": self.requests,
            "attempts": self.attempts,
            "reports": dict(self.reports),
            "digest": self.digest,
        }

    @property
    def undecided(self) -> tuple[str, ...]:
        """Ids of the requirements that could not be decided."""
        return tuple(self.results.get(Outcome.INCONCLUSIVE, ()))

    @property
    def broken(self) -> tuple[Failure, ...]:
        """The failures that make it non-conformant or, if none does, the others."""
        return tuple(one for one in self.failures if one.counts) or self.failures


ENDINGS = {"junit": "xml", "markdown": "md", "badge": "badge.json"}
"""The ends of file names by format, where they differ from it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Targets with one outcome and, as their fingerprints tell, the same ways to fail.

    ``failures`` are those of the first target, as examples. ``reason`` is that of targets without a
    failure, without what differs between them; ``kind`` is it without what may differ.
    """

    state: State
    failures: tuple[Failure, ...]
    kind: str
    reason: str
    targets: tuple[str, ...]

    @property
    def id(self) -> str:
        """The same in every fleet that has such a group."""
        kinds = [(one.requirement, one.fingerprints) for one in self.failures]
        recipe = json.dumps([str(self.state), kinds, self.kind])
        return hashlib.sha256(recipe.encode()).hexdigest()[:GROUP_DIGITS]

    def as_dict(self) -> dict[str, Any]:
        """Return the group in the shape of ``spec/fleet.schema.json``."""
        return {
            "id": self.id,
            "outcome": str(self.state),
            "reason": self.reason,
            "failures": [asdict(one) for one in self.failures],
            "targets": list(self.targets),
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed since an earlier fleet; failures are ids by the names of targets."""

    earlier: str
    newly_failing: Mapping[str, tuple[str, ...]]
    newly_passing: Mapping[str, tuple[str, ...]]
    newly_untested: tuple[str, ...]
    gone: tuple[str, ...]
    new: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return any(
            (self.newly_failing, self.newly_passing, self.newly_untested, self.gone, self.new)
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the difference in the shape of ``spec/fleet.schema.json``."""
        return {
            "earlier": self.earlier,
            "newlyFailing": {name: list(ids) for name, ids in self.newly_failing.items()},
            "newlyPassing": {name: list(ids) for name, ids in self.newly_passing.items()},
            "newlyUntested": list(self.newly_untested),
            "gone": list(self.gone),
            "new": list(self.new),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The result of a fleet; ``not_asked`` are the targets that an interruption left out."""

    contract: str
    started: datetime
    duration: float
    seed: int
    entries: tuple[Entry, ...]
    not_asked: tuple[str, ...] = ()
    difference: Difference | None = None

    @property
    def interrupted(self) -> bool:
        """Whether targets were left out."""
        return bool(self.not_asked)

    @property
    def exit_code(self) -> int:
        """The worst of all targets, or 130 if some were left out."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        return max((one.exit_code for one in self.entries), default=0)

    def counts(self) -> dict[State, int]:
        """Return the number of targets with each outcome that occurs, the best first."""
        counts = Counter(one.state for one in self.entries)
        return {state: counts[state] for state in State if counts[state]}

    def exit_codes(self) -> dict[int, int]:
        """Return the number of targets with each exit code."""
        return dict(sorted(Counter(int(one.exit_code) for one in self.entries).items()))

    def groups(self) -> tuple[Group, ...]:
        """Return the groups of what failed, then of what was not tested; the largest first."""
        found: dict[tuple[Any, ...], list[Entry]] = defaultdict(list)
        for entry in self.entries:
            kinds = tuple((one.requirement, one.fingerprints) for one in entry.broken)
            if kinds or entry.exit_code:
                kind = "" if kinds else _without_numbers(_without_address(entry))
                found[entry.state, kinds, kind].append(entry)
        groups = [
            Group(
                state,
                failures=those[0].broken,
                kind=kind,
                reason=_common_reason(those) if kind else "",
                targets=tuple(one.name for one in those),
            )
            for (state, _, kind), those in found.items()
        ]
        order = (State.NON_CONFORMANT, State.ERROR, *reversed(State))
        return tuple(
            sorted(groups, key=lambda one: (order.index(one.state), -len(one.targets), one.id))
        )

    def requirements(self, outcome: Outcome) -> dict[str, int]:
        """Return the number of targets with this outcome by requirement, most of them first."""
        counts = Counter(name for one in self.entries for name in one.results.get(outcome, ()))
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def since(self, earlier: Fleet, name: str) -> Fleet:
        """Return the result with the difference to an earlier one, which is called ``name``."""
        then = {one.name: one for one in earlier.entries}
        now = {one.name: one for one in self.entries}
        both = [(then[key], now[key]) for key in now if key in then]
        failing, passing = {}, {}
        for before, after in both:
            old, fresh = _failed(before), _failed(after)
            if more := tuple(name for name in fresh if name not in old):
                failing[after.name] = more
            passed = after.results.get(Outcome.PASSED, ())
            if fewer := tuple(name for name in old if name in passed):
                passing[after.name] = fewer
        return replace(
            self,
            difference=Difference(
                name,
                failing,
                passing,
                tuple(
                    after.name
                    for before, after in both
                    if after.state is State.ERROR and before.state is not State.ERROR
                ),
                tuple(key for key in then if key not in now and key not in self.not_asked),
                tuple(key for key in now if key not in then),
            ),
        )

    def only(self, chosen: Sequence[Entry]) -> Fleet:
        """Return the result with these entries only."""
        return replace(self, entries=tuple(chosen))

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the shape of ``spec/fleet.schema.json``."""
        counts = self.counts()
        return {
            "schemaVersion": SCHEMA_VERSION,
            "tool": {"name": TOOL, "version": __version__},
            "contract": {"version": self.contract},
            "started": timestamp(self.started),
            "durationSeconds": round(self.duration, 3),
            "seed": self.seed,
            "interrupted": self.interrupted,
            "exitCode": int(self.exit_code),
            "exitCodes": {str(code): number for code, number in self.exit_codes().items()},
            "summary": {str(state): counts.get(state, 0) for state in State},
            "groups": [group.as_dict() for group in self.groups()],
            "failed": self.requirements(Outcome.FAILED),
            "inconclusive": self.requirements(Outcome.INCONCLUSIVE),
            "targets": [entry.as_dict() for entry in self.entries],
            "notAsked": list(self.not_asked),
            **({} if self.difference is None else {"difference": self.difference.as_dict()}),
        }


def read(path: Path) -> Fleet:
    """Read a result from its folder, or from its JSON.

    Raises:
        UsageError: there is none, or this version cannot read it.
    """
    document = KIND.read(path / RESULT if path.is_dir() else path)
    return Fleet(
        contract=document["contract"]["version"],
        started=datetime.fromisoformat(document["started"]),
        duration=document["durationSeconds"],
        seed=document["seed"],
        entries=tuple(map(Entry.parse, document["targets"])),
        not_asked=tuple(document["notAsked"]),
    )


def _failed(entry: Entry) -> list[str]:
    return [one.requirement for one in entry.failures if one.counts]


def _without_address(entry: Entry) -> str:
    text = visible(entry.reason)
    place = urlsplit(entry.url).netloc
    for own in filter(None, (entry.url, place, place.partition(":")[0])):
        text = text.replace(own, "…")
    return re.sub(r"\S*…\S*", "…", text)


def _without_numbers(text: str) -> str:
    return re.sub(r"\b\d+(\.\d+)?\b", "N", text)


def _common_reason(entries: Iterable[Entry]) -> str:
    """Return the reason of targets whose reasons differ in addresses and numbers at most."""
    whole = {visible(entry.reason) for entry in entries}
    if len(whole) > 1:
        whole = {_without_address(entry) for entry in entries}
    return whole.pop() if len(whole) == 1 else _without_numbers(whole.pop())
