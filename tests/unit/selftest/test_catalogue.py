"""Faults and variations are found by what people call them."""

from __future__ import annotations

import pytest
from support.canned.reports import LAW

from conformance.cli import entry_listing
from conformance.core.text import WIDTH
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


def test_no_two_servers_have_one_name() -> None:
    assert len(EVERY) == len(FAULTS) + len(VARIATIONS)
    assert names() == [entry.name for entry in EVERY]


def test_every_name_stands_for_that_server_alone() -> None:
    for entry in EVERY:
        assert names(entry.name) == [entry.name]


def test_letter_case_does_not_matter() -> None:
    assert names("SHAPE-UPDATEDBY-NULL") == ["shape-updatedBy-null"]
    assert names("filter-03") == names("FILTER-03")


def test_patterns_and_first_words() -> None:
    assert names("living-*") == names("living")
    assert names("living")
    assert names("filter-category") == names("filter-category-*")
    assert names("*-category-ignored", "living") == [
        *names("filter-category-ignored"),
        *names("living"),
    ]


def test_a_requirement_stands_for_the_faults_that_break_it() -> None:
    assert names("AUTH-08") == [fault.name for fault in FAULTS if "AUTH-08" in fault.breaks]
    assert names("MODEL") == [fault.name for fault in FAULTS if "MODEL" in fault.families]


def test_the_order_is_that_of_the_catalogue() -> None:
    assert names("living", "HTTP", "living-growing") == [
        entry.name for entry in EVERY if entry.name in {*names("living"), *names("HTTP")}
    ]


def test_names_that_stand_for_nothing() -> None:
    near = refused("filter-category-ignore")
    assert near.startswith("no fault is called 'filter-category-ignore'; did you mean ")
    assert "filter-category-ignored" in near
    assert refused("FILTR-01").startswith("no fault is called 'FILTR-01'; did you mean ")
    listed = "see `conductor-conformance list --faults`"
    assert refused("zzz*") == f"no fault is called 'zzz*'; {listed}"
    assert refused("", noun="fault or variation") == (
        f"no fault or variation is called ''; {listed} and "
        "`conductor-conformance list --variations`"
    )
    # The first of several that is wrong is the one that is told.
    assert refused("living", "zzz", "yyy") == f"no fault is called 'zzz'; {listed}"


def test_a_requirement_that_no_fault_breaks() -> None:
    told = refused("AUTH-08", among=VARIATIONS, noun="variation")
    assert told == (
        "no variation is declared to break AUTH-08; see `conductor-conformance list --variations`"
    )


def test_one_fault_or_variation_by_its_name() -> None:
    assert entries.fault("filter-category-ignored").name == "filter-category-ignored"
    assert entries.variation("living-growing").name == "living-growing"
    with pytest.raises(UsageError, match="there is no fault 'living-growing'; "):
        entries.fault("living-growing")
    with pytest.raises(UsageError, match="no variation 'living-grow'; did you mean living-growing"):
        entries.variation("living-grow")
    with pytest.raises(UsageError, match="no fault '§'; see `conductor-conformance list --faults`"):
        entries.fault("§")


def test_every_fault_is_listed_with_what_it_breaks() -> None:
    lines = entry_listing.faults([], None).splitlines()
    assert max(map(len, lines)) <= WIDTH
    heads = [line.split() for line in lines if line[:2] == "  " and line[2] != " "]
    assert {head[0]: {name.strip(",") for name in head[1:]} for head in heads} == {
        fault.name: set(fault.breaks) for fault in FAULTS
    }
    families = [line.partition(":")[0] for line in lines if line and line[0] != " "]
    assert families == [family for family in LAW.families if family in families]


def test_every_variation_is_listed() -> None:
    text = entry_listing.variations([], None)
    words = " ".join(text.split())
    for entry in VARIATIONS:
        assert f"\n  {entry.name}\n" in text
        assert entry.description in words
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize("width", [40, 60, 80])
def test_narrow_listings_keep_names_whole(width: int) -> None:
    for listed, catalogue in (
        (entry_listing.faults([], None, width), FAULTS),
        (entry_listing.variations([], None, width), VARIATIONS),
    ):
        lines = listed.splitlines()
        whole = {f"  {entry.name}" for entry in catalogue}
        assert {line[:48].rstrip() for line in lines if line[:48].rstrip() in whole} == whole
        assert max(len(line) for line in lines if line not in whole) <= width


def test_some_are_listed_by_name() -> None:
    text = entry_listing.faults(["auth-08"], None)
    assert text.startswith("AUTH: Who may see the answer (")
    assert text.count("AUTH-08") == len(names("AUTH-08"))
    with pytest.raises(UsageError, match="no variation is declared to break FILTER"):
        entry_listing.variations(["FILTER"], None)
