"""Faults and variations are found by name, pattern and requirement."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.canned.reports import LAW

from conformance.errors import UsageError
from conformance.reference.cataloguing import Entry
from conformance.reference.faults import FAULTS
from conformance.reference.variations import VARIATIONS
from conformance.selftest import catalogue as entries

EVERY = tuple(entries.by_name().values())


def names(*wanted: str) -> list[str]:
    return [entry.name for entry in entries.chosen(wanted, EVERY, LAW, "fault or variation")]


def refused(*wanted: str, among: tuple[Entry, ...] = EVERY, noun: str = "fault") -> str:
    with pytest.raises(UsageError) as caught:
        entries.chosen(wanted, among, LAW, noun)
    return str(caught.value)


def test_every_name_matches_one_server() -> None:
    assert len(EVERY) == len(FAULTS) + len(VARIATIONS)
    assert names() == [entry.name for entry in EVERY]
    for entry in EVERY:
        assert names(entry.name) == [entry.name]


def test_patterns_first_words_and_requirements() -> None:
    assert names("SHAPE-UPDATEDBY-NULL") == ["shape-updatedBy-null"]
    assert names("living-*") == names("living") != []
    assert names("filter-category") == names("filter-category-*")
    both = names("filter-category-ignored") + names("living")
    assert names("*-category-ignored", "living") == both
    assert names("auth-08") == [fault.name for fault in FAULTS if "AUTH-08" in fault.breaks]
    assert names("MODEL") == [fault.name for fault in FAULTS if "MODEL" in fault.families]


@pytest.mark.slow
def test_the_order_is_that_of_the_catalogue() -> None:
    assert names("living", "HTTP", "living-growing") == [
        entry.name for entry in EVERY if entry.name in {*names("living"), *names("HTTP")}
    ]


def test_unknown_names() -> None:
    near = refused("filter-category-ignore")
    assert near.startswith("unknown fault 'filter-category-ignore'; did you mean ")
    assert "filter-category-ignored" in near
    assert refused("FILTR-01").startswith("unknown fault 'FILTR-01'; did you mean ")
    listed = "see `conductor-conformance list --faults`"
    assert refused("zzz*") == f"unknown fault 'zzz*'; {listed}"
    assert refused("", noun="fault or variation") == (
        f"unknown fault or variation ''; {listed} and `conductor-conformance list --variations`"
    )
    # The error is about the first unknown name.
    assert refused("living", "zzz", "yyy") == f"unknown fault 'zzz'; {listed}"
    assert refused("AUTH-08", among=VARIATIONS, noun="variation") == (
        "no variation is declared to break AUTH-08; see `conductor-conformance list --variations`"
    )


@pytest.mark.parametrize(
    ("find", "name", "problem"),
    [
        (entries.fault, "living-growing", "unknown fault 'living-growing'; "),
        (entries.fault, "§", "unknown fault '§'; see `conductor-conformance list --faults`"),
        (entries.variation, "living-grow", "variation 'living-grow'; did you mean living-growing"),
    ],
)
def test_one_fault_or_variation_by_its_name(
    find: Callable[[str], Entry], name: str, problem: str
) -> None:
    assert entries.fault("filter-category-ignored").name == "filter-category-ignored"
    assert entries.variation("living-growing").name == "living-growing"
    with pytest.raises(UsageError, match=problem):
        find(name)
