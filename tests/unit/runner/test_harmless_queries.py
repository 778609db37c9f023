"""Nothing that is asked could do harm, whoever wrote it or generated it, or lead elsewhere."""

from __future__ import annotations

import pytest
from support.canned.harmful import HARMS, harm_in
from support.canned.verdicts import LAW

from conformance.contract.query import Query, documented
from conformance.runner.cluster import Words
from conformance.runner.generated_queries import QueryGenerator
from conformance.runner.unusual_queries import (
    EXPANSION_PARAMETERS,
    NO_BOOLEANS,
    STRANGE,
    UNKNOWN,
    near_miss_categories,
    respelled,
    strange,
    unusual,
)

SUPPORTED = LAW.filter("category").supported
WORDS = Words.of(LAW)


# --------------------------------------------------------------------------- the search itself


@pytest.mark.parametrize(
    ("kind", "sample"), [(kind, one) for kind, harm in HARMS.items() for one in harm.samples]
)
def test_an_attack_is_recognised(kind: str, sample: str) -> None:
    around = Query.of([("category", f"AI_MODEL {sample}"), ("activeOnly", "false")])
    for query in (
        Query.of([("category", sample)]),
        Query.of([(sample, "")]),
        around,
        # For servers that decode what they are sent more often than they should.
        Query.of([("category", Query.of([("x", sample)]).wire)]),
    ):
        assert any(found.startswith(kind) for found in harm_in(query.wire)), query


@pytest.mark.parametrize("value", [*SUPPORTED, "not a category", "openAI", "1,2", "a & b"])
def test_a_plain_word_is_not(value: str) -> None:
    assert harm_in(Query.of([("category", value), ("activeOnly", "true")]).wire) == []


# ------------------------------------------------------------------------------- what is asked


def test_no_query_written_by_hand_could_do_harm() -> None:
    queries = [
        *unusual(LAW),
        *(Query.of([("category", value)]) for value in near_miss_categories(WORDS)),
        *map(Query, (*EXPANSION_PARAMETERS, *UNKNOWN)),
        *(Query(f"category={value}") for value in {*STRANGE, *strange(WORDS)}),
        *(Query(f"activeOnly={value}") for value in NO_BOOLEANS),
        *(one for query in documented(LAW) for one in respelled(query)),
    ]
    assert {query.wire: harm for query in queries if (harm := harm_in(query.wire))} == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 4_294_967_295])
def test_no_generated_query_could_do_harm(seed: int, generator: QueryGenerator) -> None:
    queries = generator.begin(LAW, 200, seed=seed).queries
    assert len(queries) > 100
    assert {query.wire: harm for query in queries if (harm := harm_in(query.wire))} == {}
