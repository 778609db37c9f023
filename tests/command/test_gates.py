"""Gates that others paste: they say what the command says, and do what they promise, in bash."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.processes.command import DEADLINE, environment, run
from support.processes.gates import (
    ACTION,
    AZURE,
    CIRCLE,
    CRON,
    GITLAB,
    GUIDE,
    HOOKS,
    SCRIPTS,
    options,
)
from support.repository import ROOT

from conformance.contract.loader import REQUIREMENTS, default_path
from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.selftest import catalogue

INSTALL, JUDGE = ACTION["runs"]["steps"]
PREFIX = "CONFORMANCE_OPTION_"
FAULTY = "filter-category-ignored"
STEP = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
"""How GitHub runs a step whose shell is bash."""


# ------------------------------------------------------------------------------ GitHub Actions


def test_inputs_and_options_are_the_same() -> None:
    assert set(ACTION["inputs"]) == set(options())


def test_every_input_reaches_the_script_by_its_variable() -> None:
    handed = {name: value for name, value in JUDGE["env"].items() if name.startswith(PREFIX)}
    assert handed == {
        PREFIX + name.upper().replace("-", "_"): f"${{{{ inputs.{name} }}}}"
        for name in ACTION["inputs"]
    }


def test_the_script_knows_flags_and_what_may_be_given_several_times() -> None:
    flags = {name for name, option in options().items() if getattr(option, "is_flag", False)}
    several = {name for name, option in options().items() if option.multiple}
    patterns = re.findall(r"^ *([a-z|-]+)\)", JUDGE["run"], re.MULTILINE)
    named = [set(pattern.split("|")) for pattern in patterns if "|" in pattern]
    assert flags in named
    assert several in named


def test_nothing_is_interpolated_into_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
        assert "uses" not in step
        checked = subprocess.run(["bash", "-n"], input=step["run"], text=True, check=False)
        assert checked.returncode == 0


def test_what_others_publish_is_pinned() -> None:
    text = (ROOT / "action.yml").read_text("utf-8") + GUIDE
    used = re.findall(r"uses: (\S+)", text)
    assert used
    for name in used:
        assert name == "./conductor-conformance" or re.search("@[0-9a-f]{40}$", name)


def command(folder: Path) -> Path:
    """Make the command of this environment, which is not to be installed again."""
    script = folder / "bin" / "conductor-conformance"
    script.parent.mkdir(exist_ok=True)
    python = shlex.quote(sys.executable)
    script.write_text(f'#!/bin/sh\nexec {python} -m conformance "$@"\n', "utf-8")
    script.chmod(0o755)
    return script


def shell(
    words: Sequence[str], folder: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a script to its end, with nothing else in its environment."""
    return subprocess.run(
        words, cwd=folder, env=env, capture_output=True, text=True, timeout=DEADLINE, check=False
    )


def acted(
    folder: Path, given: Mapping[str, str], env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the action's main step as the runner does."""
    (folder / "step.sh").write_text(JUDGE["run"], "utf-8")
    unset = {PREFIX + name.upper().replace("-", "_"): "" for name in ACTION["inputs"]}
    handed = {PREFIX + name.upper().replace("-", "_"): value for name, value in given.items()}
    assert handed.keys() <= unset.keys()
    of_the_runner = {
        "COMMAND": str(command(folder)),
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    whole = environment({**of_the_runner, **unset, **handed, **(env or {})})
    return shell([*STEP, "step.sh"], folder, whole)


def test_the_action_passes_a_right_server(tmp_path: Path) -> None:
    with EmbeddedServer(ReferenceServer()) as embedded:
        token = {"CONDUCTOR_AUTH_TOKEN": embedded.server.issue_token()}
        given = {
            "url": embedded.url,
            "profile": "quick",
            "json": "a report.json",
            "junit": "r.xml",
            "only": "FILTER\nAUTH-01,AUTH-02\n",
            "header": 'X-Tenant: $(touch hacked)\nX-Other: `id` "; touch hacked;',
            "require-evidence": "true",
            "insecure": "false",
            "rate-limit": "1000/s",
        }
        done = acted(tmp_path, given, token)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "a report.json").read_text("utf-8"))
    judged = {one["id"].partition("-")[0] for one in report["requirements"]}
    assert judged == {"FILTER", "AUTH"}
    assert ElementTree.parse(tmp_path / "r.xml").getroot().tag == "testsuites"  # noqa: S314
    assert (tmp_path / "summary.md").read_text("utf-8").startswith("## ✅ Conformant")
    assert not (tmp_path / "hacked").exists()


@pytest.mark.slow
def test_the_action_fails_a_faulty_server(tmp_path: Path) -> None:
    with EmbeddedServer(catalogue.fault(FAULTY).make()) as embedded:
        variables = {
            "CONDUCTOR_AUTH_TOKEN": embedded.server.issue_token(),
            "CONDUCTOR_SERVER_URL": embedded.url,
        }
        done = acted(tmp_path, {"profile": "quick", "markdown": "r.md"}, variables)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "\n::error title=FILTER-01 (MUST)::" in done.stdout
    assert "FILTER-01 failed" in (tmp_path / "r.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "::error::No server was named"),
        (
            {"url": "http://127.0.0.1:9", "dry-run": "yes"},
            "::error::The input dry-run must be true or",
        ),
        ({"url": "http://127.0.0.1:9", "seed": "--version"}, "not a valid integer"),
    ],
)
def test_the_action_refuses_what_makes_no_sense(
    tmp_path: Path, given: dict[str, str], words: str
) -> None:
    done = acted(tmp_path, given)
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in done.stdout + done.stderr


def installed(folder: Path, pythons: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the action's first step with these commands, and nothing else, on the path."""
    (folder / "bin").mkdir()
    for name, body in pythons.items():
        script = folder / "bin" / name
        script.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
        script.chmod(0o755)
    (folder / "step.sh").write_text(INSTALL["run"], "utf-8")
    bash = shutil.which("bash")
    assert bash is not None
    env = {
        "PATH": str(folder / "bin"),
        "RUNNER_TEMP": str(folder),
        "GITHUB_ACTION_PATH": "/action",
        "GITHUB_OUTPUT": str(folder / "output"),
    }
    return shell([bash, *STEP[1:], "step.sh"], folder, env)


# An interpreter that makes an environment whose interpreter writes down what it is told.
MAKES = """case $1 in
-c) exit 0 ;;
-m) /bin/mkdir -p "$3/bin"
    printf '#!/bin/sh\\necho "$@" >> "%s/told"\\n' "$RUNNER_TEMP" > "$3/bin/python"
    /bin/chmod +x "$3/bin/python" ;;
esac"""


def test_the_action_installs_itself_apart(tmp_path: Path) -> None:
    done = installed(tmp_path, {"python3": "exit 1", "python": MAKES})
    assert done.returncode == 0, done.stderr
    home = tmp_path / "conductor-conformance"
    assert (tmp_path / "output").read_text() == f"command={home}/bin/conductor-conformance\n"
    told = (tmp_path / "told").read_text().split()
    assert told[:3] == ["-m", "pip", "install"]
    assert told[-3:] == ["--constraint", "/action/constraints.txt", "/action[contract]"]


def test_the_action_says_that_it_needs_python(tmp_path: Path) -> None:
    done = installed(tmp_path, {"python3": "exit 1", "python": "exit 1"})
    assert done.returncode == 2
    assert done.stdout.startswith("::error::Python 3.11 or newer is needed; add a step")


# ----------------------------------------------------------------------------------- GitLab CI


def piped(folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the job's script as a GitLab runner does: line by line to the first error."""
    command(folder)
    variables = {**GITLAB["variables"], **env}
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    words = ["bash", "-eo", "pipefail", "-c", "\n".join(GITLAB["script"])]
    return shell(words, folder, environment({**variables, "PATH": path}))


@pytest.mark.slow
def test_the_job_judges_and_leaves_its_reports(tmp_path: Path) -> None:
    with EmbeddedServer(catalogue.fault(FAULTY).make()) as embedded:
        variables = {
            "CONDUCTOR_SERVER_URL": embedded.url,
            "CONDUCTOR_AUTH_TOKEN": embedded.server.issue_token(),
            "CONFORMANCE_PROFILE": "quick",
        }
        done = piped(tmp_path, variables)
    assert done.returncode == 1, done.stdout + done.stderr
    for name in GITLAB["artifacts"]["paths"]:
        assert (tmp_path / name).stat().st_size
    suites = ElementTree.parse(tmp_path / GITLAB["artifacts"]["reports"]["junit"]).getroot()  # noqa: S314
    assert suites.attrib["failures"] != "0"
    assert GITLAB["artifacts"]["when"] == "always"


def test_the_job_wants_a_server(tmp_path: Path) -> None:
    done = piped(tmp_path, {})
    assert done.returncode == 2
    assert done.stderr == "Set CONDUCTOR_SERVER_URL to the address of your server.\n"
    assert not (tmp_path / "conformance.xml").exists()


# ----------------------------------------------------------------------------- other CI services

POD = CRON["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def judged_by(script: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a recipe's script for a faulty server."""
    command(folder)
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    with EmbeddedServer(catalogue.fault(FAULTY).make()) as embedded:
        known = {
            "CONDUCTOR_SERVER_URL": embedded.url,
            "CONDUCTOR_AUTH_TOKEN": embedded.server.issue_token(),
        }
        variables = {name: value.replace("URL", embedded.url) for name, value in env.items()}
        words = ["bash", "-eo", "pipefail", "-c", script.replace("URL_HERE", embedded.url)]
        return shell(words, folder, environment({"PATH": path, **known, **variables}))


@pytest.mark.slow
def test_the_steps_for_azure_judge_and_leave_their_reports(tmp_path: Path) -> None:
    (judge,) = (step for step in AZURE["steps"] if "conformance run" in step.get("bash", ""))
    assert judge["env"]["SERVER"] == "${{ parameters.server }}"
    done = judged_by(judge["bash"], tmp_path, SERVER="URL", PROFILE="quick")
    assert done.returncode == 1, done.stdout + done.stderr
    (publish,) = (one for one in AZURE["steps"] if one.get("task") == "PublishTestResults@2")
    assert publish["condition"] == "always()"
    assert (tmp_path / publish["inputs"]["testResultsFiles"]).stat().st_size


@pytest.mark.slow
def test_the_job_for_circleci_judges_and_leaves_its_reports(tmp_path: Path) -> None:
    commands = [step["run"]["command"] for step in CIRCLE["steps"] if "run" in step]
    (judge,) = (text for text in commands if "conformance run" in text)
    done = judged_by(judge, tmp_path, PROFILE="quick")
    assert done.returncode == 1, done.stdout + done.stderr
    (stored,) = (
        step["store_test_results"] for step in CIRCLE["steps"] if "store_test_results" in step
    )
    assert list((tmp_path / stored["path"]).rglob("*.xml"))


@pytest.mark.slow
def test_the_job_for_kubernetes_judges_with_the_arguments_of_its_container(tmp_path: Path) -> None:
    (container,) = POD["containers"]
    (variable,) = container["env"]
    assert variable["name"] == "CONDUCTOR_AUTH_TOKEN"
    assert POD["securityContext"]["runAsUser"] == 10001
    words = ["URL_HERE" if word.startswith("http:") else word for word in container["args"]]
    done = judged_by(shlex.join(["conductor-conformance", *words, "--profile=quick"]), tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert (tmp_path / "report.json").stat().st_size


@pytest.mark.slow
def test_a_server_that_is_down_may_pass(tmp_path: Path) -> None:
    command(tmp_path)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    (line,) = (line.strip() for line in GUIDE.splitlines() if "[ $? -eq 3 ]" in line)
    for url, code in (("http://127.0.0.1:9", 0), ("http://[", 1)):
        env = environment({"PATH": path, "STAGING_URL": url})
        done = shell(["bash", "-c", line], tmp_path, env)
        assert done.returncode == code, done.stdout + done.stderr


# ---------------------------------------------------------------------------------- pre-commit


@pytest.mark.parametrize(("broken", "code"), [(False, 0), (True, 2)])
def test_the_hook_checks_a_contract(tmp_path: Path, broken: bool, code: int) -> None:
    (hook,) = HOOKS
    (tmp_path / "spec").mkdir()
    for file in (default_path(), default_path().with_name(REQUIREMENTS)):
        text = file.read_text("utf-8")
        text = text.replace("\nrequirements:", "\nothers:", 1) if broken else text
        (tmp_path / "spec" / file.name).write_text(text, "utf-8")
        assert re.search(hook["files"], f"spec/{file.name}")
    name, *words = shlex.split(hook["entry"])
    assert name in SCRIPTS
    assert hook["pass_filenames"] is False
    done = run(*words, *hook["args"], cwd=tmp_path)
    assert done.code == code
    assert ("requirements is missing" in done.err) is broken
