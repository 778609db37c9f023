"""Detect intermittent mistakes in responses to equal queries, and distinguish them from changes.

A server that omits a provider from one response in twenty looks like a cluster in which the
provider disappears and comes back. Duration distinguishes the two: a change of the cluster usually
shows in more than one response in a row, a mistake in single ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from conformance.contract.filter_oracle import is_documented, readings
from conformance.contract.model import Contract
from conformance.contract.query import Query
from conformance.evidence.churn import alike, differ
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, Request
from conformance.evidence.providers import by_name, filtered_by, names_by_kind, repeated_names

USUAL = 0.8
"""Share of the reads of the unfiltered list that must agree to make a usual state."""
FEWEST_READS = 4
"""Fewest reads of the unfiltered list that can make a usual state."""
FEWEST_BLIPS = 5
"""Fewest momentary deviations that count as mistakes."""
WATCH_REQUESTS = 120
"""Requests that are sent to find out whether deviations were mistakes."""
MOST_QUERIES = 6
"""Most different queries among these requests."""


@dataclass(frozen=True, slots=True)
class Blip:
    """A momentary deviation: a response that differs from those directly before and after it.

    ``lost``, ``added`` and ``altered`` are the names of the providers that differ.
    """

    exchange: Exchange
    lost: tuple[str, ...]
    added: tuple[str, ...]
    altered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stability:
    """How the responses to documented queries agree with the usual state of the cluster.

    ``usual`` tells whether there is such a state, ``repeated`` counts the queries that were sent
    more than once, and ``answers`` the responses compared. ``lasting`` counts the deviations that
    more than one response in a row showed. ``firsts`` is set if the first response to nearly every
    query deviated and no later response did; ``asked`` counts these queries.
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
        """Whether there were momentary deviations and hardly any lasting ones."""
        return bool(self.blips) and 3 * self.lasting <= len(self.blips)

    @property
    def wrong(self) -> bool:
        """Whether the deviations are mistakes: several of them, yet rare among all responses."""
        rare = len(self.blips) <= (1 - USUAL) * self.answers
        return self.doubtful and rare and len(self.blips) >= FEWEST_BLIPS


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
    """Compare all responses to documented queries with the usual state of the cluster."""
    answers = [read for read in evidence.listings if is_documented(evidence.contract, read.query)]
    repeated = sum(number > 1 for number in Counter(read.query for read in answers).values())
    fields, usual = _usual(evidence)
    if usual is None:
        return Stability(usual=False, repeated=repeated)
    distinct = {(read.query, read.decoded.digest): read for read in answers}
    known = {
        key: _deviation(evidence.contract, usual, read, fields) for key, read in distinct.items()
    }
    pairs = [(read, known[read.query, read.decoded.digest]) for read in answers]
    # While a new provider exists, the unfiltered list contains it; afterwards it does not.
    come = frozenset[str]().union(*(deviation.added for _, deviation in pairs))

    def belongs(name: str, query: Query) -> bool:
        provider = by_name(usual).get(name)
        if provider is None:
            return query == usual.query and name in come
        (reading,) = readings(evidence.contract, query)
        return name in repeated_names(usual) or reading.keeps(provider) is not False

    # Queries whose responses mostly deviate are left out; other requirements cover those.
    times = Counter(read.query for read, _ in pairs)
    wrong = Counter(read.query for read, deviation in pairs if deviation)
    kept = [pair for pair in pairs if 2 * wrong[pair[0].query] <= times[pair[0].query]]
    return Stability(True, repeated, len(kept), *_momentary(kept, belongs), *_firsts(kept, belongs))


def _usual(evidence: Evidence) -> tuple[frozenset[str], Exchange | None]:
    """Return the usual unfiltered list, if any, and the fields in which the reads agree.

    These are all documented fields or, if they vary too much, the deciding fields only.
    """
    reads = evidence.unfiltered_reads
    if len(reads) >= FEWEST_READS:
        for fields in (evidence.documented_fields, evidence.deciding_fields):
            groups: list[list[Exchange]] = []
            for read in reads:
                group = next((one for one in groups if alike(one[0], read, fields)), None)
                if group is None:
                    groups.append([read])
                else:
                    group.append(read)
            commonest = max(groups, key=len)
            if len(commonest) >= USUAL * len(reads):
                return fields, commonest[0]
    return evidence.deciding_fields, None


_Compared = tuple[Exchange, _Deviation]
_Belongs = Callable[[str, Query], bool]
"""Whether a provider is usually in the response to a query, or this cannot be decided."""


def _deviation(
    contract: Contract, usual: Exchange, read: Exchange, fields: frozenset[str]
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
            common = (names & here.keys()) - ambiguous
            altered |= {name for name in common if differ(here[name], there[name], fields)}
    return _Deviation(frozenset(lost), frozenset(added), frozenset(altered))


def _momentary(kept: Sequence[_Compared], belongs: _Belongs) -> tuple[tuple[Blip, ...], int]:
    """Return the momentary deviations and the number of lasting ones."""
    momentary: dict[int, set[str]] = defaultdict(set)
    lasting: set[int] = set()
    for name in frozenset().union(*(deviation.names for _, deviation in kept)):
        for run in _runs(name, kept, belongs):
            if len(run) == 1:
                momentary[run[0]].add(name)
            else:
                lasting.add(run[0])
    return tuple(_blip(*kept[at], names) for at, names in sorted(momentary.items())), len(lasting)


def _runs(name: str, kept: Sequence[_Compared], belongs: _Belongs) -> Iterator[list[int]]:
    """Yield each run of consecutive responses in which a provider deviates, as list of indices.

    Responses that neither contain the provider nor should are skipped. A deviation in the first or
    last of the others may be longer than was observed, so it gets an extra index, as if it lasted.
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


def _firsts(kept: Sequence[_Compared], belongs: _Belongs) -> tuple[tuple[Blip, ...], int]:
    """Return the first responses that deviate, and the number of queries sent repeatedly.

    There are none unless nearly all first responses deviate and no later one does. Nor do they
    count if the cluster may have changed once: some provider must have been as usual in a response
    between two of them.
    """
    by_query: dict[Query, list[int]] = defaultdict(list)
    for place, (exchange, deviation) in enumerate(kept):
        if deviation or any(belongs(name, exchange.query) for name in by_name(exchange)):
            by_query[exchange.query].append(place)
    repeated = [places for places in by_query.values() if len(places) > 1]
    late = [places[0] for places in repeated if kept[places[0]][1]]
    again = any(kept[place][1] for places in repeated for place in places[1:])
    wrong = [kept[place] for place in sorted(late)]
    names = frozenset[str]().union(*(deviation.names for _, deviation in wrong))
    few = len(late) < max(FEWEST_BLIPS, USUAL * len(repeated))
    if again or few or not any(_recovered_between(name, kept, belongs) for name in names):
        return (), 0
    return tuple(_blip(exchange, one, one.names) for exchange, one in wrong), len(repeated)


def _recovered_between(name: str, kept: Sequence[_Compared], belongs: _Belongs) -> bool:
    """Whether a provider deviated, was then as usual, and then deviated again."""
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
    """Return requests to send one at a time, to distinguish mistakes from changes.

    The result is empty if nothing is doubtful.
    """
    seen = stability(evidence)
    if seen.firsts or not seen.doubtful:
        return ()
    blipped = dict.fromkeys(blip.exchange.request for blip in seen.blips)
    unfiltered = evidence.unfiltered_reads[0].request
    asked = [unfiltered, *(request for request in blipped if request != unfiltered)][:MOST_QUERIES]
    return tuple(asked[number % len(asked)] for number in range(WATCH_REQUESTS))
