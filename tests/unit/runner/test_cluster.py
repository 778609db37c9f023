"""The words of a cluster that queries are made of, and those that are never asked back."""

from __future__ import annotations

from typing import Any

import pytest
from support.canned.exchanges import exchange, provider
from support.canned.verdicts import LAW

from conformance.runner.cluster import NAME, TYPE, Words

SUPPORTED = LAW.filter("category").supported


def words(*categories: Any, **members: Any) -> Words:
    read = [
        provider(f"p{number}") | {"category": category} | members
        for number, category in enumerate(categories)
    ]
    return Words.of(LAW, exchange(read, "activeOnly=false"))


@pytest.mark.parametrize(
    "read",
    [
        None,
        exchange([], "activeOnly=false"),
        exchange({"oops": 1}),
        exchange(b"<html/>"),
        exchange([], status=500),
        exchange([1, None, {"category": 7, "name": [], "type": {}}]),
    ],
)
def test_where_nothing_was_seen_the_contract_has_to_do(read: Any) -> None:
    assert Words.of(LAW, read) == Words(SUPPORTED)
    found = Words(SUPPORTED)
    assert found.known == ("AI_MODEL", "VECTOR_DB", "EMAIL")
    assert found.near_misses == ("AI_MODEL", "VECTOR_DB")
    assert (found.shortest, found.ordinal, found.type, found.name) == ("GIT", 1, TYPE, NAME)


@pytest.mark.parametrize(
    ("seen", "known", "shortest", "ordinal"),
    [
        (("CLOUD", "EMAIL"), ("CLOUD", "EMAIL", "EMAIL"), "CLOUD", 3),
        (("EMAIL",), ("EMAIL", "AI_MODEL", "AI_MODEL"), "EMAIL", 6),
        (("CLOUD", "RELATIONAL_DB"), ("RELATIONAL_DB", "CLOUD", "CLOUD"), "CLOUD", 4),
        (("GIT", "AI_MODEL"), ("AI_MODEL", "GIT", "GIT"), "GIT", 0),
        (("GIT", "EMAIL", "VECTOR_DB"), ("VECTOR_DB", "GIT", "EMAIL"), "GIT", 6),
        # Of a cluster with every category they are those of the contract.
        (SUPPORTED[::-1], ("AI_MODEL", "VECTOR_DB", "EMAIL"), "GIT", 1),
    ],
)
def test_categories_are_such_as_providers_have(
    seen: tuple[str, ...], known: tuple[str, str, str], shortest: str, ordinal: int
) -> None:
    found = words(*seen)
    assert found.known == known
    assert (found.shortest, found.ordinal) == (shortest, ordinal)
    assert found.near_misses == known[:2]


def test_a_category_that_is_not_supported_has_to_do_where_there_is_no_other() -> None:
    found = words("SEARCH_ENGINE", "QUEUE")
    assert (found.seen, found.odd) == ((), ("QUEUE", "SEARCH_ENGINE"))
    assert found.near_misses == ("QUEUE", "AI_MODEL")
    assert found.known == Words(SUPPORTED).known
    assert words("SEARCH_ENGINE", "GIT").near_misses[0] == "GIT"
    # A contract of one category is enough.
    found = Words(("X",), ("X",))
    assert (found.known, found.near_misses, found.ordinal) == (("X", "X", "X"), ("X", "X"), 0)


def test_type_and_name_are_the_shortest_that_are_no_category() -> None:
    found = words("RELATIONAL_DB", "GIT", type="relational_db")
    assert (found.type, found.name) == (TYPE, "p0")
    assert words("GIT", name="git").name == NAME
    assert words("GIT", type="bitbucket").type == "bitbucket"
    assert words("CUSTOM", name="Custom").name == NAME


ODD = ("", " ", "x' OR 1=1", "a; b", "${jndi:x}", "--x", "x -rf", "a\nb", "a/b", "..", "<b>")


@pytest.mark.parametrize("text", [*ODD, "\u00fcber", "\ud800", "x" * 61])
def test_what_others_wrote_is_asked_back_only_where_it_is_plain(text: str) -> None:
    found = words(text, name=text, type=text)
    assert (found.odd, found.name, found.type) == ((), NAME, TYPE)
