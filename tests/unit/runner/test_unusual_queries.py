"""Unusual queries: each once, and none documented; see test_harmless_queries for what they hold."""

from __future__ import annotations

import string
from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.contracts import law_with
from support.canned.exchanges import exchange, provider
from support.canned.verdicts import LAW

from conformance.contract.filter_oracle import is_documented, readings
from conformance.contract.model import Contract
from conformance.contract.query import Query, documented, unfiltered
from conformance.runner.cluster import Words
from conformance.runner.unusual_queries import (
    EXPANSION_PARAMETERS,
    NO_BOOLEANS,
    STRANGE,
    UNKNOWN,
    near_miss_categories,
    respelled,
    respelled_paths,
    strange,
    unusual,
    unusual_kinds,
    variants,
)

PLAIN = documented(LAW)
ALL = unusual(LAW)
WIRE = set(string.ascii_letters + string.digits + "-._~%!$&'()*+,;=:@/?")
"""What may stand in a query (RFC 3986, section 3.4)."""


def law_of(categories: list[str]) -> Contract:
    return law_with(("components", "parameters", "Category", "schema"), {"enum": categories})


SUPPORTED = st.lists(
    st.text(string.ascii_uppercase + "_", min_size=2, max_size=12), min_size=1, unique=True
).map(lambda values: [f"{value}X" for value in values])


def test_no_query_is_asked_twice_or_documented() -> None:
    parts = [
        PLAIN,
        variants(PLAIN),
        [
            Query.of([("category", value), ("activeOnly", "false")])
            for value in near_miss_categories(Words.of(LAW))
        ],
        [Query(f"{unfiltered(LAW).wire}&{temptation}") for temptation in EXPANSION_PARAMETERS],
        ALL,
    ]
    assert sum(map(len, parts)) == len({query.wire for part in parts for query in part})
    for query in ALL:
        assert not is_documented(LAW, query)
        assert set(query.wire) <= WIRE
        assert len(query.wire) < 4000


def test_every_kind_of_input_is_tried() -> None:
    switches = {query.values("activeOnly")[:1] for query in ALL if "category" not in query.wire}
    assert {(unquote(value),) for value in NO_BOOLEANS} <= switches
    assert {f"{unfiltered(LAW).wire}&{one}" for one in UNKNOWN} <= {query.wire for query in ALL}
    values = {query.wire.partition("category=")[2].partition("&")[0] for query in ALL}
    assert {*STRANGE, *strange(Words.of(LAW))} <= values
    texts = [text for query in ALL for text in query.values("category")]
    assert any(len(text) > 1000 for text in texts)
    assert any("\0" in text for text in texts)
    assert any("\ufffd" in text for text in texts)
    assert any(max(text, default="") > "\uffff" for text in texts)
    assert "" in texts
    # Switches are asked of what leaves inactive providers out.
    (query,) = [query for query in ALL if query.values("active_only")]
    assert query.values("activeOnly") == ()
    assert max(len(query.pairs) for query in ALL) > 100


def test_there_are_enough_to_judge_by() -> None:
    malformed = [q for q in ALL if set(q.values("activeOnly")) - {"true", "false"}]
    names = [[name for name, _ in query.pairs] for query in ALL]
    known = [each for each in names if set(each) <= {"category", "activeOnly"}]
    repeated = [each for each in known if len(set(each)) < len(each)]
    empty = [q for q in ALL if q.values("category")[:1] == ("",)]
    numbers = [len(malformed), len(names) - len(known), len(repeated), len(empty), len(ALL)]
    assert all(number >= least for number, least in zip(numbers, (4, 4, 2, 1, 20), strict=True))


@given(SUPPORTED)
def test_they_follow_the_contract(supported: list[str]) -> None:
    law = law_of(supported)
    queries = unusual(law)
    assert len(set(queries)) == len(queries)
    assert not [query for query in queries if is_documented(law, query)]
    used = {value for query in queries for value in query.values("category")}
    assert supported[0] in used


CLOUDS = Words.of(LAW, exchange([provider("a", category="CLOUD"), provider("b", category="EMAIL")]))


def test_they_are_made_of_categories_that_providers_have() -> None:
    queries = unusual(LAW, CLOUDS)
    assert len(queries) == len(ALL)
    used = {value for query in queries for value in query.values("category")}
    assert {"CLOUD", "EMAIL", "CLOUD\0", "\u202eCLOUD", "\uff23\uff2cOUD"} <= used
    assert not [value for value in used if "AI_MODEL" in value or "GIT" in value]


@pytest.mark.parametrize("base", ["activeOnly=false", "category=EMAIL&activeOnly=false"])
def test_parameters_of_similar_names_would_narrow(base: str) -> None:
    _, unknown, *_ = unusual_kinds(LAW, Query(base), CLOUDS)
    wires = {query.wire for query in unknown}
    other = "CLOUD" if "EMAIL" in base else "EMAIL"
    assert {f"{base}&CATEGORY={other}", f"{base}&category%5B%5D={other}"} <= wires
    assert f"{base}&category%5Bx%5D=1" in wires


# ----------------------------------------------------------------------- in other words


def test_variants_mean_the_same_as_documented_queries() -> None:
    found = variants(PLAIN)
    assert len(set(found)) == len(found)
    assert not set(found) & set(PLAIN)
    meant = {query: frozenset(query.pairs) for query in PLAIN}
    for query in found:
        assert is_documented(LAW, query)
        assert frozenset(query.pairs) in meant.values()
    # Each query of two parameters in the other order, and each with letters encoded.
    two = [query for query in PLAIN if len(query.pairs) == 2]
    assert sum("%" not in query.wire for query in found) == len(two)
    assert sum("%" in query.wire for query in found) == len(PLAIN) - 1
    for query in two:
        # One more has an undocumented parameter.
        others = respelled(query)
        assert len({query, *others}) == 1 + len(others)
        assert all(readings(LAW, other) == readings(LAW, query) for other in others)
        assert [is_documented(LAW, other) for other in others] == [True, True, False]


def test_other_spellings_of_the_path() -> None:
    found = respelled_paths("/api/integrations/provider")
    assert len({"/api/integrations/provider", *found}) == 1 + len(found)
    # They stay below the address of the API, whatever its prefix is.
    assert all(path.startswith("/api/") for path in found)
    assert unquote(found[6]) == "/api/integrations/provider"
    assert found[7] == "/api/integrations/PROVIDER"
    assert {urljoin("http://host", path) for path in found[4:6]} == {
        "http://host/api/integrations/provider"
    }
