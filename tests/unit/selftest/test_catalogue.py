"""Faults and variations are found by name, pattern and requirement."""

from __future__ import annotations

import pytest
from support.canned.reports import LAW

from conformance.cli.catalogue import list_faults, list_variations
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


def test_every_name_matches_one_server() -> None:
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


def test_a_requirement_matches_the_faults_that_break_it() -> None:
    assert names("AUTH-08") == [fault.name for fault in FAULTS if "AUTH-08" in fault.breaks]
    assert names("MODEL") == [fault.name for fault in FAULTS if "MODEL" in fault.families]


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


def test_a_requirement_that_no_fault_breaks() -> None:
    told = refused("AUTH-08", among=VARIATIONS, noun="variation")
    assert told == (
        "no variation is declared to break AUTH-08; see `conductor-conformance list --variations`"
    )


def test_one_fault_or_variation_by_its_name() -> None:
    assert entries.fault("filter-category-ignored").name == "filter-category-ignored"
    assert entries.variation("living-growing").name == "living-growing"
    with pytest.raises(UsageError, match="unknown fault 'living-growing'; "):
        entries.fault("living-growing")
    with pytest.raises(
        UsageError, match="unknown variation 'living-grow'; did you mean living-growing"
    ):
        entries.variation("living-grow")
    with pytest.raises(
        UsageError, match="unknown fault '§'; see `conductor-conformance list --faults`"
    ):
        entries.fault("§")


def test_every_fault_is_listed_with_what_it_breaks() -> None:
    lines = list_faults([], None).splitlines()
    assert max(map(len, lines)) <= WIDTH
    heads = [line.split() for line in lines if line[:2] == "  " and line[2] != " "]
    assert {head[0]: {name.strip(",") for name in head[1:]} for head in heads} == {
        fault.name: set(fault.breaks) for fault in FAULTS
    }
    families = [line.partition(":")[0] for line in lines if line and line[0] != " "]
    assert families == [family for family in LAW.families if family in families]


def test_every_variation_is_listed() -> None:
    text = list_variations([], None)
    words = " ".join(text.split())
    for entry in VARIATIONS:
        assert f"\n  {entry.name}\n" in text
        assert entry.description in words
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize("width", [40, 60, 80])
def test_narrow_listings_keep_names_whole(width: int) -> None:
    for listed, catalogue in (
        (list_faults([], None, width), FAULTS),
        (list_variations([], None, width), VARIATIONS),
    ):
        lines = listed.splitlines()
        whole = {f"  {entry.name}" for entry in catalogue}
        assert {line[:48].rstrip() for line in lines if line[:48].rstrip() in whole} == whole
        assert max(len(line) for line in lines if line not in whole) <= width


def test_some_are_listed_by_name() -> None:
    text = list_faults(["auth-08"], None)
    assert text.startswith("AUTH: Who may see the answer (")
    assert text.count("AUTH-08") == len(names("AUTH-08"))
    with pytest.raises(UsageError, match="no variation is declared to break FILTER"):
        list_variations(["FILTER"], None)
