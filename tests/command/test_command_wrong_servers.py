"""`serve --fault`, `serve --variation`, and how they are listed."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.processes.command import arguments, environment, run

from conformance.reference.faults import FAULTS
from conformance.reference.variations import VARIATIONS


@contextmanager
def serving(*words: str, cwd: Path) -> Iterator[str]:
    """Yield what is told by a server that runs meanwhile."""
    process = subprocess.Popen(
        arguments("serve", "--port", "0", *words),
        cwd=cwd,
        env=environment({"PYTHONUNBUFFERED": "1"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = ""
        for line in process.stdout:
            told += line
            if line.startswith("With these variables"):
                break
        yield told
    finally:
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert not rest + errors


def variables(told: str) -> dict[str, str]:
    return {
        name: value.strip("'") for name, value in re.findall(r"(CONDUCTOR_\w+)=('.*'|\S+)", told)
    }


def test_a_fault_is_served_and_found(tmp_path: Path) -> None:
    with serving("--fault", "filter-category-ignored", cwd=tmp_path) as told:
        assert "It has the fault filter-category-ignored: The parameter category is " in told
        assert "It breaks at least FILTER-01, FILTER-03.\n" in told
        assert set(variables(told)) == {"CONDUCTOR_SERVER_URL", "CONDUCTOR_AUTH_TOKEN"}
        words = ("run", "--profile", "quick", "--only", "FILTER")
        judged = run(*words, cwd=tmp_path, env=variables(told))
    assert judged.code == 1
    assert "FILTER-01 failed" in judged.out


@pytest.mark.parametrize(
    ("name", "given"),
    [
        # Something stands before it.
        ("answer-http-1-0", {"CONDUCTOR_SERVER_URL", "CONDUCTOR_AUTH_TOKEN"}),
        # The URL that is given is not where the API is.
        ("answer-at-prefix-without-api", {"CONDUCTOR_SERVER_URL", "CONDUCTOR_AUTH_TOKEN"}),
        # The token has a blank in it.
        ("caller-token-with-scheme", {"CONDUCTOR_SERVER_URL", "CONDUCTOR_AUTH_TOKEN"}),
        (
            "caller-tokens-expire",
            {"CONDUCTOR_SERVER_URL", "CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET"},
        ),
        ("caller-open-to-all", {"CONDUCTOR_SERVER_URL"}),
    ],
)
def test_a_variation_is_served_as_its_callers_are_to_meet_it(
    name: str, given: set[str], tmp_path: Path
) -> None:
    with serving("--variation", name, cwd=tmp_path) as told:
        assert f"It has the variation {name}: " in told
        assert "It breaks nothing" in told
        assert set(variables(told)) == given
        assert f"runs at {variables(told)['CONDUCTOR_SERVER_URL']} until" in told
        words = ("run", "--profile", "quick", "--only", "HTTP,AUTH")
        judged = run(*words, cwd=tmp_path, env=variables(told))
    assert judged.code == 0, judged.out
    if name == "answer-at-prefix-without-api":
        assert "/team/conductor until" in told
    if name == "caller-open-to-all":
        assert "It needs no credential:" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--fault", "filter-category-ignore"], "did you mean filter-category-ignored"),
        (["--fault", "living-growing"], "unknown fault 'living-growing'"),
        (["--variation", "living-growin"], "did you mean living-growing"),
        (["--fault", "a", "--variation", "b"], "--fault and --variation exclude each other"),
    ],
)
def test_serve_refuses_what_it_does_not_know(words: list[str], told: str, tmp_path: Path) -> None:
    result = run("serve", "--port", "0", *words, cwd=tmp_path)
    assert result.code == 2
    assert told.lower() in result.complaint().lower()


def test_faults_and_variations_are_listed(tmp_path: Path) -> None:
    faults = run("list", "--faults", cwd=tmp_path)
    variations = run("list", "--variations", cwd=tmp_path)
    assert faults.code == variations.code == 0
    for result, entries in ((faults, FAULTS), (variations, VARIATIONS)):
        for entry in entries:
            assert f"\n  {entry.name}" in result.out


def test_some_of_them_are_listed(tmp_path: Path) -> None:
    out = run("list", "--faults", "AUTH-08", "http-cut-short", cwd=tmp_path).out
    assert "  http-cut-short " in out
    assert "  refusal-token-in-the-body " in out
    assert "filter-" not in out
    assert "  living-growing\n" in run("list", "living", "--variations", cwd=tmp_path).out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--faults", "--variations"], "--faults and --variations exclude each other"),
        (["--faults", "filter-category-ignore"], "did you mean filter-category-ignored"),
        (["--variations", "AUTH-08"], "no variation is declared to break AUTH-08"),
        (["filter-category-ignored"], "the contract has no requirement"),
    ],
)
def test_list_refuses_what_it_does_not_know(words: list[str], told: str, tmp_path: Path) -> None:
    result = run("list", *words, cwd=tmp_path)
    assert result.code == 2
    assert told.lower() in result.complaint().lower()


@pytest.mark.parametrize("words", [["list"], ["self-test", "--help"], ["serve", "--help"]])
def test_the_catalogues_are_read_only_where_they_are_needed(
    words: list[str], tmp_path: Path
) -> None:
    script = (
        "import sys; from conformance.cli.main import cli; "
        f"cli.main({words!r}, standalone_mode=False); "
        "heavy = ('conformance.reference', 'conformance.selftest', 'jinja2', 'rich', 'starlette');"
        "sys.stderr.write(' '.join(name for name in sys.modules if name.startswith(heavy)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
