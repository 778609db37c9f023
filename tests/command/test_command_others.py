"""list, explain, help, what is imported, and how output looks on a terminal."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.processes.command import arguments, environment, on_terminal, run

from conformance import __version__

QUICK = ("demo", "--profile", "quick", "--only", "FILTER")
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")


def test_version_and_help(tmp_path: Path) -> None:
    assert __version__ in run("--version", cwd=tmp_path).out
    result = run("--help", cwd=tmp_path)
    for command in ("run", "list", "explain", "serve"):
        assert re.search(rf"^  {command} ", result.out, re.MULTILINE)
    assert "3 the target could not be tested" in result.words


def test_several_requirements_may_be_joined_by_commas(tmp_path: Path) -> None:
    for command in ("explain", "list"):
        joined = run(command, "HTTP-02,auth-01", "MODEL", cwd=tmp_path)
        assert joined.code == 0
        assert joined.out == run(command, "HTTP-02", "AUTH-01", "MODEL", cwd=tmp_path).out
    faults = run("list", "--faults", "HTTP-04,http-empty", cwd=tmp_path)
    assert "http-member-twice" in faults.out
    assert "http-empty" in faults.out


SLOW = {"hypothesis", "schemathesis", "requests", "jinja2", "tomlkit", "openapi_spec_validator"}
SERVER = {"conformance.reference", "starlette", "uvicorn"}
RUN = ["run", "http://127.0.0.1:9", "--profile", "quick", "--retry-budget", "0"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "avoided"),
    [
        (["run", "--help"], SLOW | SERVER | {"rich", "yaml"}),
        (["list"], SLOW | SERVER | {"rich", "conformance.selftest"}),
        (["self-test", "--help"], SLOW | SERVER | {"rich", "conformance.selftest"}),
        (RUN, SLOW | SERVER),
        (["demo", "--profile", "quick", "--only", "HTTP-01"], SLOW),
        (None, SLOW | SERVER | {"rich", "yaml", "urllib3"}),
    ],
    ids=["help", "list", "self-test help", "run", "embedded", "pytest"],
)
def test_only_what_is_needed_is_imported(
    words: list[str] | None, avoided: set[str], tmp_path: Path
) -> None:
    command = f"from conformance.cli.main import cli; cli.main({words!r}, standalone_mode=False)"
    script = (
        f"import sys\n{'import conformance.pytest_plugin' if words is None else command}\n"
        f"sys.stderr.write('loaded: ' + ' '.join({avoided!r} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.endswith("loaded: "), done.stderr


@pytest.mark.slow
def test_a_terminal_gets_colours_and_a_progress_bar(tmp_path: Path) -> None:
    shown = on_terminal(*QUICK, cwd=tmp_path)
    assert COLOUR.search(shown)
    assert "documented queries" in shown
    assert "documented queries:" not in shown


def test_no_color_means_no_colour_even_on_a_terminal(tmp_path: Path) -> None:
    shown = on_terminal(*QUICK, cwd=tmp_path, env={"NO_COLOR": "1"})
    assert not COLOUR.search(shown)
    assert "CONFORMANT" in shown


@pytest.mark.slow
@pytest.mark.parametrize("words", [("list", "--faults"), ("explain", "HTTP", "AUTH")])
def test_paragraphs_fit_the_terminal(tmp_path: Path, words: tuple[str, ...]) -> None:
    lines = on_terminal(*words, cwd=tmp_path, columns=80).splitlines()
    assert 70 < max(map(len, lines)) <= 80
    elsewhere = run(*words, cwd=tmp_path).out.splitlines()
    assert 90 < max(map(len, elsewhere)) <= 100


def test_elsewhere_progress_is_plain_lines(tmp_path: Path) -> None:
    result = run("demo", "--profile", "quick", cwd=tmp_path, env={"FORCE_COLOR": "1"})
    assert "\x1b" in result.out
    assert "\x1b" not in result.err
    assert re.match(r"requests in sequence: \d+ requests\n", result.err)
    assert not [line for line in result.out.splitlines() if line != line.rstrip()]


@pytest.mark.slow
def test_a_reader_that_leaves_early_does_not_change_the_verdict(tmp_path: Path) -> None:
    command = " ".join(arguments(*QUICK)) + " | true; exit ${PIPESTATUS[0]}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
