"""Test that updating a baseline keeps everything that people wrote."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from support.canned.reports import HOSTILE, LAW, verdicts

from conformance.checks.verdict import Kind, Outcome
from conformance.contract.model import Level
from conformance.core.input_files import BYTE_ORDER_MARK
from conformance.core.text import visible
from conformance.errors import UsageError
from conformance.report.baseline import parse, read
from conformance.report.baseline_update import TO_DO, Update, opened, updated

A, B, C = (Kind(letter * 12, f"way {letter}") for letter in "abc")
FILE = """\
# about the file

# ticket 12
[[known]]
id = "HTTP-01" # inline
# inside
reason = "x"
fingerprints = [
  "aaaaaaaaaaaa", # first
  # note
  "bbbbbbbbbbbb", # second
]
queries = ["category=GIT"]
# after HTTP-01

# above MODEL-01
[[known]]
id = "MODEL-01"
reason = "y"
expires = 2026-01-01

# above AUTH-01
[[known]]
id = "AUTH-01"
reason = '''z
# no comment'''
fingerprints = ["aaaaaaaaaaaa"]
queries = ["category=GIT"]

# the end
"""


def _update(
    text: str,
    *failing: str,
    kinds: tuple[Kind, ...] = (A, B),
    queries: tuple[str, ...] = ("category=GIT",),
    open_: tuple[str, ...] = (),
) -> Update:
    outcomes = dict.fromkeys(failing, Outcome.FAILED)
    outcomes |= dict.fromkeys(open_, Outcome.INCONCLUSIVE)
    judged = [
        replace(verdict, kinds=kinds, queries=queries)
        if verdict.outcome is Outcome.FAILED
        else verdict
        for verdict in verdicts(outcomes)
    ]
    result = updated(parse(text, "b.toml"), judged, LAW, binding={Level.MUST})
    # The written file is readable and up to date.
    again = updated(parse(result.text, "b.toml"), judged, LAW, binding={Level.MUST})
    assert again.summary == ""
    assert again.text == result.text
    return result


def test_an_up_to_date_file_is_not_changed() -> None:
    whole = FILE.replace('fingerprints = ["aaaaaaaaaaaa"]\n', "")
    assert _update(whole, "HTTP-01", "MODEL-01", "AUTH-01").text == whole
    assert _update(whole, open_=("HTTP-01", "MODEL-01", "AUTH-01")).text == whole


@pytest.mark.parametrize("mark", ["", BYTE_ORDER_MARK])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_byte_order_mark_and_line_endings_stay(tmp_path: Path, mark: str, end: str) -> None:
    file = tmp_path / "b.toml"
    file.write_bytes((mark + FILE.replace("\n", end)).encode())
    failing = dict.fromkeys(("HTTP-01", "AUTH-01", "FILTER-01"), Outcome.FAILED)
    judged = [replace(verdict, kinds=(A, C)) for verdict in verdicts(failing)]
    found = updated(read(file), judged, LAW, binding={Level.MUST})
    assert (found.added, found.removed) == (("FILTER-01",), ("MODEL-01",))
    assert found.refreshed == ("HTTP-01", "AUTH-01")
    lines = found.text.split("\n")
    assert lines[0] == f"{mark}# about the file{end}".removesuffix("\n")
    assert all(line.endswith("\r") == (end == "\r\n") for line in lines[:-1])
    entries = parse(found.text, "b.toml").entries
    assert [entry.id for entry in entries] == ["HTTP-01", "AUTH-01", "FILTER-01"]


def test_a_first_baseline() -> None:
    found = _update("", "HTTP-01", "SHAPE-06", "AUTH-01")
    assert found.added == ("HTTP-01", "AUTH-01")
    assert found.summary == "added HTTP-01, AUTH-01."
    assert found.text.startswith("# Known failures")
    assert found.text.endswith("]\n")
    entries = parse(found.text, "b.toml").entries
    assert [entry.reason for entry in entries] == [TO_DO, TO_DO]
    assert entries[0].fingerprints == ("a" * 12, "b" * 12)
    assert '  "aaaaaaaaaaaa", # way a\n' in found.text


def test_queries_are_refreshed_and_added() -> None:
    two = ("category=GIT", "category=EMAIL&activeOnly=true")
    found = _update(FILE, "HTTP-01", "MODEL-01", "AUTH-01", queries=two)
    entries = parse(found.text, "b.toml").entries
    assert [entry.queries for entry in entries] == [two, None, two]
    fewer = _update(found.text, "HTTP-01", "MODEL-01", "AUTH-01", queries=two[1:])
    assert parse(fewer.text, "b.toml").entries[0].queries == two[1:]
    # A file of an earlier version has no queries.
    old = FILE.replace('queries = ["category=GIT"]\n', "")
    renewed = _update(old, "HTTP-01", "MODEL-01", "AUTH-01")
    assert renewed.refreshed == ("HTTP-01", "AUTH-01")
    assert '"bbbbbbbbbbbb", # second\n]\nqueries = [\n  "category=GIT",\n]\n#' in renewed.text
    assert [entry.queries for entry in parse(renewed.text, "b.toml").entries] == [
        two[:1],
        None,
        two[:1],
    ]


def test_fingerprints_are_refreshed_and_comments_kept() -> None:
    found = _update(FILE, "HTTP-01", "MODEL-01", "AUTH-01", kinds=(A, C))
    assert found.refreshed == ("HTTP-01", "AUTH-01")
    assert (
        'fingerprints = [\n  "aaaaaaaaaaaa", # first\n  # note\n  "cccccccccccc", # way c\n]\n'
        in found.text
    )
    # An entry without fingerprints stays without.
    assert parse(found.text, "b.toml").entries[1].fingerprints == ()
    for comment in ("# about the file", "# ticket 12", "# inline", "# inside", "# after HTTP-01"):
        assert comment in found.text
    assert "expires = 2026-01-01" in found.text


@pytest.mark.parametrize(
    ("passing", "gone", "kept"),
    [
        (
            "HTTP-01",
            ("# ticket 12", "# inline", "# inside", "# first"),
            ("# about the file", "# after HTTP-01", "# above MODEL-01", "# the end"),
        ),
        ("MODEL-01", ("# above MODEL-01",), ("# after HTTP-01\n\n# above AUTH-01", "# ticket 12")),
        ("AUTH-01", ("# above AUTH-01", "# no comment"), ("# the end", "expires = 2026-01-01")),
    ],
)
def test_a_stale_entry_goes_with_its_own_comments(
    passing: str, gone: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    others = {"HTTP-01", "MODEL-01", "AUTH-01"} - {passing}
    found = _update(FILE, *others)
    assert found.removed == (passing,)
    assert {entry.id for entry in parse(found.text, "b.toml").entries} == others
    assert not [comment for comment in gone if comment in found.text]
    assert not [comment for comment in kept if comment not in found.text]


def test_all_entries_can_be_replaced() -> None:
    empty = _update(FILE)
    assert empty.removed == ("HTTP-01", "MODEL-01", "AUTH-01")
    assert tomllib.loads(empty.text) == {}
    for comment in ("# about the file", "# after HTTP-01", "# the end"):
        assert comment in empty.text
    filled = _update(empty.text, "FILTER-01")
    assert filled.added == ("FILTER-01",)
    assert filled.text.startswith("# about the file")


def test_an_entry_that_matches_nothing_goes() -> None:
    text = '[[known]]\nid = "HTTP-99"\nreason = "x"\n'
    assert _update(text).removed == ("HTTP-99",)
    assert _update(f"known = []\n{''}", "HTTP-01").added == ("HTTP-01",)


def test_inline_entries_cannot_be_updated() -> None:
    text = 'known = [{id = "HTTP-01", reason = "x"}]\n'
    with pytest.raises(UsageError, match=r"write each entry as a table .* \[\[known\]\]"):
        opened(parse(text, "b.toml"))


def test_texts_of_a_server_stay_in_comments() -> None:
    hostile = Kind("d" * 12, visible(f'{HOSTILE}"]\nid = "x" # ## ' + "y" * 300))
    found = _update("", "HTTP-01", kinds=(hostile,))
    (entry,) = parse(found.text, "b.toml").entries
    assert entry.fingerprints == ("d" * 12,)
    assert max(map(len, found.text.splitlines())) < 160
