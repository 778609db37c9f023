"""STABLE requirements on canned responses: violations, legal responses and missing evidence."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from support.canned.exchanges import CLUSTER, evidence, exchange, provider, select
from support.canned.verdicts import LAW, UNFILTERED, Broken, as_tests, only, verdict

from conformance.checks.verdict import Outcome
from conformance.contract.query import Query, documented, overencoded
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.spans import Span

OPEN, OLD, PINE, KAFKA = CLUSTER
PLAIN = documented(LAW)
ACTIVE = Query("activeOnly=true")
BARE = Query("")
AI = Query("category=AI_MODEL&activeOnly=false")
GIT = Query("category=GIT")
EQUAL = "equal responses to equal queries while nothing changes"
TOO_FEW = "some responses differed briefly, but too rarely to rule out changes of the cluster"
TAKING_TURNS = (
    "two states of the list take turns, as if two backends disagreed, and it could not be shown "
    "which of them is right"
)
TWO_STATES = (
    'provider "openAI" goes back and forth between two states, as if two backends disagreed'
)
NEVER_THE_SAME = 'provider "openAI" differs from result to result'
KEPT_CHANGING = "the target kept changing while it was read, so its responses could not be compared"


def right(query: Query = UNFILTERED) -> Exchange:
    return exchange(select(Query.of(query.pairs)), query)


def read(*answers: Exchange, **members: Any) -> Evidence:
    """Return evidence of these responses, in this order."""
    first, *others, last = answers
    span = Span(first, tuple(others), last)
    return evidence(spans=(span,), opening=first, **members)


def rounds(number: int) -> list[Exchange]:
    """Return ``number`` correct responses to every documented query."""
    return [right(query) for _ in range(number) for query in PLAIN]


def mistaken(
    bodies: Sequence[Any], query: Query | str = UNFILTERED, *, times: int = 40
) -> list[Exchange]:
    """Return ``times`` correct responses to every query, with wrong responses in between."""
    answers = rounds(times)
    gap = len(answers) // (len(bodies) + 1)
    for number, body in enumerate(bodies, 1):
        answers.insert(number * (gap + 1), exchange(body, query))
    return answers


def unstable(body: Any, difference: str, query: str = UNFILTERED.wire) -> Broken:
    answers = mistaken([body] * 5, query)
    share = f"5 of {len(answers)} responses differ so for a moment"
    observed = f"{difference} this time; {share}"
    return Broken("STABLE-01", read(*answers), observed, EQUAL, query)


def mixed(query: Query, body: Any, name: str, wrong: int, answers: int) -> Broken:
    usual = [right(query) for _ in range(answers - wrong)]
    return Broken(
        "STABLE-02",
        read(right(), *usual, *(exchange(body, query) for _ in range(wrong)), right()),
        f'provider "{name}", which the query excludes, in {wrong} of {answers} responses to it',
        "the response to this query, whatever else is requested",
        query.wire,
    )


GHOST = provider("ghost")
OTHER = {"type": "x"}


def by_two(other: Mapping[str, Any], *, of_query: bool) -> list[Exchange]:
    """Return nine rounds in which every other response has another first provider.

    With ``of_query``, it depends on the query alone.
    """
    return [
        exchange(
            select(query, [OPEN if (place + turn) % 2 else other, *CLUSTER[1:]]),
            query,
        )
        for turn in ([1] * 9 if of_query else range(9))
        for place, query in enumerate(PLAIN)
    ]


BROKEN = [
    unstable(CLUSTER[:3], 'provider "kafka" is missing'),
    unstable([], 'provider "kafka" and 3 others are missing'),
    unstable([OPEN, PINE], 'provider "kafka" and 1 other are missing'),
    unstable([*CLUSTER, GHOST], 'provider "ghost" is there'),
    unstable([*CLUSTER, GHOST, provider("ghoul")], 'provider "ghost" and 1 other are there'),
    unstable([OPEN | {"description": "x"}, *CLUSTER[1:]], 'provider "openAI" reads differently'),
    unstable(
        [OPEN | OTHER, OLD | OTHER, PINE, KAFKA],
        'provider "old-openAI" and 1 other read differently',
    ),
    unstable([OPEN], 'provider "pinecone" is missing', ACTIVE.wire),
    # Different differences count together; each of them would be too rare.
    Broken(
        "STABLE-01",
        read(*mistaken([[one for one in CLUSTER if one is not lost] for lost in CLUSTER] * 2)),
        'provider "openAI" is missing this time; 8 of '
        f"{40 * len(PLAIN) + 8} responses differ so for a moment",
        EQUAL,
        UNFILTERED.wire,
        found=4,
    ),
    mixed(ACTIVE, [OPEN, PINE, OLD], "old-openAI", 1, 2),
    mixed(ACTIVE, list(CLUSTER), "old-openAI", 2, 5),
    mixed(BARE, [KAFKA], "kafka", 1, 9),
    mixed(GIT, [OPEN], "openAI", 1, 3),
    mixed(AI, [OPEN, OLD, PINE], "pinecone", 1, 3),
    mixed(overencoded(AI), [PINE], "pinecone", 1, 2),
]

TAGGED = [{**OPEN, "tags": [{"key": "b", "value": "1"}, {"key": "a", "value": "2"}]}]
TURNED = [{**OPEN, "tags": [{"key": "a", "value": "2"}, {"key": "b", "value": "1"}]}]


def whole(*bodies: Any, status: int = 200) -> list[Exchange]:
    """Return responses to the unfiltered query."""
    return [exchange(body, UNFILTERED, status=status) for body in bodies]


def once(body: Any, query: Query | str = ACTIVE, **members: Any) -> Evidence:
    """Return evidence of correct responses and one other, which is not the last one."""
    return read(*rounds(2), exchange(body, query, **members), right())


def touched(time: int) -> list[Any]:
    return [{**OPEN, "updateTime": time}, *CLUSTER[1:]]


LEGAL = [
    ("STABLE-01", read(*rounds(4))),
    ("STABLE-01", read(*mistaken([CLUSTER[::-1]] * 6))),
    (
        "STABLE-01",
        read(*whole(*(TAGGED, TURNED) * 40), exchange(TAGGED, BARE), exchange(TAGGED, BARE)),
    ),
    ("STABLE-01", read(*mistaken([[{**OPEN, "etag": n}, OLD, PINE, KAFKA] for n in range(6)]))),
    # Other requirements judge responses without a list, or to undocumented queries.
    ("STABLE-01", read(*mistaken([{"content": []}, b"[", None] * 2))),
    ("STABLE-01", read(*mistaken([[]] * 6, "activeOnly=FALSE"))),
    ("STABLE-01", read(*mistaken([[]] * 6, "activeOnly=false&page=9"))),
    ("STABLE-01", read(*rounds(4), *whole(*[[]] * 6, status=500), right())),
    # FILTER judges a filter that is always wrong.
    ("STABLE-01", read(*(one for _ in range(80) for one in (right(), exchange([KAFKA], GIT))))),
    # A cluster in which a provider is removed or changed permanently.
    ("STABLE-01", read(*rounds(4), *whole(CLUSTER[:3]))),
    ("STABLE-01", read(right(), *whole(touched(1), touched(1)), *rounds(9))),
    # FILTER-09 judges a filter that alters providers.
    ("STABLE-01", read(*by_two(OPEN | {"description": "x"}, of_query=True))),
    ("STABLE-02", read(*rounds(2))),
    # STABLE-01 or FILTER judges missing providers; unknown ones fit as well as others.
    ("STABLE-02", read(*mistaken([[]] * 6, ACTIVE))),
    ("STABLE-02", read(*mistaken([[GHOST]] * 6, ACTIVE))),
    # FILTER judges a result that is wrong most of the time.
    (
        "STABLE-02",
        read(*rounds(1), *(exchange(list(CLUSTER), ACTIVE) for _ in range(3)), *rounds(1)),
    ),
    # Other requirements judge equivalent and undocumented queries, paths and errors.
    ("STABLE-02", once(list(CLUSTER), "category=AI_MODE%4C")),
    ("STABLE-02", once(list(CLUSTER), "activeOnly=TRUE")),
    ("STABLE-02", once(list(CLUSTER), path="/api/integrations/")),
    ("STABLE-02", once(list(CLUSTER), status=500)),
    # Malformed providers cannot be judged.
    ("STABLE-02", once([{**OLD, "enabled": "no"}, "text", {}])),
    # A cluster in which providers move from one result to another.
    ("STABLE-02", once([OPEN, PINE, {**OLD, "enabled": True}])),
    ("STABLE-02", once([{**OPEN, "category": "GIT"}], GIT)),
]

EQUALLY = "documented query that got the same providers more than once (2 needed)"
EMPTIED = (
    "4 of 4 providers disappeared from the list during the run, and no other endpoint showed "
    "whether they still exist"
)
NOT_TWICE = "documented query sent more than once (2 needed)"


def living(every: int) -> Evidence:
    """Return evidence of a cluster in which a provider disappears and returns all the time."""
    bodies = [CLUSTER if n // every % 2 == 0 else CLUSTER[:3] for n in range(60)]
    return read(*whole(*bodies), right(BARE), right(BARE))


def with_keys(keys: Iterable[object]) -> Evidence:
    """Return evidence of a cluster in which a setting of one provider has these values in turn."""
    answers = [
        exchange(select(query, [OPEN | {"configuration": {"key": key}}, *CLUSTER[1:]]), query)
        for query, key in zip(PLAIN * 9, keys, strict=False)
    ]
    return read(*answers)


def brief_and_lasting() -> Evidence:
    """Return evidence of five brief differences, and three that two responses in a row show."""
    answers = mistaken([CLUSTER[:3]] * 5)
    for place in (20, 90, 200):
        answers[place:place] = whole([OPEN, OLD, KAFKA], [OPEN, OLD, KAFKA])
    return read(*answers)


INCONCLUSIVE = [
    ("STABLE-01", read(*mistaken([[]])), TOO_FEW),
    ("STABLE-01", read(*mistaken([CLUSTER[:3]] * 4)), TOO_FEW),
    ("STABLE-01", read(*(right() for _ in range(3))), KEPT_CHANGING),
    ("STABLE-01", living(1), TAKING_TURNS),
    *(
        (requirement, read(*by_two(OPEN | {"description": "x"}, of_query=False)), TWO_STATES)
        for requirement in ("STABLE-01", "FILTER-09")
    ),
    *(
        (requirement, read(*by_two(OPEN | {"modelsCount": 0}, of_query=False)), TWO_STATES)
        for requirement in ("STABLE-01", "MODEL-05", "MODEL-06")
    ),
    ("STABLE-01", with_keys(itertools.count()), NEVER_THE_SAME),
    *(
        (requirement, with_keys(itertools.cycle("abcde")), NEVER_THE_SAME)
        for requirement in ("STABLE-01", "FILTER-09")
    ),
    (
        "STABLE-01",
        read(*whole(*map(touched, range(80))), right(BARE), right(BARE)),
        NEVER_THE_SAME,
    ),
    ("STABLE-01", living(7), KEPT_CHANGING),
    ("STABLE-01", brief_and_lasting(), KEPT_CHANGING),
    (
        "STABLE-01",
        only(exchange([], UNFILTERED, status=500), *rounds(1)[:1]),
        "the unfiltered list could not be read, so there was nothing to compare",
    ),
    (
        "STABLE-01",
        read(*(right() for _ in range(90))),
        f"the target showed only 1 {EQUALLY}",
    ),
    (
        "STABLE-01",
        read(*rounds(1), *(right() for _ in range(9)), right(BARE)),
        "the target showed only 34 responses that could be compared with each other (72 needed)",
    ),
    # Nobody can tell whether the cluster was emptied.
    (
        "STABLE-01",
        read(*rounds(5), *(exchange([], query) for query in PLAIN * 2), *whole([])),
        EMPTIED,
    ),
    ("STABLE-02", read(right(), right()), f"the target showed only 1 {NOT_TWICE}"),
    ("STABLE-02", read(*rounds(1)), f"the target showed no {NOT_TWICE}"),
    *(
        (requirement, read(*[exchange([], query) for query in (UNFILTERED, BARE) * 40]), reason)
        for requirement, reason in (
            (
                "STABLE-01",
                f"the target showed no {EQUALLY}; no provider",
            ),
            ("STABLE-02", "the target showed no provider"),
        )
    ),
]
test_broken, test_unusual_but_legal, test_inconclusive = as_tests(BROKEN, LEGAL, INCONCLUSIVE)


def test_the_evidence_is_listed() -> None:
    gathered = read(*rounds(4))
    answers = 4 * len(PLAIN)
    assert verdict("STABLE-01", gathered).evidence == (
        f"10 queries with equal responses, {answers} compared responses, 4 providers; would have "
        "caught a server that is wrong in 1 of 26 responses with 95% confidence"
    )
    assert verdict("STABLE-02", gathered).evidence == (
        f"{len(PLAIN)} repeated queries, {answers} responses, 4 providers"
    )


def test_each_query_with_wrong_responses_is_counted_once() -> None:
    wrong: Mapping[Query, Any] = {ACTIVE: [KAFKA], BARE: [OLD], GIT: [PINE]}
    answers = [exchange(body, query) for query, body in wrong.items() for _ in range(2)]
    result = verdict("STABLE-02", read(*rounds(3), *answers, right()))
    assert result.reason == "3 violations"
    lengths = [len(finding.query) for finding in result.findings]
    assert lengths == sorted(lengths)


def test_first_responses_that_all_differ_are_reported_by_query() -> None:
    known: set[Query] = set()
    answers = []
    for query in [UNFILTERED, AI, AI, *PLAIN, *PLAIN, *[UNFILTERED] * 6]:
        answers.append(right(query) if query in known else exchange([], query))
        known.add(query)
    result = verdict("STABLE-01", read(*answers))
    holding = sum(bool(select(query)) for query in PLAIN)
    assert (result.outcome, result.reason.partition(",")[0]) == (
        Outcome.FAILED,
        f"{holding} violations",
    )
    finding = result.findings[0]
    assert finding.observed.endswith(
        f"missing the first time it was asked and never again, as with {holding} of {holding} "
        "queries"
    )
    assert finding.expected == EQUAL
