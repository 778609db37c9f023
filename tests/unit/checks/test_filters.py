"""FILTER requirements on canned responses: violations, legal responses and missing evidence."""

from __future__ import annotations

from typing import Any

import pytest
from support.canned.exchanges import CLUSTER, evidence, exchange, provider, select
from support.canned.verdicts import (
    UNFILTERED,
    Broken,
    answering,
    as_tests,
    only,
    replacing,
    verdict,
)

from conformance.checks.registry import all_checks
from conformance.checks.verdict import Outcome
from conformance.contract.query import Query, overencoded, reordered
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.spans import Span

OPEN, OLD, PINE, KAFKA = CLUSTER
AI_OPEN = "category=AI_MODEL&activeOnly=false"
AI_ACTIVE = "category=AI_MODEL&activeOnly=true"
NO_SUCH = "category=NO_SUCH&activeOnly=false"
NOT_THERE = ", which the unfiltered list lacks"
LEAVE_OUT = ", which it should leave out"
MISSING = " is missing, though the unfiltered list has it"
EVERYTHING = "/api/integrations/"
GHOST = provider("ghost")
AI = Query("category=AI_MODEL")
HERE = {"region": "eu-1", "sasl": {"port": 1, "user": "a"}}
FOUR = "string of 4 characters in the unfiltered list"
OLD_GHOST = provider("old-ghost", enabled=False)


def named(one: dict[str, Any]) -> str:
    return f'provider "{one["name"]}"'


def unsupported(body: Any, status: int = 200, value: str = "NO_SUCH") -> Exchange:
    return exchange(body, Query.of([("category", value), ("activeOnly", "false")]), status=status)


EXPECTED = {
    "FILTER-01": 'only providers of category "AI_MODEL"',
    "FILTER-02": 'all providers of category "AI_MODEL" and no others',
    "FILTER-03": "[] or a 4xx status, for no provider has this category",
    "FILTER-12": "[] or a 4xx status, as for one value",
    "FILTER-04": "active providers only",
    "FILTER-05": "all active providers and no others",
    "FILTER-06": "all active providers and no others",
    "FILTER-07": "inactive providers as well as active ones",
    "FILTER-08": 'all active providers of category "AI_MODEL" and no others',
    "FILTER-09": "the same provider in every result",
    "FILTER-10": f"the same response as to ?{AI_OPEN}",
    "FILTER-11": f"the same response as to ?{AI_OPEN}",
}


def broken(
    requirement: str,
    gathered: Evidence,
    observed: str,
    query: str,
    pointer: str = "",
    found: int = 1,
) -> Broken:
    return Broken(
        id=requirement,
        gathered=gathered,
        observed=observed,
        expected=EXPECTED[requirement],
        query=query,
        pointer=pointer,
        found=found,
    )


LISTED = "category=AI_MODEL,VECTOR_DB&activeOnly=false"
BROKEN = [
    *(
        broken("FILTER-12", evidence(answer), observed, answer.query.wire)
        for answer, observed in (
            (exchange([OPEN, OLD, PINE], LISTED), "3 providers of the listed categories"),
            (exchange([PINE], LISTED), "1 provider of the listed categories"),
            (
                unsupported([OPEN], value="AI_MODEL|NO_SUCH"),
                "1 provider of the listed categories",
            ),
            *(
                (
                    exchange([OPEN], f"category=AI_MODEL{separator}GIT&activeOnly=false"),
                    "1 provider of the listed categories",
                )
                for separator in (",", "|", ";", "%3B")
            ),
        )
    ),
    *(
        broken(
            "FILTER-03",
            evidence(exchange(list(CLUSTER), listed)),
            '4 providers, such as "kafka" of category "MESSAGE_BROKER"',
            listed,
        )
        for listed in (LISTED, LISTED.replace(",", "%3B"))
    ),
    *(
        broken(
            "FILTER-01",
            replacing(query, [OPEN, PINE]),
            f'{named(PINE)} of category "VECTOR_DB"',
            query,
            "/1/category",
        )
        for query in ("category=AI_MODEL", AI_OPEN, AI_ACTIVE)
    ),
    broken(
        "FILTER-01",
        evidence(exchange([{**OPEN, "category": "AI_model"}], AI_OPEN)),
        f'{named(OPEN)} of category "AI_model"',
        AI_OPEN,
        "/0/category",
    ),
    *(
        broken(requirement, replacing(query, body), f"{named(one)}{mistake}", query)
        for requirement, query, body, one, mistake in (
            ("FILTER-02", AI_OPEN, [OPEN], OLD, MISSING),
            ("FILTER-02", AI_OPEN, [OPEN, OLD, GHOST], GHOST, NOT_THERE),
            ("FILTER-02", AI_OPEN, [OPEN, OLD, PINE], PINE, LEAVE_OUT),
            ("FILTER-05", "activeOnly=true", [OPEN], PINE, MISSING),
            ("FILTER-06", "", [OPEN], PINE, MISSING),
            ("FILTER-08", AI_ACTIVE, [], OPEN, MISSING),
            ("FILTER-08", AI_ACTIVE, [OPEN, OLD], OLD, LEAVE_OUT),
            ("FILTER-08", "category=AI_MODEL", [OPEN, OLD], OLD, LEAVE_OUT),
        )
    ),
    *(
        broken("FILTER-03", evidence(answer), observed, answer.query.wire)
        for answer, observed in (
            (unsupported(list(CLUSTER)), '4 providers, such as "openAI" of category "AI_MODEL"'),
            (unsupported([OPEN], value="0"), '1 provider, such as "openAI" of category "AI_MODEL"'),
            *((unsupported([], status), f"status {status}") for status in (204, 302)),
        )
    ),
    *(
        broken(
            "FILTER-04",
            replacing(query, [OPEN, OLD]),
            f"{named(OLD)} with enabled false",
            query,
            "/1/enabled",
        )
        for query in ("activeOnly=true", AI_ACTIVE)
    ),
    *(
        broken("FILTER-07", gathered, observed, UNFILTERED.wire, found=number)
        for gathered, observed, number in (
            (
                replacing(UNFILTERED.wire, [OPEN, OLD]),
                f"{named(PINE)} is missing, though ?activeOnly=true holds it",
                # The inactive provider is also missing, although its category contains it.
                2,
            ),
            (
                evidence(exchange([*CLUSTER, {**OLD, "name": "x"}], "activeOnly=")),
                'provider "x" is missing, which is inactive and in the response to ?activeOnly=',
                1,
            ),
            (
                evidence(
                    exchange([OPEN, OLD, {**KAFKA, "name": "hidden"}], UNFILTERED, path=EVERYTHING)
                ),
                f'provider "hidden" is missing, which is inactive and listed by {EVERYTHING}',
                1,
            ),
        )
    ),
    *(
        broken(
            "FILTER-09",
            replacing("category=AI_MODEL", [changed]),
            f'"{member}" of {named(OPEN)} is {here}, but {there} in the unfiltered list',
            "category=AI_MODEL",
            f"/0/{member}",
        )
        for member, changed, here, there in (
            ("type", {**OPEN, "type": "other"}, '"other"', '"openai"'),
            ("tags", {**OPEN, "tags": []}, "empty array", "array of 1 (object)"),
            ("createTime", provider(createTime=...), "absent", "1700000000000"),
            ("description", {**OPEN, "description": None}, "null", "absent"),
            ("enabled", {**OPEN, "enabled": 1}, "1", "true"),
        )
    ),
    *(
        broken(
            "FILTER-09",
            evidence(
                cluster=[{**OPEN, "configuration": HERE}],
                replaced={"category=AI_MODEL": exchange([{**OPEN, "configuration": there}], AI)},
            ),
            f'"configuration" of {named(OPEN)} {observed}',
            AI.wire,
            f"/0/configuration{place}",
        )
        for there, place, observed in (
            (
                {**HERE, "region": "us"},
                "/region",
                f"differs in /configuration/region: string of 2 characters, but {FOUR}",
            ),
            (
                {**HERE, "region": "us-2"},
                "/region",
                "differs in /configuration/region (string of 4 characters in both results)",
            ),
            (
                {**HERE, "sasl": {"user": "a"}},
                "/sasl/port",
                "differs in /configuration/sasl/port: absent, but number in the unfiltered list",
            ),
            (
                {**HERE, "a/b": 1, "z": 2},
                "/a~1b",
                "differs in /configuration/a~1b: number, but absent in the unfiltered list",
            ),
            ([], "", "is empty array, but object with region, sasl in the unfiltered list"),
        )
    ),
    *(
        broken(
            requirement,
            evidence(*(exchange(body, variant, status=status) for _ in range(5))),
            observed,
            variant.wire,
        )
        for requirement, variant in (
            ("FILTER-10", reordered(Query(AI_OPEN))),
            ("FILTER-11", overencoded(Query(AI_OPEN))),
        )
        for body, status, observed in (
            ([OPEN], 200, f"{named(OLD)} is missing"),
            ([OPEN, OLD, GHOST], 200, f"{named(GHOST)} is added"),
            ([], 400, "status 400"),
        )
    ),
]


def variants(*, but: str = "") -> list[Exchange]:
    """Return correct responses to all variants of queries with two parameters."""
    plain = [Query(f"category={one}&activeOnly=false") for one in ("AI_MODEL", "VECTOR_DB")]
    found = [
        exchange(select(one), spelt(one)) for one in plain for spelt in (reordered, overencoded)
    ]
    return [one for one in found if one.query.wire != but]


SHUFFLED = [provider(tags=[{"key": "b", "value": "1"}, {"key": "a", "value": "2"}])]
SORTED = [provider(tags=[{"key": "a", "value": "2"}, {"key": "b", "value": "1"}])]

LEGAL = [
    # A server may have learnt other parameters: ROBUST judges their effect.
    ("FILTER-01", evidence(exchange(list(CLUSTER), f"{AI_OPEN}&CATEGORY="))),
    ("FILTER-06", evidence(exchange(list(CLUSTER), "includeInactive=true"))),
    *(
        ("FILTER-12", evidence(one))
        for one in (
            exchange([], LISTED),
            *(exchange({"message": "no"}, LISTED, status=status) for status in (400, 422, 499)),
        )
    ),
    # FILTER-12 judges what is listed, and FILTER-03 anything else.
    ("FILTER-03", evidence(exchange([OPEN, OLD, PINE], LISTED))),
    ("FILTER-12", evidence(exchange(list(CLUSTER), LISTED))),
    # What cannot be decoded has no meaning.
    (
        "FILTER-03",
        evidence(unsupported([]), exchange(list(CLUSTER), "category=%zz&activeOnly=false")),
    ),
    ("FILTER-03", evidence(unsupported([]), exchange([OPEN], "category=%FF&activeOnly=false"))),
    # A plain semicolon may separate parameters, or drop one.
    (
        "FILTER-03",
        evidence(unsupported([]), exchange(list(CLUSTER), LISTED.replace(",", ";"))),
    ),
    *((f"FILTER-{n:02}", evidence()) for n in (1, 2, 4, 5, 6, 7, 8, 9)),
    # Neither the order of providers nor an empty result is significant.
    *(
        (requirement, replacing(UNFILTERED.wire, list(CLUSTER[::-1])))
        for requirement in ("FILTER-02", "FILTER-05", "FILTER-08", "FILTER-09")
    ),
    # A category with another spelling is not the documented one.
    ("FILTER-01", evidence(exchange(list(CLUSTER), "category=ai_model"))),
    ("FILTER-01", evidence(exchange(list(CLUSTER), "category=AI_MODEL&category=VECTOR_DB"))),
    *(
        ("FILTER-03", evidence(one))
        for one in (
            unsupported([]),
            *(unsupported({"message": "no"}, status) for status in (400, 404, 422, 499)),
            unsupported([OPEN, OLD], value="ai_model"),
            unsupported([provider(category="NEW")], value="NEW"),
            unsupported([{"unexpected": 1}, "text"]),
        )
    ),
    # ROBUST-01 judges a 5xx status.
    (
        "FILTER-03",
        evidence(
            unsupported([]),
            unsupported([], 500),
            exchange(b"", "category=0&activeOnly=null", status=500),
            exchange(b"", "category=0&activeOnly=true&activeOnly=true", status=503),
            exchange(b"", "category=0&x=1", status=500),
        ),
    ),
    ("FILTER-04", evidence(exchange(list(CLUSTER), "activeOnly=TRUE"))),
    ("FILTER-04", evidence(exchange(list(CLUSTER), "activeOnly=true&activeOnly=false"))),
    ("FILTER-05", evidence(exchange([], "activeOnly=yes"), exchange([], "activeOnly=true&x=1"))),
    ("FILTER-07", evidence(exchange(list(CLUSTER[:2]), UNFILTERED, path=EVERYTHING))),
    # Undocumented categories and parameters may return anything, and so may active providers.
    ("FILTER-07", evidence(exchange([OLD_GHOST], "category=NONE"))),
    ("FILTER-07", evidence(exchange([OLD_GHOST], "tenant=other"))),
    ("FILTER-07", evidence(exchange([GHOST], "activeOnly="))),
    ("FILTER-07", evidence(exchange(b"", UNFILTERED, path=EVERYTHING, status=403))),
    (
        "FILTER-09",
        evidence(
            cluster=[*SORTED, *CLUSTER[1:]],
            replaced={"category=AI_MODEL": exchange(SHUFFLED, "category=AI_MODEL")},
        ),
    ),
    # Unknown fields may differ, and MODEL-05 judges counts.
    (
        "FILTER-09",
        replacing("category=AI_MODEL", [{**OPEN, "etag": 7, "modelsCount": 9, "apis": []}]),
    ),
    ("FILTER-10", evidence(*variants())),
    ("FILTER-11", evidence(*variants())),
]

ACTIVE_ONLY = [OPEN, PINE]
ONE_CATEGORY = [OPEN, OLD]
COMPARED = "result comparable with the unfiltered list"
VARIANTS = "equivalent spelling of a query"
NO_INACTIVE = "no inactive provider"
CATEGORIES = "only 1 supported category in use (2 needed)"

LACKING = [
    ("FILTER-01", evidence(cluster=ONE_CATEGORY), CATEGORIES),
    ("FILTER-01", answering([]), "no supported category in use (2 needed)"),
    ("FILTER-02", evidence(cluster=ONE_CATEGORY), CATEGORIES),
    ("FILTER-02", only(exchange(CLUSTER, UNFILTERED)), f"no {COMPARED} (2 needed)"),
    ("FILTER-03", evidence(), "no response to an unsupported category"),
    ("FILTER-03", evidence(unsupported({"oops": 1})), "no response to an unsupported category"),
    *(
        ("FILTER-12", gathered, "no response to a list of categories")
        for gathered in (
            evidence(),
            evidence(unsupported([])),
            evidence(exchange({"oops": 1}, LISTED)),
            evidence(exchange([], LISTED, status=399)),
            evidence(exchange([], LISTED, status=500)),
        )
    ),
    ("FILTER-04", evidence(cluster=ACTIVE_ONLY), NO_INACTIVE),
    ("FILTER-05", evidence(cluster=ACTIVE_ONLY), NO_INACTIVE),
    ("FILTER-05", evidence(cluster=[OLD]), "no active provider"),
    ("FILTER-05", only(exchange(CLUSTER, UNFILTERED)), f"no {COMPARED}"),
    ("FILTER-06", evidence(cluster=ACTIVE_ONLY), NO_INACTIVE),
    ("FILTER-07", evidence(cluster=ACTIVE_ONLY), NO_INACTIVE),
    (
        "FILTER-08",
        evidence(cluster=[OPEN, PINE, {**KAFKA, "category": "NEW"}]),
        "no supported category with inactive providers",
    ),
    ("FILTER-09", only(exchange(CLUSTER, UNFILTERED)), f"no {COMPARED} (2 needed)"),
    ("FILTER-10", evidence(), f"no {VARIANTS} (2 needed)"),
    (
        "FILTER-10",
        evidence(*variants(but="activeOnly=false&category=AI_MODEL")),
        f"only 1 {VARIANTS} (2 needed)",
    ),
    ("FILTER-11", evidence(), f"no {VARIANTS} (2 needed)"),
]
INCONCLUSIVE = [(name, shown, f"the target showed {why}") for name, shown, why in LACKING]
test_broken, test_unusual_but_legal, test_inconclusive = as_tests(BROKEN, LEGAL, INCONCLUSIVE)

KEPT_CHANGING = "the target kept changing while it was read, so its responses could not be compared"
UNREADABLE = "the unfiltered list could not be read, so nothing could be compared with it"


@pytest.mark.parametrize("requirement", [f"FILTER-{n:02}" for n in (2, 5, 6, 8, 9)])
@pytest.mark.parametrize(("before", "reason"), [(list(CLUSTER), KEPT_CHANGING), ({}, UNREADABLE)])
def test_what_changed_or_cannot_be_read_is_not_compared(
    requirement: str, before: Any, reason: str
) -> None:
    ends = exchange(before, UNFILTERED), exchange([OPEN], UNFILTERED)
    span = Span(ends[0], evidence().spans[0].exchanges, ends[1])
    result = verdict(requirement, evidence(spans=(span,)))
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, reason)


@pytest.mark.parametrize(
    ("requirement", "query"),
    [("FILTER-01", "category=GIT"), ("FILTER-04", "activeOnly=true"), ("FILTER-06", "")],
)
def test_a_single_response_is_judged_although_the_cluster_changes(
    requirement: str, query: str
) -> None:
    ends = exchange(list(CLUSTER), UNFILTERED), exchange([OPEN], UNFILTERED)
    span = Span(ends[0], (exchange([OLD], query),), ends[1])
    result = verdict(requirement, evidence(spans=(span,)))
    assert result.outcome is Outcome.FAILED
    assert result.findings[0].query == query


def failed(gathered: Evidence) -> set[str]:
    return {name for name, check in all_checks().items() if check(gathered).found}


def test_order_and_encoding_are_judged_apart_from_the_filters() -> None:
    assert failed(evidence(*(exchange(list(CLUSTER), one.query) for one in variants()))) == {
        "FILTER-10",
        "FILTER-11",
    }
    # A filter that never works is not a matter of either.
    queries = [spelt(Query(AI_OPEN)) for spelt in (reordered, overencoded)]
    everything = [exchange(list(CLUSTER), query) for query in queries]
    plain = {AI_OPEN: exchange(list(CLUSTER), AI_OPEN)}
    assert failed(evidence(*everything, replaced=plain)) == {"FILTER-01", "FILTER-02"}


@pytest.mark.parametrize("kept", [[OLD], [OLD, PINE]])
def test_right_results_are_not_blamed_for_an_unfiltered_list_that_lacks_providers(
    kept: list[Any],
) -> None:
    assert failed(replacing(UNFILTERED.wire, kept)) == {"FILTER-07"}
