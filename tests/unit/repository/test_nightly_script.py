"""The script of docs/fleet.md for every night: one bad night does not spoil the next ones."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "fleet.md"
STUBS = {
    "date": "echo $TODAY",
    # The exit code of this night; results are written unless it is that of a usage error.
    "conductor-conformance": """\
echo "$@" > words
[ "$CODE" -eq 2 ] && exit 2
mkdir -p "$4"; echo "$TODAY $CODE" > "$4/fleet.prom"
exit "$CODE"
""",
}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    found = re.search(r"^```sh\n(#!/bin/sh\n.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert found
    text = found[1]
    for place in ("/srv/conformance", "/run/secrets", "/var/lib/node_exporter/textfile"):
        assert place in text
        text = text.replace(place, str(tmp_path))
    (tmp_path / "conductor").write_text("token")
    for name, body in {"nightly": text, **STUBS}.items():
        path = tmp_path / name
        path.write_text(body if body.startswith("#!") else f"#!/bin/sh\n{body}")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return tmp_path / "nightly"


def night(script: Path, today: str, code: int) -> str:
    """Run the script; return the words after the folder."""
    path = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PATH": path, "TODAY": today, "CODE": str(code)}
    done = subprocess.run([script], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, "")
    words = (script.parent / "words").read_text().strip()
    start = f"fleet clusters.toml --folder {today} --resume --also html"
    assert words.startswith(start)
    return words.removeprefix(start).strip()


def test_each_night_is_compared_with_the_last_one_that_has_a_result(script: Path) -> None:
    metrics = script.parent / "conformance.prom"
    assert night(script, "2026-11-01", 2) == ""
    assert not metrics.exists()
    assert night(script, "2026-11-02", 3) == ""
    assert night(script, "2026-11-03", 130) == "--since 2026-11-02"
    assert metrics.read_text() == "2026-11-02 3\n"
    assert night(script, "2026-11-03", 1) == "--since 2026-11-02"
    assert night(script, "2026-11-03", 0) == "--since 2026-11-02"
    assert night(script, "2026-11-04", 0) == "--since 2026-11-03"
    assert metrics.read_text() == "2026-11-04 0\n"
