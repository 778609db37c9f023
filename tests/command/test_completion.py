"""Shell completion, asked for in the way in which shells ask."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from support.processes.command import arguments, environment, run

from conformance.cli.completion import SHELLS, VARIABLE
from conformance.clients import catalogue
from conformance.contract.loader import load
from conformance.reference.faults import FAULTS
from conformance.reference.variations import VARIATIONS

IDS = [requirement.id for requirement in load().requirements]
NAMES = [*load().families, *IDS]
OF_CLIENTS = ["CLIENT", *(one.id for one in catalogue.load().contract.requirements)]


def _completed(folder: Path, *words: str) -> list[str]:
    """Return what bash is told that the last word could become."""
    line = " ".join(["conductor-conformance", *words])
    env = {VARIABLE: "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    result = run(cwd=folder, env=env)
    assert result.code == 0
    assert not result.err
    return [line.partition(",")[2] for line in result.out.splitlines() if line]


def test_commands_and_options(tmp_path: Path) -> None:
    # The settings of a folder do not disturb, whatever is in them.
    (tmp_path / "pyproject.toml").write_text("[tool.conductor-conformance]\nx = 1\n", "utf-8")
    assert _completed(tmp_path, "exp") == ["explain"]
    assert "--baseline" in _completed(tmp_path, "run", "--b")
    assert _completed(tmp_path, "run", "--profile", "t") == ["thorough"]
    assert _completed(tmp_path, "completion", "f") == ["fish"]


@pytest.mark.parametrize("words", [("explain",), ("run", "--only"), ("run", "--skip")])
def test_requirements_and_families(tmp_path: Path, words: tuple[str, ...]) -> None:
    of_clients = OF_CLIENTS if words == ("explain",) else []
    assert sorted(_completed(tmp_path, *words, "")) == sorted([*NAMES, *of_clients])
    expected = [name for name in NAMES if name.startswith("FIL")]
    assert _completed(tmp_path, *words, "fil") == expected
    assert not _completed(tmp_path, *words, "nothing")


@pytest.mark.parametrize("option", ["--only", "--skip", "--require-evidence-for"])
def test_requirements_for_clients(tmp_path: Path, option: str) -> None:
    assert sorted(_completed(tmp_path, "client", option, "")) == sorted(OF_CLIENTS)
    assert _completed(tmp_path, "client", option, "client-02") == ["CLIENT-02"]


@pytest.mark.parametrize("words", [("list",), ("self-test", "--only")])
def test_commands_for_both(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert {"FILTER-01", "CLIENT-02"} <= {*_completed(tmp_path, *words, "")}


def test_several_names_joined_by_commas(tmp_path: Path) -> None:
    found = _completed(tmp_path, "run", "--only", "HTTP-01,SHAPE,MODEL-0")
    assert found == [f"HTTP-01,SHAPE,{name}" for name in IDS if name.startswith("MODEL-0")]
    assert "HTTP-01,HTTP-01" not in _completed(tmp_path, "run", "--only", "HTTP-01,HTTP")


def test_faults_and_variations(tmp_path: Path) -> None:
    faults = [fault.name for fault in FAULTS if fault.name.startswith("shape-")]
    assert _completed(tmp_path, "serve", "--fault", "shape-") == faults
    variations = [one.name for one in VARIATIONS if one.name.startswith("living-")]
    assert _completed(tmp_path, "serve", "--variation", "living-") == variations
    assert set(_completed(tmp_path, "self-test", "--only", "shape-")) >= set(faults)
    assert _completed(tmp_path, "list", "AUTH-01") == ["AUTH-01"]


def test_ids_come_from_the_contract_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "none.yaml").write_text("", "utf-8")
    assert not _completed(tmp_path, "explain", "--contract", "none.yaml", "HTTP")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_told_what_each_name_means(tmp_path: Path, shell: str) -> None:
    env = {
        VARIABLE: f"{shell}_complete",
        "COMP_WORDS": "conductor-conformance explain HTTP-01",
        "COMP_CWORD": "2" if shell == "zsh" else "HTTP-01",
    }
    result = run(cwd=tmp_path, env=env)
    assert result.code == 0
    assert "HTTP-01" in result.out
    assert load().requirement("HTTP-01").statement[:40] in result.words


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_asks_in_this_way(tmp_path: Path, shell: str) -> None:
    result = run("completion", shell, cwd=tmp_path)
    assert result.code == 0
    assert f"{VARIABLE}={shell}_complete" in result.out
    chosen = run("completion", cwd=tmp_path, env={"SHELL": f"/usr/bin/{shell}"})
    assert chosen.out == result.out
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=result.out, text=True, check=True, timeout=60)


def test_the_script_works_in_bash(tmp_path: Path) -> None:
    script = run("completion", "bash", cwd=tmp_path).out
    # The function that bash would call, and what it would offer then.
    asked = f"""{script}
COMP_WORDS=(conductor-conformance explain HTTP-0)
COMP_CWORD=2
_conductor_conformance_completion conductor-conformance
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    program = tmp_path / "conductor-conformance"
    program.write_text(f"#!/bin/sh\nexec {' '.join(arguments())}\n", "utf-8")
    program.chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", asked],
        env=environment({"PATH": f"{tmp_path}:{environment()['PATH']}"}),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == [name for name in IDS if name.startswith("HTTP-0")]


@pytest.mark.parametrize("shell", ["/bin/tcsh", ""])
def test_an_unknown_shell(tmp_path: Path, shell: str) -> None:
    result = run("completion", cwd=tmp_path, env={"SHELL": shell})
    assert result.code == 2
    assert "conductor-conformance completion bash|zsh|fish" in result.complaint()
