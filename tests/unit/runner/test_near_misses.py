"""Values near the supported categories: none is one, and each would show some loose comparison."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.exchanges import exchange, provider
from support.canned.verdicts import LAW

from conformance.runner.cluster import Words
from conformance.runner.unusual_queries import near_miss_categories

SUPPORTED = LAW.filter("category").supported
WORDS = st.lists(
    st.text("ABEIXZ_", min_size=2, max_size=12).map(lambda text: f"{text}X"),
    min_size=1,
    max_size=8,
    unique=True,
).flatmap(
    lambda supported: st.lists(st.sampled_from(supported), unique=True).map(
        lambda seen: Words(tuple(supported), tuple(one for one in supported if one in seen))
    )
)


@given(WORDS)
def test_none_is_a_category(words: Words) -> None:
    values = near_miss_categories(words)
    assert len(set(values)) == len(values)
    assert all(values)
    # Another letter case, or blanks around it, would be another matter.
    assert not {value.strip().casefold() for value in values} & {
        value.strip().casefold() for value in words.supported
    }


def test_without_an_answer_they_are_near_the_first_ones() -> None:
    values = set(near_miss_categories(Words.of(LAW)))
    first, second = SUPPORTED[:2]
    assert {"*", "%", ".*", "ALL", "null", "None", "0", "1", "AI", "MODEL", "AI%"} <= values
    assert {f"{first}S", f"X{first}", f"{first},{second}", f"{first}|{second}"} <= values
    assert {"AI-MODEL", "G\u00cdT", '"GIT"', "AI_MODEL&x=1", "%41I_MODEL"} <= values
    assert {"constructor", "openai", "openAI"} <= values
    assert any(re.fullmatch(r".*' OR '1'='1", value) for value in values)
    # A wildcard of one character, in SQL and in regular expressions.
    shortest = min(SUPPORTED, key=len)
    for wildcard in "_.":
        pattern = f"{shortest[0]}{wildcard}{shortest[2:]}"
        assert pattern in values
        assert re.fullmatch(pattern.replace("_", "."), shortest)


LOOSE: dict[str, Callable[[str, str], object]] = {
    "prefix": lambda wanted, have: have.startswith(wanted),
    "suffix": lambda wanted, have: have.endswith(wanted),
    "contained": lambda wanted, have: have in wanted,
    "list": lambda wanted, have: have in wanted.split(","),
    "alternatives": lambda wanted, have: have in wanted.split("|"),
    "semicolons": lambda wanted, have: have in wanted.split(";"),
    "underscore": lambda wanted, have: re.fullmatch(re.escape(wanted).replace("_", "."), have),
    "percent": lambda wanted, have: (
        wanted != "%" and re.fullmatch(re.escape(wanted).replace("%", ".*"), have)
    ),
    "number": lambda wanted, have: wanted.isdecimal() and SUPPORTED[int(wanted)] == have,
    "quotes": lambda wanted, have: wanted.strip('"') == have,
    "accents": lambda wanted, have: (
        unicodedata.normalize("NFD", wanted).replace("\u0301", "") == have
    ),
    "twice decoded": lambda wanted, have: unquote(wanted) == have,
    "first of the query": lambda wanted, have: wanted.split("&")[0] == have,
}
CLUSTERS = [
    ("MESSAGE_BROKER", "CLOUD", "RELATIONAL_DB", "EMAIL"),
    ("CLOUD", "EMAIL"),
    ("EMAIL",),
    ("VECTOR_DB", "GIT"),
    SUPPORTED,
]


@pytest.mark.parametrize("categories", CLUSTERS, ids=",".join)
def test_some_value_shows_a_loose_comparison(categories: tuple[str, ...]) -> None:
    providers = [provider(f"p {name}", category=name) for name in categories]
    values = near_miss_categories(Words.of(LAW, exchange(providers, "activeOnly=false")))
    for name, loose in LOOSE.items():
        assert any(loose(value, have) for value in values for have in categories), name
    # Punctuation is changed where there is any.
    dashed = {value.replace("-", "_") for value in values if "-" in value} & set(categories)
    assert bool(dashed) == any("_" in name for name in categories)


def test_what_other_members_hold_is_no_category() -> None:
    read = exchange([provider("billing", type="kafka", category="CLOUD")], "activeOnly=false")
    assert {"billing", "kafka"} <= set(near_miss_categories(Words.of(LAW, read)))
