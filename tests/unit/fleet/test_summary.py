"""The result of a fleet: what failed alike, what changed, and its JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.canned.fleets import entry, failing, fleet, mixed, undecided, untested
from support.canned.hostile_reports import TEXTS, hostile

from conformance.checks.verdict import Outcome
from conformance.core.own_json import check
from conformance.errors import UsageError
from conformance.fleet.summary import SCHEMA_VERSION, Entry, Fleet, State, read
from conformance.report.render.json import render


def test_targets_with_one_cause_are_one_group() -> None:
    groups = mixed().groups()
    assert [(str(group.state), group.targets) for group in groups] == [
        ("non-conformant", ("eu-2", "eu-3", "us-1")),
        ("non-conformant", ("us-2",)),
        ("error", ("down-1", "down-2")),
    ]
    assert groups[2].reason == "… refused after N tries"
    assert [one.requirement for one in groups[0].failures] == ["FILTER-01", "FILTER-04"]
    # The same in another fleet, but for another way to fail.
    again = fleet(entry("x", failing("FILTER-01", "FILTER-04"))).groups()
    assert again[0].id == groups[0].id
    other = fleet(entry("x", failing("FILTER-01", "FILTER-04", way="ffffffffffff"))).groups()
    assert other[0].id != groups[0].id


def test_the_reason_of_a_group_is_as_exact_as_its_targets_permit() -> None:
    slow = [
        entry(name, untested(f"https://{name}.example.com/api took longer than {seconds} s"))
        for name, seconds in (("down-1", 5), ("down-2", 5), ("down-3", 9))
    ]
    groups = [fleet(*slow[:number]).groups() for number in (1, 2, 3)]
    assert [group.reason for (group,) in groups] == [
        "https://down-1.example.com/api took longer than 5 s",
        "… took longer than 5 s",
        "… took longer than N s",
    ]
    assert len({group.id for (group,) in groups}) == 1


def test_a_should_does_not_split_what_a_must_joins() -> None:
    with_should = entry("b", failing("FILTER-01", "SECRET-01"))
    (group,) = fleet(entry("a", failing("FILTER-01")), with_should).groups()
    assert group.targets == ("a", "b")
    # Where it is all that fails, it is a group of conformant targets.
    (only,) = fleet(entry("c", failing("SECRET-01"))).groups()
    assert (only.state, only.targets) == (State.CONFORMANT, ("c",))


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (fleet(), 0),
        (fleet(entry("a"), entry("b", undecided("STABLE-01"))), 0),
        (fleet(entry("a"), entry("b", failing("HTTP-01"))), 1),
        (fleet(entry("a", failing("HTTP-01")), entry("b", untested("down"))), 3),
        (fleet(entry("a"), not_asked=("b",)), 130),
    ],
)
def test_the_exit_code_is_the_worst(result: Fleet, code: int) -> None:
    assert result.exit_code == code


def test_counts() -> None:
    result = mixed()
    assert result.counts() == {
        State.CONFORMANT: 1,
        State.UNDECIDED: 1,
        State.NON_CONFORMANT: 4,
        State.ERROR: 2,
    }
    assert result.exit_codes() == {0: 2, 1: 4, 3: 2}
    assert result.requirements(Outcome.FAILED) == {"FILTER-04": 4, "FILTER-01": 3}
    assert result.requirements(Outcome.INCONCLUSIVE) == {"STABLE-01": 1, "STABLE-02": 1}


def test_the_difference_to_an_earlier_fleet() -> None:
    before = fleet(
        entry("a"),
        entry("b", failing("FILTER-01", "FILTER-02")),
        entry("c"),
        entry("d", failing("FILTER-01")),
        entry("gone"),
        entry("left"),
    )
    now = fleet(
        entry("a", failing("FILTER-01")),
        entry("b", failing("FILTER-02", "FILTER-03")),
        entry("c", untested("down")),
        entry("d", undecided("FILTER-01")),
        entry("new"),
        not_asked=("left",),
    )
    difference = now.since(before, "yesterday").difference
    assert difference is not None
    assert difference.as_dict() == {
        "earlier": "yesterday",
        "newlyFailing": {"a": ["FILTER-01"], "b": ["FILTER-03"]},
        # What could not be decided did not pass.
        "newlyPassing": {"b": ["FILTER-01"]},
        "newlyUntested": ["c"],
        "gone": ["gone"],
        "new": ["new"],
    }
    same = now.since(now, "itself").difference
    assert not same


@pytest.mark.parametrize("text", TEXTS)
def test_the_json_fits_its_schema_and_can_be_read(tmp_path: Path, text: str) -> None:
    result = mixed()
    strange = entry("strange", hostile(text, more=2))
    result = replace(result, entries=(*result.entries, replace(strange, state=State.ERROR)))
    path = tmp_path / "fleet.json"
    path.write_text(render(result), "utf-8")
    document = json.loads(path.read_text("utf-8"))
    check(document, "fleet.schema.json")
    assert document["schemaVersion"] == SCHEMA_VERSION
    assert read(tmp_path).entries == result.entries
    with_difference = result.since(mixed(), "before")
    check(json.loads(render(with_difference)), "fleet.schema.json")


def test_an_entry_can_be_read_back() -> None:
    for one in mixed().entries:
        assert Entry.parse(json.loads(json.dumps(one.as_dict()))) == one


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fleet.json").write_text("{}")
    with pytest.raises(UsageError, match="is not a result of a fleet"):
        read(tmp_path)
    with pytest.raises(UsageError, match="there is no result of a fleet"):
        read(tmp_path / "none.json")
