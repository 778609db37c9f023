"""Detect intermittent mistakes in responses to equal queries, and distinguish them from changes.

A server that omits a provider from one response in twenty looks like a cluster in which the
provider disappears and comes back. Time distinguishes the two: a change lasts for a while and shows
in every response of that time, a mistake in a single one.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, pairwise
from statistics import median

from conformance.contract.filter_oracle import readings
from conformance.contract.model import Contract
from conformance.contract.query import Query
from conformance.core.memo import remembered
from conformance.core.text import counted, format_value
from conformance.evidence.churn import alike, canonical, differ
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, Request
from conformance.evidence.providers import by_name, filtered_by, names_by_kind, repeated_names

USUAL = 0.8
"""Share of the reads of the unfiltered list that must agree to make a usual state."""
FEWEST_READS = 4
"""Fewest reads of the unfiltered list that can make a usual state."""
SHORTEST_CHANGE = 0.05
"""Seconds that a change of the cluster lasts at least, if it is to be told from a mistake.

A provider that is replaced is gone for as long as two writes to the server take.
"""
FEWEST_BLIPS = 5
"""Fewest momentary deviations that count as mistakes.

Responses are not worked on at exactly the estimated moments. Even if one change in four looked like
a mistake because of that, five of them would in one run of a thousand.
"""
CONFIDENCE = 0.95
"""Share of the runs in which a server is caught that is wrong in one of ``RAREST`` responses."""
RAREST = 40
WATCH_BATCH = 60
"""Requests that are sent between two conclusions about whether deviations were mistakes."""
MOST_QUERIES = 6
"""Most different queries among these requests."""
MOST_MOVING = 100
"""Most providers whose states are compared over time: a few show what the server does."""


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

    ``usual`` tells whether there is such a state, ``equal`` counts the queries that were sent more
    than once and got the same providers each time, and ``answers`` the responses compared.
    ``lasting`` counts the deviations that more than one response in a row showed. ``unclear``
    counts those of one response that may be changes, since the responses before and after it are
    too far apart in time. ``firsts`` is set if the first response to nearly every query deviated
    and no later response did; ``asked`` counts these queries.
    """

    usual: bool
    equal: int
    answers: int = 0
    blips: tuple[Blip, ...] = ()
    lasting: int = 0
    unclear: int = 0
    firsts: tuple[Blip, ...] = ()
    asked: int = 0

    @property
    def doubtful(self) -> bool:
        """Whether there were momentary deviations and hardly any lasting ones."""
        single = len(self.blips) + self.unclear
        return single > 0 and 3 * self.lasting <= single

    @property
    def wrong(self) -> bool:
        """Whether the deviations are mistakes: several of them, yet rare among all responses."""
        rare = len(self.blips) <= (1 - USUAL) * self.answers
        several = len(self.blips) >= max(FEWEST_BLIPS, 3 * self.lasting)
        return self.doubtful and rare and several

    @property
    def power(self) -> int:
        """The largest N for which a server that is wrong in one of N responses would be caught.

        It would be caught with ``CONFIDENCE``; the value is 0 if there is nothing to compare.
        """
        if not self.answers:
            return 0
        # It must be wrong once, and then often enough while it is watched.
        missed = 1 - math.sqrt(CONFIDENCE)
        return min(RAREST, int(1 / (1 - missed ** (1 / self.answers))))


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
    answers = evidence.documented_listings
    fields, usual = _usual(evidence)
    equal = _equal(answers, fields)
    if usual is None:
        return Stability(usual=False, equal=equal)
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
    return Stability(
        True,
        equal,
        len(kept),
        *_momentary(kept, belongs),
        *_firsts(evidence.contract, kept, belongs),
    )


def _equal(answers: Iterable[Exchange], fields: frozenset[str]) -> int:
    """Return the number of queries with several responses, all with the same providers."""
    groups: dict[Query, list[Exchange]] = defaultdict(list)
    for read in answers:
        groups[read.query].append(read)
    return sum(
        len(group) > 1
        and bool(group[0].providers)
        and all(alike(group[0], other, fields) for other in group[1:])
        for group in groups.values()
    )


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


def _momentary(kept: Sequence[_Compared], belongs: _Belongs) -> tuple[tuple[Blip, ...], int, int]:
    """Return the momentary deviations and the numbers of lasting and of unclear ones."""
    momentary: dict[int, set[str]] = defaultdict(set)
    lasting: set[int] = set()
    unclear: set[int] = set()
    for name in frozenset().union(*(deviation.names for _, deviation in kept)):
        for run in _runs(name, kept, belongs):
            if run.length > 1:
                lasting.add(run.place)
            elif run.seconds >= SHORTEST_CHANGE:
                unclear.add(run.place)
            else:
                momentary[run.place].add(name)
    blips = tuple(_blip(*kept[at], names) for at, names in sorted(momentary.items()))
    return blips, len(lasting), len(unclear - momentary.keys())


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive responses in which a provider deviates: the index of the first, and how many.

    ``seconds`` lie between the responses directly before and after it.
    """

    place: int
    length: int
    seconds: float = math.inf


def _runs(name: str, kept: Sequence[_Compared], belongs: _Belongs) -> Iterator[_Run]:
    """Yield each run of consecutive responses in which a provider deviates.

    Responses that neither contain the provider nor should are skipped. A deviation in the first or
    last of the others may be longer than was observed, so it counts one more, as if it lasted.
    """
    run: list[int] = []
    before: Exchange | None = None
    for place, (exchange, deviation) in enumerate(kept):
        if name in deviation.names:
            run.append(place)
        elif belongs(name, exchange.query):
            if run and before is None:
                yield _Run(run[0], len(run) + 1)
            elif run and before is not None:
                yield _Run(run[0], len(run), exchange.moment - before.moment)
            run, before = [], exchange
    if run:
        yield _Run(run[0], len(run) + 1)


def _firsts(
    contract: Contract, kept: Sequence[_Compared], belongs: _Belongs
) -> tuple[tuple[Blip, ...], int]:
    """Return the first responses that deviate, and the number of queries sent repeatedly.

    There are none unless nearly all first responses deviate and no later one does: of each query,
    or of all queries with the same meaning, which a server may keep in one place. Of requests that
    overlap in time, any may have been the first for the server. First responses do not count either
    if the cluster may have changed once: some provider must have been as usual in a response
    between two of them.
    """
    found = _firsts_by(lambda query: query, kept, belongs)
    return found if found[0] else _firsts_by(partial(readings, contract), kept, belongs)


def _firsts_by(
    meaning: Callable[[Query], Hashable], kept: Sequence[_Compared], belongs: _Belongs
) -> tuple[tuple[Blip, ...], int]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for place, (exchange, deviation) in enumerate(kept):
        if deviation or any(belongs(name, exchange.query) for name in by_name(exchange)):
            groups[meaning(exchange.query)].append(place)
    repeated = [places for places in groups.values() if len(places) > 1]
    firsts: list[int] = []
    for places in repeated:
        answered = min(kept[place][0].answered for place in places)
        deviating = [place for place in places if kept[place][1]]
        if len(deviating) > 1 or any(kept[place][0].sent > answered for place in deviating):
            return (), 0
        firsts += deviating
    wrong = [kept[place] for place in sorted(firsts)]
    names = frozenset[str]().union(*(deviation.names for _, deviation in wrong))
    few = len(firsts) < max(FEWEST_BLIPS, USUAL * len(repeated))
    if few or not any(_recovered_between(name, kept, belongs) for name in names):
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


def requests_to_watch(evidence: Evidence, *, again: bool = False) -> tuple[Request, ...]:
    """Return the next requests to send, to distinguish mistakes from changes.

    The result is empty if nothing is doubtful, or if there were enough responses to decide. If some
    were watched before (``again``), mistakes that are certain by now are not watched any longer.
    """
    seen = stability(evidence)
    if seen.firsts or not seen.doubtful or (again and seen.wrong):
        return ()
    blipped = dict.fromkeys(blip.exchange.request for blip in seen.blips)
    asked = [evidence.unfiltered_reads[0].request]
    for request in blipped:
        if evidence.is_equivalent_spelling(request.query):
            # What the query means is judged by its plain spelling.
            asked.append(replace(request, query=evidence.plain_of(request.query)))
        asked.append(request)
    asked = list(dict.fromkeys(asked))[:MOST_QUERIES]
    left = min(WATCH_BATCH, max(ENOUGH - seen.answers, 0 if again else WATCH_BATCH))
    return tuple(asked[number % len(asked)] for number in range(left))


def take_turns(evidence: Evidence) -> bool:
    """Whether the unfiltered list has two states and goes back and forth between them."""
    return _back_and_forth([read.decoded.digest for read in evidence.unfiltered_reads])


@remembered
def restless(evidence: Evidence, fields: frozenset[str], *, returning: bool = False) -> str | None:
    """Return a clause if a provider goes back and forth between states of these fields.

    With ``returning``, its states must come back, as those of several backends do: one that is
    always new may be what its users do. Queries that always got the same state are left out: a
    filter may alter providers.
    """
    moving = _moving(evidence)
    reads = sorted(evidence.documented_listings, key=lambda read: read.moment) if moving else ()
    found: dict[str, int] = {}
    for name in moving:
        by_query: dict[Query, list[tuple[int, bytes]]] = defaultdict(list)
        for place, read in enumerate(reads):
            if name in by_name(read):
                state = canonical(by_name(read)[name], fields)
                by_query[read.query].append((place, state))
        varying = [seen for seen in by_query.values() if len({state for _, state in seen}) > 1]
        states = [state for _, state in sorted(chain.from_iterable(varying))]
        number = len(set(states))
        if _takes_turns(states) and (not returning or 2 * number <= len(states)):
            found[name] = number
    if not found:
        return None
    first, *others = found
    several = f" and {counted(len(others), 'other')}" if others else ""
    if found[first] == 2:
        verb = "go" if others else "goes"
        how = f"{verb} back and forth between two states, as if two backends disagreed"
    else:
        how = f"{'differ' if others else 'differs'} from result to result"
    return f"provider {format_value(first)}{several} {how}"


@remembered
def _moving(evidence: Evidence) -> tuple[str, ...]:
    """Return names of providers that are not the same in all documented results."""
    first: dict[str, bytes] = {}
    found: set[str] = set()
    for read in {read.decoded.digest: read for read in evidence.documented_listings}.values():
        for name, provider in by_name(read).items():
            if first.setdefault(name, provider.canonical) != provider.canonical:
                found.add(name)
    return tuple(sorted(found)[:MOST_MOVING])


def _back_and_forth(states: Sequence[Hashable]) -> bool:
    return len(set(states)) == 2 and _takes_turns(states)


def _takes_turns(states: Sequence[Hashable]) -> bool:
    turns = sum(one != other for one, other in pairwise(states))
    # A change that lasts for some reads is no turn.
    return turns >= max(FEWEST_BLIPS, len(states) / 4)


def are_slow(evidence: Evidence) -> bool:
    """Whether responses to requests sent one at a time are too far apart to show a short change."""
    # The responses before and after one are twice the time of a response apart.
    times = [read.elapsed for read in evidence.listings]
    return bool(times) and 2 * median(times) > 0.8 * SHORTEST_CHANGE


def _enough() -> int:
    """Return the responses among which a server that is rarely wrong is wrong often enough."""
    chance = 1 / RAREST
    number = FEWEST_BLIPS
    while True:
        fewer = sum(
            math.comb(number, times) * chance**times * (1 - chance) ** (number - times)
            for times in range(FEWEST_BLIPS)
        )
        if fewer <= 1 - math.sqrt(CONFIDENCE):
            return number
        number += 1


ENOUGH = _enough()
"""Responses after which further ones are not worth their time."""
