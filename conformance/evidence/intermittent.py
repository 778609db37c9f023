"""Whether equal queries get equal answers: telling a mistake now and then from a living cluster.

A server that drops a provider from one answer in twenty looks like a cluster in which that provider
goes and comes back. What tells them apart is how long it lasts: what changes, changes for longer
than a single answer, at least now and then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from conformance.contract.model import Contract
from conformance.contract.oracle import is_documented, readings
from conformance.contract.query import Query
from conformance.evidence.churn import alike, differ
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, Request
from conformance.evidence.providers import by_name, filtered_by, names_by_kind, repeated_names

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
    ``lasting`` counts the differences that more than one answer in a row showed. ``firsts`` are the
    answers that differed where nearly every query was answered so the first time, and no query
    later; ``asked`` counts these queries.
    """

    usual: bool
    repeated: int
    answers: int = 0
    blips: tuple[Blip, ...] = ()
    lasting: int = 0
    firsts: tuple[Blip, ...] = ()
    asked: int = 0

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
    known: dict[tuple[Query, int], _Deviation] = {}
    deviations = []
    for read in answers:
        key = read.query, id(read.decoded)
        if key not in known:
            known[key] = _deviation(evidence.contract, usual, read, members)
        deviations.append(known[key])
    # What comes is in the unfiltered view for as long as it is there, and not in it again later.
    come = frozenset[str]().union(*(deviation.added for deviation in deviations))

    def belongs(name: str, query: Query) -> bool:
        return (query == usual.query and name in come) or _belongs(
            evidence.contract, usual, name, query
        )

    kept = _occasional(answers, deviations)
    blips, lasting = _moments(kept, belongs)
    firsts, asked = _firsts(kept, belongs)
    return Stability(True, repeated, len(kept), tuple(blips), lasting, tuple(firsts), asked)


def _usual(evidence: Evidence) -> tuple[frozenset[str], Exchange | None]:
    """Return the unfiltered view that most reads show, in all documented members or in few."""
    reads = evidence.unfiltered_reads
    if len(reads) >= FEWEST_READS:
        for members in (evidence.members, evidence.membership):
            groups: list[list[Exchange]] = []
            for read in reads:
                group = next((one for one in groups if alike(one[0], read, members)), None)
                if group is None:
                    groups.append([read])
                else:
                    group.append(read)
            commonest = max(groups, key=len)
            if len(commonest) >= USUAL * len(reads):
                return members, commonest[0]
    return evidence.membership, None


_Belongs = Callable[[str, Query], bool]
"""Whether a provider is usually in the answer to a query, or it cannot be told."""


def _belongs(contract: Contract, usual: Exchange, name: str, query: Query) -> bool:
    provider = by_name(usual).get(name)
    if provider is None:
        return False
    (reading,) = readings(contract, query)
    return name in repeated_names(usual) or reading.keeps(provider) is not False


def _deviation(
    contract: Contract, usual: Exchange, read: Exchange, members: frozenset[str]
) -> _Deviation:
    (reading,) = readings(contract, read.query)
    there, here = by_name(usual), by_name(read)
    ambiguous = repeated_names(usual)
    lost: set[str] = set()
    altered: set[str] = set()
    added = set(here.keys() - ambiguous)
    for kind, names in names_by_kind(usual, filtered_by(contract)).items():
        keeps = reading.keeps(dict(kind))
        if keeps is not False:
            added -= names
        if keeps is True:
            lost |= names - here.keys() - ambiguous
            # In large answers what is the same is the same object.
            common = [name for name in names & here.keys() if here[name] is not there[name]]
            altered |= {
                name for name in common if differ(here[name], there[name], members)
            } - ambiguous
    return _Deviation(frozenset(lost), frozenset(added), frozenset(altered))


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
    belongs: _Belongs,
) -> tuple[list[Blip], int]:
    """Return the answers that differed for a moment, and the number of lasting differences."""
    momentary: dict[int, set[str]] = defaultdict(set)
    lasting: set[int] = set()
    for name in frozenset().union(*(deviation.names for _, deviation in kept)):
        for run in _runs(name, kept, belongs):
            if len(run) == 1:
                momentary[run[0]].add(name)
            else:
                lasting.add(run[0])
    blips = [_blip(*kept[place], momentary[place]) for place in sorted(momentary)]
    return blips, len(lasting)


def _runs(
    name: str,
    kept: Sequence[tuple[Exchange, _Deviation]],
    belongs: _Belongs,
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
        elif belongs(name, exchange.query):
            if run:
                yield run if begun else [*run, place]
            run, begun = [], True
    if run:
        yield [*run, len(kept)]


def _firsts(
    kept: Sequence[tuple[Exchange, _Deviation]], belongs: _Belongs
) -> tuple[list[Blip], int]:
    """Return the first answers that differ, if nearly all of them do and no other answer does.

    That is no change of the cluster if what they lack was there in answers between two of them.
    """
    by_query: dict[Query, list[int]] = defaultdict(list)
    for place, (exchange, deviation) in enumerate(kept):
        if deviation or any(belongs(name, exchange.query) for name in by_name(exchange)):
            by_query[exchange.query].append(place)
    repeated = [places for places in by_query.values() if len(places) > 1]
    late = [places[0] for places in repeated if kept[places[0]][1]]
    again = any(kept[place][1] for places in repeated for place in places[1:])
    if again or len(late) < max(CERTAIN, USUAL * len(repeated)):
        return [], 0
    wrong = [kept[place] for place in sorted(late)]
    names = frozenset[str]().union(*(deviation.names for _, deviation in wrong))
    if not any(_returned(name, kept, belongs) for name in names):
        return [], 0
    return [_blip(exchange, one, one.names) for exchange, one in wrong], len(repeated)


def _returned(name: str, kept: Sequence[tuple[Exchange, _Deviation]], belongs: _Belongs) -> bool:
    """Whether a provider was not as usual, then was, and then was not again."""
    usual = [
        name not in deviation.names
        for exchange, deviation in kept
        if name in deviation.names or belongs(name, exchange.query)
    ]
    wrong = [place for place, right in enumerate(usual) if not right]
    return wrong != list(range(wrong[0], wrong[-1] + 1))


def _blip(exchange: Exchange, deviation: _Deviation, names: Collection[str]) -> Blip:
    kinds = deviation.lost, deviation.added, deviation.altered
    return Blip(exchange, *(tuple(sorted(kind & frozenset(names))) for kind in kinds))


def requests_to_watch(evidence: Evidence) -> tuple[Request, ...]:
    """Return what to ask, one after the other, to tell mistakes from changes; mostly nothing."""
    seen = stability(evidence)
    if seen.firsts or not seen.doubtful:
        return ()
    blipped = dict.fromkeys(blip.exchange.request for blip in seen.blips)
    unfiltered = evidence.unfiltered_reads[0].request
    asked = [unfiltered, *(request for request in blipped if request != unfiltered)][:MOST_QUERIES]
    return tuple(asked[number % len(asked)] for number in range(WATCHED))
