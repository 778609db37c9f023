"""The folder of a fleet: nothing that was finished is lost, nothing fresh is asked again."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.canned.fleets import entry, failing, order, untested

from conformance.errors import UsageError
from conformance.fleet.folder import JOURNAL, Folder
from conformance.fleet.order import Order, Result
from conformance.report.report import Report

ORDERS = tuple(order(name) for name in "abc")


def result(one: Order, report: Report | None = None, **members: str) -> Result:
    made = entry(one.name, report, url=one.url, digest=one.digest)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    texts = {"json": f"the report of {one.name}"}
    return Result(replace(made, **({"started": now} | members)), texts)  # type: ignore[arg-type]


def fresh(folder: Path, orders: tuple[Order, ...] = ORDERS, hours: float = 1) -> list[str]:
    with Folder(folder, seed=1, resume=True) as kept:
        return list(kept.fresh(orders, hours))


def test_reports_are_kept_for_later(tmp_path: Path) -> None:
    path = tmp_path / "new" / "fleet"
    with Folder(path, seed=7, resume=False) as kept:
        kept.keep(result(ORDERS[0]))
        # At once, whatever happens next.
        assert (path / "targets" / "a.json").read_text() == "the report of a"
        assert (path / JOURNAL).read_text().count("\n") == 2
        kept.keep(result(ORDERS[1], failing("HTTP-01")))
    assert fresh(path) == ["a", "b"]
    with Folder(path, seed=8, resume=True) as again:
        assert again.seed == 7
        assert again.fresh(ORDERS, 1)["b"].failures[0].requirement == "HTTP-01"


def test_what_is_asked_again(tmp_path: Path) -> None:
    with Folder(tmp_path, seed=7, resume=False) as kept:
        kept.keep(result(ORDERS[0], started="2026-01-01T00:00:00Z"))
        kept.keep(result(ORDERS[1], untested("down")))
        kept.keep(result(ORDERS[2]))
    assert fresh(tmp_path) == ["c"]
    for hours in (1e6, 1e300, float("inf")):
        assert fresh(tmp_path, hours=hours) == ["a", "c"]
    # Other labels ask for the same; another URL, option or format does not.
    other = replace(ORDERS[2], labels={"region": "eu"})
    assert fresh(tmp_path, (other,)) == ["c"]
    for other in (
        replace(ORDERS[2], url="https://x"),
        replace(ORDERS[2], formats=("json", "html")),
        replace(ORDERS[2], variables=(("A", "B"),)),
        replace(ORDERS[2], values={**ORDERS[2].values, "profile": "standard"}),
    ):
        assert fresh(tmp_path, (other,)) == []
    (tmp_path / "targets" / "c.json").unlink()
    assert fresh(tmp_path) == []


def test_the_last_result_is_valid(tmp_path: Path) -> None:
    with Folder(tmp_path, seed=7, resume=False) as kept:
        kept.keep(result(ORDERS[0], untested("down")))
        kept.keep(result(ORDERS[0]))
    assert fresh(tmp_path) == ["a"]


@pytest.mark.parametrize("cut", [1, 40, -1])
def test_a_line_that_a_crash_cut_is_dropped(tmp_path: Path, cut: int) -> None:
    with Folder(tmp_path, seed=7, resume=False) as kept:
        kept.keep(result(ORDERS[0]))
        before = (tmp_path / JOURNAL).stat().st_size
        kept.keep(result(ORDERS[1]))
    whole = (tmp_path / JOURNAL).read_bytes()
    (tmp_path / JOURNAL).write_bytes(whole[: before + cut] if cut > 0 else whole[:cut])
    assert fresh(tmp_path) == ["a"]
    with Folder(tmp_path, seed=7, resume=True) as kept:
        kept.keep(result(ORDERS[2]))
    assert fresh(tmp_path) == ["a", "c"]


def test_a_crash_before_the_first_line(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_text('{"se')
    assert fresh(tmp_path) == []
    assert fresh(tmp_path) == []


def test_an_earlier_fleet_is_not_overwritten(tmp_path: Path) -> None:
    with Folder(tmp_path, seed=7, resume=False) as kept:
        kept.keep(result(ORDERS[0]))
    with pytest.raises(UsageError, match="has an earlier fleet; continue it with --resume"):
        Folder(tmp_path, seed=7, resume=False)


def test_a_folder_without_a_result_is_not_an_earlier_fleet(tmp_path: Path) -> None:
    # As it is left if the scheduler could not be reached.
    with Folder(tmp_path, seed=7, resume=False):
        pass
    with Folder(tmp_path, seed=8, resume=False) as kept:
        assert kept.seed == 7


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks")
@pytest.mark.parametrize("resume", [True, False])
def test_two_commands_do_not_share_a_folder(tmp_path: Path, resume: bool) -> None:
    with Folder(tmp_path, seed=7, resume=False) as kept:
        kept.keep(result(ORDERS[0]))
        before = (tmp_path / JOURNAL).read_bytes()
        with pytest.raises(UsageError, match="another command is writing to the folder"):
            Folder(tmp_path, seed=8, resume=resume)
        assert (tmp_path / JOURNAL).read_bytes() == before
    assert fresh(tmp_path) == ["a"]


@pytest.mark.parametrize("text", [b'{"seed": 1}\n{"x": 2}\n', b"\xff\n"])
def test_a_journal_of_something_else(tmp_path: Path, text: bytes) -> None:
    (tmp_path / JOURNAL).write_bytes(text)
    with pytest.raises(UsageError, match="cannot be read; name another folder"):
        Folder(tmp_path, seed=7, resume=True)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot write to the folder .*: Not a directory"):
        Folder(tmp_path / "file" / "fleet", seed=7, resume=False)
