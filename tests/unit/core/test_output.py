"""Reports are written completely or not at all; bad destinations are found before the run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.core import output
from conformance.errors import UsageError

NO_ROOM = "No space left on device; free up space or choose another path"


def refused(*destinations: str | None) -> str:
    with pytest.raises(UsageError) as caught:
        output.check(destinations)
    return str(caught.value)


def test_places_that_can_be_written_to(tmp_path: Path) -> None:
    existing = tmp_path / "old.json"
    existing.write_text("old")
    output.check([])
    output.check([None, None])
    output.check(["-", None, str(tmp_path / "new.json"), str(existing), os.devnull])
    assert existing.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.json"]


def test_two_reports_in_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    message = "two reports cannot both go to "
    own = "; give each its own file"
    assert refused("-", "-") == f"{message}'-'{own}"
    assert refused("a", None, "a") == f"{message}'a'{own}"
    assert refused("a", "./a") == f"{message}'./a'{own}"
    assert refused("a", str(tmp_path / "a")) == f"{message}{str(tmp_path / 'a')!r}{own}"
    assert refused("a", "link") == f"{message}'link'{own}"


def test_inputs_are_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "read").write_text("kept")
    (tmp_path / "soft").symlink_to("read")
    (tmp_path / "hard").hardlink_to("read")
    for name in ("read", "./read", str(tmp_path / "read"), "soft", "hard"):
        with pytest.raises(UsageError, match=f"cannot write {name}: this command also reads it"):
            output.check(["new", name], ["another", None, Path("read")])
    output.check(["new", None, "-", os.devnull], ["read", os.devnull, "-", "missing", "\0"])


def test_places_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to(tmp_path / "none" / "x")
    make = "does not exist; create it or choose another path"
    for name, reason in {
        "": "it is a folder; name a file in it",
        "none/report": f"the folder {tmp_path / 'none'} {make}",
        "file/report": f"the folder {tmp_path / 'file'} {make}",
        "dangling": f"the folder {tmp_path / 'none'} {make}",
        "x" * 300: "File name too long; choose another name",
    }.items():
        assert refused(str(tmp_path / name)) == f"cannot write {tmp_path / name}: {reason}"
    assert refused("") == "cannot write a file without a name: it is a folder; name a file in it"


@pytest.mark.parametrize("locked", [{"folder"}, {"old"}, set[str]()])
def test_permission_is_checked_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: set[str]
) -> None:
    # Tests may run as root, who may write everywhere.
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path).name not in locked)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "old").write_text("")
    for name in ("new", "old"):
        if locked & {"folder", name}:
            path = folder / name
            assert refused(str(path)) == (
                f"cannot write {path}: permission denied; choose a path that you may write to"
            )
        else:
            output.check([str(folder / name)])


def test_a_report_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("much longer than what comes")
    output.write(str(path), "ünïcode\n")
    assert path.read_bytes() == "ünïcode\n".encode()
    plain = tmp_path / "plain"
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["plain", "report.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "report")
    for text in ("first", "second"):
        output.write(str(tmp_path / "link"), text)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "report").read_text() == text


def test_a_long_name_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 120)
    output.check([str(path)])
    output.write(str(path), "text")
    assert path.read_text() == "text"


def test_a_failure_leaves_the_old_report_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UsageError) as caught:
        output.write(str(path), "new")
    assert str(caught.value) == f"cannot write {path}: {NO_ROOM}"
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.json"]


def test_a_device_is_written_through() -> None:
    with pytest.raises(UsageError, match=f"cannot write /dev/full: {NO_ROOM}"):
        output.write("/dev/full", "text")
    assert Path("/dev/full").is_char_device()
    output.write(os.devnull, "text")


def test_a_pipe_is_refused_since_nobody_may_read_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    for path in (pipe, tmp_path / "link"):
        problem = f"cannot write {path}: it is not a file; write to a file or, with '-', to"
        assert refused(str(path)).startswith(problem)
        # It may have been made since the check.
        with pytest.raises(UsageError, match="it is not a file; write to a file"):
            output.write(str(path), "text")


def test_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    output.write("-", "text")
    assert capsys.readouterr() == ("text", "")
