"""`conductor-conformance publish`: equal sites, and earlier ones that are kept as they are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.pages.published import cached, indexed, on_disk, proven, written
from support.processes.command import run, started

from conformance.publishing import editions, site_folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which the renderer is there already."""
    return dict(cached(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, cache: dict[str, str]) -> Path:
    """Publish a site with the fault matrix."""
    folder = tmp_path_factory.mktemp("first")
    file = written(folder, proven())
    zone = {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"}
    result = started("publish", "site", "--self-test", str(file), cwd=folder, env={**cache, **zone})
    assert result.code == 0, result.err
    last = editions.latest(editions.read()).version
    assert f"{last} (latest)" in result.out
    assert f"Open {folder / 'site' / 'index.html'}" in result.out
    assert result.err == ""
    return folder / "site"


@pytest.mark.slow
def test_building_it_again_elsewhere_gives_the_same_bytes(
    site: Path, cache: dict[str, str], tmp_path: Path
) -> None:
    zone = {"PYTHONHASHSEED": "4242", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8"}
    words = ("--self-test", str(site.parent / "self-test.json"))
    # Over what an earlier site had and this one has not.
    before = dict.fromkeys(["index.html", "gone.html"], b"before")
    site_folder.put(site_folder.prepare(str(tmp_path / "a/b/other")), indexed(before))
    result = started("publish", "a/b/other", *words, cwd=tmp_path, env={**cache, **zone})
    assert result.code == 0, result.err
    assert on_disk(tmp_path / "a/b/other") == on_disk(site)


@pytest.mark.slow
def test_a_released_version_stays_what_it_is(
    site: Path, cache: dict[str, str], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(site, tmp_path / "site"))
    index = json.loads((folder / "versions.json").read_text())
    index["versions"][0]["sha256"] = "0" * 64
    (folder / "versions.json").write_text(json.dumps(index))
    before = on_disk(folder)
    result = run("publish", "site", cwd=tmp_path, env=cache)
    assert result.code == 2
    assert "has version 0.1.0 of the contract with another text" in result.complaint()
    assert on_disk(folder) == before


@pytest.mark.slow
def test_a_self_test_by_another_contract_is_refused(
    site: Path, cache: dict[str, str], tmp_path: Path
) -> None:
    result = json.loads((site.parent / "self-test.json").read_text())
    result["contract"]["sha256"] = "0" * 64
    (tmp_path / "other.json").write_text(json.dumps(result))
    done = run("publish", "site", "--self-test", "other.json", cwd=tmp_path, env=cache)
    assert done.code == 2
    assert "was made by another contract" in done.complaint()
    assert not (tmp_path / "site").exists()
