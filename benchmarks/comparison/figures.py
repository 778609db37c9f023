"""Counts and medians per tool: pure functions of the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from statistics import median

from comparison.keeping import SAFE, Result
from comparison.subjects import CORRECT, FAULT, MISTAKE, RIGHT, VARIATION

JUDGED = (FAULT, VARIATION, MISTAKE, CORRECT)
"""The kinds of servers of which a tool's failures are counted."""


@dataclass(frozen=True, slots=True)
class Rights:
    """The results of a tool for the reference server, one per turn."""

    results: tuple[Result, ...]

    @property
    def failures(self) -> int:
        """How often the tool failed the reference server."""
        return sum(one.failed for one in self.results)

    @property
    def found(self) -> frozenset[str]:
        """All findings for the reference server."""
        return frozenset(kind for one in self.results for kind in one.found)

    @property
    def problem(self) -> str:
        """Why the reference server could not be judged; empty if it was judged."""
        return next((one.problem for one in self.results if one.problem), "")

    @property
    def usable(self) -> bool:
        """Whether failures of other servers are meaningful: the reference server passes."""
        return bool(self.results) and not self.failures and not self.problem

    @property
    def telling(self) -> bool:
        """Whether judging other servers is useful: failures are meaningful or findings named."""
        return self.usable or bool(self.found and not self.problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The results of a tool for some servers, counted.

    ``failed`` counts the servers that the tool fails, provided that it passes the reference server.
    ``beyond`` is ``None`` unless the tool fails the reference server and names its findings. Then
    it counts the servers with findings that the reference server does not have.
    """

    servers: int
    failed: int
    beyond: int | None
    unjudged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the table: medians for the reference server, and the results for all servers.

    The ratios compare elapsed time and CPU time within a turn; they are ``None`` if there is
    nothing to compare with. ``tallies`` has the kinds of servers that were judged.
    """

    tool: str
    seconds: float
    ratio: float | None
    processor_ratio: float | None
    requests: float
    writes: float
    megabytes: float
    rights: Rights
    tallies: Mapping[str, Tally]


def rights(results: Iterable[Result], tool: str) -> Rights:
    """Return the results of a tool for the reference server."""
    return Rights(tuple(one for one in results if one.tool == tool and one.kind == RIGHT))


def line(results: Sequence[Result], tool: str, base: str) -> Line:
    """Return the row of a tool that judged the reference server; ``base`` has ratio 1."""
    here = rights(results, tool)
    turns, theirs = here.results, rights(results, base).results
    # A tool that fails the correct server of a stack cannot catch mistakes there.
    in_vain = frozenset(one.group for one in _of(results, tool, CORRECT) if one.failed)
    return Line(
        tool=tool,
        seconds=median(one.seconds for one in turns),
        ratio=_ratio(turns, theirs, attrgetter("seconds")),
        processor_ratio=_ratio(turns, theirs, attrgetter("processor")),
        requests=median(sum(one.requests.values()) for one in turns),
        writes=median(one.writes for one in turns),
        megabytes=median(one.megabytes for one in turns),
        rights=here,
        tallies={
            kind: _tally(of_kind, here, in_vain if kind == MISTAKE else frozenset())
            for kind in JUDGED
            if (of_kind := _of(results, tool, kind))
        },
    )


def _tally(results: Sequence[Result], here: Rights, in_vain: frozenset[str] = frozenset()) -> Tally:
    """Count the results of a tool for some servers; a failure of the groups ``in_vain`` is none."""
    failed = [one for one in results if one.failed and one.group not in in_vain]
    beyond = sum(bool(set(one.found) - here.found) for one in failed)
    return Tally(
        servers=len(results),
        failed=len(failed) if here.usable else 0,
        beyond=beyond if here.failures and here.found else None,
        unjudged=sum(bool(one.problem) for one in results),
    )


def tallies(results: Sequence[Result], tool: str, kind: str) -> dict[str, Tally]:
    """Count the results for the servers of a kind, by group, in the order of the results."""
    here = rights(results, tool)
    chosen = _of(results, tool, kind)
    groups = dict.fromkeys(one.group for one in chosen)
    return {group: _tally([one for one in chosen if one.group == group], here) for group in groups}


def blamed(results: Sequence[Result], tool: str) -> list[Result]:
    """Return the legal servers that a tool fails although it passes the reference server."""
    if not rights(results, tool).usable:
        return []
    legal = [*_of(results, tool, VARIATION), *_of(results, tool, CORRECT)]
    return [one for one in legal if one.failed]


def unsafe_methods(results: Iterable[Result], tool: str) -> Counter[str]:
    """Return the methods that do more than read, with the number of servers that received them."""
    sent = (one.requests for one in results if one.tool == tool)
    return Counter(method for requests in sent for method in requests if method not in SAFE)


def _of(results: Iterable[Result], tool: str, kind: str) -> list[Result]:
    return [one for one in results if one.tool == tool and one.kind == kind]


def _ratio(
    turns: Sequence[Result], base: Sequence[Result], time: Callable[[Result], float]
) -> float | None:
    times = {one.name: time(one) for one in base}
    ratios = [time(one) / times[one.name] for one in turns if times.get(one.name)]
    return median(ratios) if ratios else None
