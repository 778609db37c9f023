"""What is asked: so many requests at each profile, none twice without need, fewer of large ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.canned.exchanges import exchange, provider
from support.canned.verdicts import LAW
from support.repository import ROOT

from conformance import Target, run
from conformance.contract.filter_oracle import is_documented
from conformance.contract.query import Query, documented, unfiltered
from conformance.report.run_metadata import Profile
from conformance.runner.cluster import ADAPTED, Scale
from conformance.runner.dry_run import DryRunTransport
from conformance.runner.plan import PROBES, ROUNDS, Part, Plan, needed_parts
from conformance.runner.queries import Queries, written_by_hand
from conformance.runner.unusual_queries import unusual_kinds
from conformance.target.transport import Answer, Settings

PLAIN = documented(LAW)
WHOLE = unfiltered(LAW)
PAGE = ROOT / "docs" / "performance.md"

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0aGlzLXRlc3QifQ.c2lnbmVkLWJ5LW5vYm9keS1hdC1hbGw"
"""A JSON Web Token: most forms of refused credentials are made from one."""

QUICK = {
    "": 1,
    Part.TURNS: 7,
    Part.VIEWS: 24,
    Part.VARIANTS: 46,
    Part.CATEGORIES: 32,
    Part.MODELS: 17,
    Part.INPUTS: 69,
    Part.STRANGERS: 125,
    Part.ROUNDS: 28,
}
REQUESTS = {
    Profile.QUICK: QUICK,
    Profile.STANDARD: QUICK | {Part.PROBES: 36, Part.ROUNDS: 84},
    Profile.THOROUGH: QUICK | {Part.STRANGERS: 437, Part.ROUNDS: 224},
}
"""Requests by part, each with the read of the unfiltered view that follows it; to a server that
lists no provider, so that its siblings are not asked for any. How many more queries the thorough
profile generates depends on the seed."""

TURNS = Queries(LAW, Plan(frozenset()), Scale(LAW)).turns(exchange([], WHOLE))


class Noting(DryRunTransport):
    """Counts requests by what distinguishes them, besides what a dry run shows."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, LAW.token_header)
        self.times: Counter[tuple[str, str, str | None, str]] = Counter()

    def send(self, method: str, url: str, headers: Mapping[str, str], *_: Any, **__: Any) -> Answer:
        self.times[method, url, headers.get(LAW.token_header), headers["Accept"]] += 1
        return super().send(method, url, headers)


def dry_run_of(profile: Profile) -> Noting:
    """Return what a run of this profile would send."""
    dry_runs: list[Noting] = []

    def sender(settings: Settings) -> Noting:
        dry_runs.append(Noting(settings))
        return dry_runs[0]

    with Target("http://host.invalid", credential=TOKEN, parallel=1, sender=sender) as target:
        run(target, profile=profile, seed=1, progress=lambda *so_far: dry_runs[0].begin(*so_far))
    return dry_runs[0]


@pytest.fixture(scope="module")
def dry_runs() -> dict[Profile, Noting]:
    with pytest.MonkeyPatch.context() as patch:
        # How many there are depends on the seed, and it takes long to find that many.
        patch.setitem(PROBES, Profile.THOROUGH, 2)
        return {profile: dry_run_of(profile) for profile in Profile}


@pytest.mark.parametrize("profile", Profile)
def test_so_many_requests_are_sent(dry_runs: dict[Profile, Noting], profile: Profile) -> None:
    sent = Counter(request.part for request in dry_runs[profile].requests)
    if profile is Profile.THOROUGH:
        assert sent.pop(Part.PROBES) > 0
    assert sent == {str(part): number for part, number in REQUESTS[profile].items()}


@pytest.mark.parametrize("profile", Profile)
def test_the_numbers_are_told(profile: Profile) -> None:
    column = list(Profile).index(profile)
    told = {}
    for line in PAGE.read_text("utf-8").splitlines():
        name, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) >= len(Profile) and cells[column].isdigit():
            told[name] = int(cells[column])
    for part, number in REQUESTS[profile].items():
        assert told[str(part) or "the first request"] == number, part


@pytest.mark.parametrize("profile", Profile)
def test_no_two_requests_are_the_same_without_need(
    dry_runs: dict[Profile, Noting], profile: Profile
) -> None:
    """Only documented queries with the accepted credential are: in turn, in rounds, and between."""
    transport = dry_runs[profile]
    read: Counter[Query] = Counter()
    for (method, url, presented, accept), number in transport.times.items():
        parts = urlsplit(url)
        granted = (method, presented, parts.path) == ("GET", transport.accepted, LAW.path)
        if granted and accept == "application/json":
            read[Query(parts.query)] = number
        else:
            assert number == 1, url
    rounds = ROUNDS[profile]
    for query in PLAIN:
        if query != WHOLE:
            repeated = rounds * (1 if query.values("category") else 2)
            assert read[query] == TURNS.count(query) + 1 + repeated, query
    assert {query for query, number in read.items() if number > 1} <= set(PLAIN)


def test_what_is_written_by_hand_is_not_generated(dry_runs: dict[Profile, Noting]) -> None:
    generated = {
        Query(urlsplit(request.url).query)
        for request in dry_runs[Profile.STANDARD].requests
        if request.part == Part.PROBES
    }
    assert len(generated - {WHOLE}) == REQUESTS[Profile.STANDARD][Part.PROBES] - 1
    assert not (generated - {WHOLE}) & written_by_hand(LAW)


# -------------------------------------------------------------------------------- large clusters

CATEGORIES = LAW.filter("category").supported
PADDING = "x" * 15_000


def cluster(size: int) -> list[dict[str, object]]:
    """Return providers: every category, active and inactive, of GIT inactive ones only."""
    return [
        provider(
            f"p{number}",
            category=CATEGORIES[(number * number) % len(CATEGORIES)],
            enabled=number % 3 > 0 and CATEGORIES[(number * number) % len(CATEGORIES)] != "GIT",
            description=PADDING,
        )
        for number in range(size)
    ]


@pytest.fixture(scope="module")
def large() -> Scale:
    return Scale.of(LAW, exchange(cluster(700), WHOLE))


PLAN = Plan(needed_parts(LAW.families, Profile.STANDARD), probes=(Query("x=1"),), rounds=3, seed=1)


@pytest.mark.parametrize("read", [None, exchange(cluster(20), WHOLE), exchange([], WHOLE)])
def test_of_small_clusters_everything_is_asked(read: object) -> None:
    scale = Scale.of(LAW, read)  # type: ignore[arg-type]
    queries = Queries(LAW, PLAN, scale)
    assert not scale.large
    assert len(queries.turns(None)) == 6
    asked = {*queries.views(), *queries.variants(), *queries.categories(), *queries.inputs()}
    assert {WHOLE, *asked, *queries.expansions()} == written_by_hand(LAW)
    assert queries.rounds() == (1, 2)
    assert len(queries.round(3)) == len(PLAIN) + 3
    assert queries.probes() == PLAN.probes
    assert (queries.left_out, queries.notes) == (0, ())


def test_the_bare_query_is_asked_behind_those_that_show_most() -> None:
    view = [
        provider("a", category="CLOUD"),
        provider("b", category="GIT", enabled=False),
        provider("c", category="EMAIL", enabled=False),
        provider("odd", category=["EMAIL"], enabled={}),
        provider("d", category="EMAIL"),
    ]
    email, cloud = "category=EMAIL&activeOnly=false", "category=CLOUD&activeOnly=true"
    turns = Queries(LAW, PLAN, Scale(LAW)).turns(exchange(view, WHOLE))
    assert [query.wire for query in turns] == [email, "", cloud, "", email, ""]


def test_the_size_of_answers_is_foreseen(large: Scale) -> None:
    assert large.whole > ADAPTED
    assert large.expected(WHOLE) == large.whole
    active, inactive = large.expected(Query()), large.whole - large.expected(Query())
    assert 0 < active < large.whole
    assert inactive > 0
    each = [large.expected(Query(f"category={name}&activeOnly=false")) for name in CATEGORIES]
    assert abs(sum(each) - large.whole) < len(each)
    assert large.expected(Query("category=NONE&activeOnly=false")) == 0
    # The largest of the legal readings.
    assert large.expected(Query("activeOnly=maybe")) == large.whole
    assert large.expected(Query("category=&activeOnly=false")) == large.whole


def test_others_are_made_from_the_smallest_category_that_can_show_both(large: Scale) -> None:
    base = large.base()
    assert is_documented(LAW, base)
    assert base.values("activeOnly") == ("false",)
    (category,) = base.values("category")
    assert category != "GIT"
    assert 0 < large.expected(Query(f"category={category}")) < large.expected(base)


def test_where_no_category_has_both_the_smallest_has_to_do() -> None:
    still = [{**one, "enabled": True} for one in cluster(700)]
    scale = Scale.of(LAW, exchange(still, WHOLE))
    sizes = [scale.expected(Query(f"category={n}&activeOnly=false")) for n in CATEGORIES]
    assert scale.expected(scale.base()) == min(size for size in sizes if size)
    odd = [{**one, "category": "OTHER"} for one in cluster(700)]
    assert Scale.of(LAW, exchange(odd, WHOLE)).base() == WHOLE


def test_of_large_clusters_what_decides_is_asked(large: Scale) -> None:
    queries = Queries(LAW, PLAN, large)
    assert set(queries.views()) == set(PLAIN) - {WHOLE}
    assert len(queries.categories()) == 31
    for asked in (queries.variants(), queries.expansions(), queries.round(3)):
        assert len(asked) >= 4
        assert sum(map(large.expected, asked)) <= large.whole
    kinds = unusual_kinds(LAW, large.base())
    inputs = queries.inputs()
    for kind in kinds:
        assert len(set(kind) & set(inputs)) >= min(4, len(kind))
    # As many as requirements need, in the contract.
    assert len(inputs) >= 20
    assert queries.rounds() == ()
    assert queries.turns(exchange(cluster(700), WHOLE)) == ()
    assert queries.left_out > 0
    assert f"{queries.left_out:,} queries" in queries.notes[0]
