"""Whether equal queries get equal answers: telling a mistake now and then from a living cluster.

A server that drops a provider from one answer in twenty looks like a cluster in which that provider
goes and comes back. What tells them apart is how long it lasts: what changes, changes for longer
than a single answer, at least now and then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.evidence import Evidence
from conformance.exchange import Exchange, Request
from conformance.oracle import is_documented, readings
from conformance.query import Query
from conformance.steadiness import fingerprint, states

USUAL = 0.8
"""Share of the reads of the unfiltered view that have to agree before there is a usual state."""
FEWEST_READS = 4
CERTAIN = 5
"""Answers that have to differ for a moment before they count as mistakes."""
WATCHED = 120
"""Requests by which it is found out whether answers that differed were mistakes."""
MOST_QUERIES = 6


@dataclass(frozen=True, slots=True)
class Blip:
    """An answer that differs, in these providers, from those just before and after it."""

    exchange: Exchange
    lost: tuple[str, ...]
    added: tuple[str, ...]
    altered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stability:
    """How the answers to documented queries agree with the usual state of the cluster.

    ``usual`` says whether there is one, ``repeated`` how many queries were asked more than once.
    ``lasting`` counts the differences that more than one answer in a row showed.
    """

    usual: bool
    repeated: int
    answers: int = 0
    blips: tuple[Blip, ...] = ()
    lasting: int = 0

    @property
    def doubtful(self) -> bool:
        """Whether answers differed for a moment, and hardly any for longer."""
        return bool(self.blips) and 3 * self.lasting <= len(self.blips)

    @property
    def wrong(self) -> bool:
        """Whether that happened so often, and so seldom on the whole, that it was no change."""
        rare = len(self.blips) <= (1 - USUAL) * self.answers
        return self.doubtful and rare and len(self.blips) >= CERTAIN


@dataclass(frozen=True, slots=True)
class _Deviation:
    lost: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    altered: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.names)

    @property
    def names(self) -> frozenset[str]:
        return self.lost | self.added | self.altered


def stability(evidence: Evidence) -> Stability:
    """Compare all answers to documented queries with what is usual; a pure function."""
    answers = [read for read in evidence.listings if is_documented(evidence.contract, read.query)]
    repeated = sum(number > 1 for number in Counter(read.query for read in answers).values())
    members, usual = _usual(evidence)
    if usual is None:
        return Stability(usual=False, repeated=repeated)
    state = states(usual, members)
    expected = {
        query: _expected(evidence, query, usual, state)
        for query in {read.query for read in answers}
    }
    found: dict[bytes, dict[str, str]] = {usual.body: state}
    known: dict[tuple[Query, bytes], _Deviation] = {}
    deviations = []
    for read in answers:
        key = read.query, read.body
        if key not in known:
            if read.body not in found:
                found[read.body] = states(read, members)
            known[key] = _deviation(expected[read.query], found[read.body])
        deviations.append(known[key])
    # What comes is in the unfiltered view for as long as it is there, and not in it again later.
    come = frozenset[str]().union(*(deviation.added for deviation in deviations))
    expected[usual.query] = {**dict.fromkeys(come), **expected[usual.query]}
    kept = _occasional(answers, deviations)
    blips, lasting = _moments(kept, expected)
    return Stability(True, repeated, len(kept), tuple(blips), lasting)


def _usual(evidence: Evidence) -> tuple[frozenset[str], Exchange | None]:
    """Return the unfiltered view that most reads show, in all documented members or in few."""
    reads = evidence.unfiltered_reads
    if len(reads) >= FEWEST_READS:
        for members in (evidence.members, evidence.membership):
            prints = [fingerprint(read, members) for read in reads]
            commonest, number = Counter(prints).most_common(1)[0]
            if number >= USUAL * len(reads):
                return members, reads[prints.index(commonest)]
    return evidence.membership, None


_Expected = Mapping[str, str | None]
"""Provider to its state in an answer; ``None`` where it cannot be told whether it belongs there."""


def _expected(
    evidence: Evidence, query: Query, usual: Exchange, state: Mapping[str, str]
) -> _Expected:
    (reading,) = readings(evidence.contract, query)
    times = Counter(str(provider.get("name")) for provider in usual.providers)
    expected: dict[str, str | None] = {}
    for provider in usual.providers:
        name = str(provider.get("name"))
        keeps = reading.keeps(provider)
        if times[name] > 1 or keeps is None:
            expected[name] = None
        elif keeps and name in state:
            expected[name] = state[name]
    return expected


def _deviation(expected: _Expected, found: Mapping[str, str]) -> _Deviation:
    certain = {name for name, state in expected.items() if state is not None}
    return _Deviation(
        lost=frozenset(certain - found.keys()),
        added=frozenset(found.keys() - expected.keys()),
        altered=frozenset(name for name in certain & found.keys() if found[name] != expected[name]),
    )


def _occasional(
    answers: Sequence[Exchange], deviations: Sequence[_Deviation]
) -> list[tuple[Exchange, _Deviation]]:
    """Leave out the queries that are mostly answered so: that is another requirement's matter."""
    times: Counter[Query] = Counter()
    wrong: Counter[Query] = Counter()
    for read, deviation in zip(answers, deviations, strict=True):
        times[read.query] += 1
        wrong[read.query] += bool(deviation)
    return [
        (read, deviation)
        for read, deviation in zip(answers, deviations, strict=True)
        if 2 * wrong[read.query] <= times[read.query]
    ]


def _moments(
    kept: Sequence[tuple[Exchange, _Deviation]],
    expected: Mapping[Query, _Expected],
) -> tuple[list[Blip], int]:
    """Return the answers that differed for a moment, and the number of lasting differences."""
    momentary: dict[int, set[str]] = defaultdict(set)
    lasting: set[int] = set()
    for name in frozenset().union(*(deviation.names for _, deviation in kept)):
        for run in _runs(name, kept, expected):
            if len(run) == 1:
                momentary[run[0]].add(name)
            else:
                lasting.add(run[0])
    blips = []
    for place in sorted(momentary):
        exchange, deviation = kept[place]
        names = momentary[place]
        blips.append(
            Blip(
                exchange,
                *(
                    tuple(sorted(names & kind))
                    for kind in (deviation.lost, deviation.added, deviation.altered)
                ),
            )
        )
    return blips, len(lasting)


def _runs(
    name: str,
    kept: Sequence[tuple[Exchange, _Deviation]],
    expected: Mapping[Query, _Expected],
) -> Iterator[list[int]]:
    """Yield the places of answers in a row in which a provider is not as usual.

    Only answers that hold it, or should, tell anything of it. What the first or the last of them
    show may have begun earlier or go on, so it is yielded as if it lasted.
    """
    run: list[int] = []
    begun = False
    for place, (exchange, deviation) in enumerate(kept):
        if name in deviation.names:
            run.append(place)
        elif name in expected[exchange.query]:
            if run:
                yield run if begun else [*run, place]
            run, begun = [], True
    if run:
        yield [*run, len(kept)]


def requests_to_watch(evidence: Evidence) -> tuple[Request, ...]:
    """Return what to ask, one after the other, to tell mistakes from changes; mostly nothing."""
    seen = stability(evidence)
    if not seen.doubtful:
        return ()
    blipped = dict.fromkeys(blip.exchange.request for blip in seen.blips)
    unfiltered = evidence.unfiltered_reads[0].request
    asked = [unfiltered, *(request for request in blipped if request != unfiltered)][:MOST_QUERIES]
    return tuple(asked[number % len(asked)] for number in range(WATCHED))
