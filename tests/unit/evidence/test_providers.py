"""Results are cached per response; providers are grouped by kind and exchanges by span."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.canned.exchanges import exchange, provider
from support.canned.verdicts import LAW

from conformance.checks.detectors.model_details import (
    Vocabulary,
    in_element,
    is_plain,
    unknown_collections,
)
from conformance.contract.filter_oracle import readings
from conformance.contract.query import Query, unfiltered
from conformance.evidence.exchange import Exchange
from conformance.evidence.providers import (
    by_name,
    filtered_by,
    kinds,
    names_by_kind,
    repeated_names,
)
from conformance.evidence.spans import enclosed

WHOLE = unfiltered(LAW)
FILTERED = filtered_by(LAW)
MEMBERS = frozenset(LAW.element_schema["properties"])


def at(sent: int, answered: int, name: str = "") -> Exchange:
    return Exchange(
        request=exchange([], name).request, url="", sent=sent, answered=answered, status=200
    )


MOMENTS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 8)), unique_by=lambda pair: pair[0], max_size=8
)


@given(MOMENTS, MOMENTS)
def test_an_exchange_is_between_the_nearest_reads(
    reads: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    # The moments of reads and others never coincide.
    whole = [at(4 * sent, 4 * (sent + took) + 1) for sent, took in reads]
    asked = [
        at(4 * sent + 2, 4 * (sent + took) + 3, f"n={n}") for n, (sent, took) in enumerate(others)
    ]
    found = {one.query: span for span in enclosed(whole, asked) for one in span.exchanges}
    for one in asked:
        before = [read for read in whole if read.answered < one.sent]
        after = [read for read in whole if read.sent > one.answered]
        if before and after:
            span = found[one.query]
            assert span.before.answered == max(read.answered for read in before)
            assert span.after.sent == min(read.sent for read in after)
        else:
            assert one.query not in found


PROVIDERS = st.builds(
    lambda name, category, enabled: provider(name, category=category, enabled=enabled),
    st.sampled_from(["a", "b", "c", "", 7]),
    st.sampled_from(["GIT", "EMAIL", "git", "", None, 1, True, ["GIT"], ...]),
    st.sampled_from([True, False, 1, 0, "true", None, ...]),
)
QUERIES = st.sampled_from(
    [
        "",
        "activeOnly=true",
        "category=GIT",
        "category=&activeOnly=false",
        "category=GIT&activeOnly=maybe",
        "category=GIT&category=EMAIL&activeOnly=false",
    ]
)


@given(st.lists(PROVIDERS, max_size=6), QUERIES)
def test_a_reading_keeps_all_of_a_kind_or_none(cluster: list[dict[str, Any]], wire: str) -> None:
    read = exchange(cluster, WHOLE)
    by_kind = kinds(read, FILTERED)
    assert sum(map(len, by_kind.values())) == len(cluster)
    for reading in readings(LAW, Query(wire)):
        for kind, those in by_kind.items():
            assert {reading.keeps(one) for one in those} == {reading.keeps(dict(kind))}
    named = names_by_kind(read, FILTERED)
    assert sorted(name for names in named.values() for name in names) == sorted(by_name(read))
    names = [one["name"] for one in read.providers if isinstance(one["name"], str)]
    assert repeated_names(read) == {name for name in names if names.count(name) > 1}


VOCABULARY = Vocabulary.of(LAW)
SCALARS = st.sampled_from(
    [None, True, 3, "", "text", "gpt-4", "gpt-4, gpt-3", '[{"api":"gpt-4","enabled":true}]', " {}"]
)
KEYS = st.sampled_from(["api", "gpt-4", "models", "enabled", "key", "value", "tags", "endpoint"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)
ELEMENTS = st.dictionaries(
    st.sampled_from([*sorted(MEMBERS), "models", "api", "gpt-4", "modelNames"]), VALUES, max_size=6
)


@given(ELEMENTS, st.sampled_from([None, frozenset(), frozenset({"gpt-4", "gpt-3"})]))
def test_nothing_is_found_in_plain_elements(element: dict[str, Any], known: Any) -> None:
    if is_plain(element, VOCABULARY):
        assert list(in_element(element, VOCABULARY, known)) == []
        assert unknown_collections(element, VOCABULARY) == {}


def test_a_usual_provider_is_plain() -> None:
    assert is_plain(provider(), VOCABULARY)
    odd: list[dict[str, Any]] = [{"models": ["a"]}, {"configuration": {"models": ["a"]}}]
    for members in (*odd, {"description": '[{"api":"a"}]'}):
        assert not is_plain(provider(**members), VOCABULARY)
