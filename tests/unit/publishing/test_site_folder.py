"""Test that a site is written completely or not at all, and only over an earlier site."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from support.pages.published import indexed, on_disk

from conformance.cli import publish as job
from conformance.errors import UsageError
from conformance.publishing import editions, site_folder


def tree(**files: str) -> Mapping[str, bytes]:
    """Return a small site."""
    named = {name.replace("_", "/"): text.encode() for name, text in files.items()}
    return indexed(named, sha256="0" * 64, more=1)


def publish(given: Path, whole: Mapping[str, bytes]) -> None:
    """Write a site to a folder."""
    site_folder.put(site_folder.prepare(str(given)), whole)


def refused(given: Path) -> str:
    """Return the error message for a folder that may not be used."""
    with pytest.raises(UsageError) as caught:
        site_folder.prepare(str(given))
    return str(caught.value)


@pytest.mark.parametrize("name", ["new", "a/deep/one", "empty", "linked"])
def test_a_folder_that_is_free(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "linked").symlink_to("elsewhere")
    publish(tmp_path / name, tree(index="first", a_b="deep"))
    assert on_disk(tmp_path / name) == tree(index="first", a_b="deep")
    assert (tmp_path / "linked").is_symlink()


def test_a_site_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish(folder, tree(index="first", a_b="deep"))
    folder.chmod(0o750)
    place = site_folder.prepare(str(folder))
    assert place.versions == ({"version": "0.1.0", "sha256": "0" * 64, "released": True},)
    site_folder.put(place, tree(index="second"))
    assert on_disk(folder) == tree(index="second")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_files_may_be_read_by_whom_the_mask_lets(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        publish(tmp_path / "site", tree(index="first"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "site").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "site" / "index").stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.txt", "mine", "contains notes.txt, not written by this command"),
        (".git/HEAD", "ref", "contains .git/HEAD, not written by this command"),
        ("away", None, "contains away, not written by this command"),
        (site_folder.INDEX, "[", "is not empty and was not written by this command"),
        (
            *(site_folder.INDEX, '{"publisher": "someone", "versions": []}'),
            "is not empty and was not written by this command",
        ),
    ],
)
def test_what_is_not_ours_is_not_touched(
    tmp_path: Path, name: str, content: str | None, said: str
) -> None:
    folder = tmp_path / "site"
    publish(folder, tree(index="first"))
    (folder / name).parent.mkdir(exist_ok=True)
    if content is None:
        (folder / name).symlink_to("/")
    else:
        (folder / name).write_text(content)
    before = {str(path) for path in tmp_path.rglob("*")}
    assert said in refused(folder)
    assert {str(path) for path in tmp_path.rglob("*")} == before


def test_places_that_cannot_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "here" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here" / "below")
    assert "it is a file" in refused(tmp_path / "file")
    assert "/file is a file; use another" in refused(tmp_path / "file" / "deep" / "site")
    for above in (Path(), Path(".."), tmp_path, Path("/")):
        assert "it is or contains the current folder" in refused(above)
    assert "cannot publish into" in refused(Path("a\0b"))
    assert (tmp_path / "file").read_text() == "mine"


class Trouble(BaseException):
    """An exception that may be raised at any time, such as an interruption."""


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(4))
@pytest.mark.parametrize("error", [Trouble(), OSError(28, "No space left on device")])
def test_nothing_is_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int, error: BaseException
) -> None:
    folder = tmp_path / "site"
    publish(folder, tree(index="first"))
    place = site_folder.prepare(str(folder))
    calls = []

    def failing(name: str) -> Callable[..., object]:
        real = getattr(Path, name)

        def call(*arguments: object) -> object:
            calls.append(name)
            if len(calls) == moment + 1:
                # An interruption may also follow a finished step.
                if name == "rename" and isinstance(error, Trouble):
                    real(*arguments)
                raise error
            return real(*arguments)

        return call

    for name in ("write_bytes", "rename"):
        monkeypatch.setattr(Path, name, failing(name))
    with pytest.raises(UsageError if isinstance(error, OSError) else Trouble):
        site_folder.put(place, tree())
    monkeypatch.undo()
    # The last rename moves the new site to its folder.
    new = moment == 3 and isinstance(error, Trouble)
    assert on_disk(folder) == (tree() if new else tree(index="first"))
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def held(**members: object) -> site_folder.Place:
    """Return a place with one version."""
    entry = {"version": "0.1.0", "sha256": editions.read()[0].sha256, "released": True}
    return site_folder.Place("site", Path("site"), ({**entry, **members},))


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"version": "99.0.0"}, "which this installation does not know"),
        ({"sha256": "0" * 64}, "with another text"),
    ],
)
def test_released_versions_stay_what_and_where_they_are(
    members: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=f"site has version .* of the contract,? {said}"):
        job.check(held(**members), editions.read())


@pytest.mark.parametrize(
    "members",
    [{}, {"version": "99.0.0", "released": False}, {"sha256": "0" * 64, "released": False}],
)
def test_released_versions_may_be_published_again_and_drafts_may_go(
    members: dict[str, object],
) -> None:
    job.check(held(**members), editions.read())
