"""The container and the guide for gates: what can be told of them where no engine runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml
from support.processes.gates import ACTION, AZURE, GITLAB, GUIDE, HOOKS, PROJECT, SCRIPTS, options
from support.repository import ROOT

# ---------------------------------------------------------------------------------- Dockerfile


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile as pairs of an instruction and its words."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    joined = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    pairs = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(word, " ".join(rest.split())) for word, rest in pairs]


def test_the_image_has_a_pinned_base_and_starts_the_command_without_root() -> None:
    made = instructions()
    for base in (rest for word, rest in made if word == "FROM"):
        assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+( AS \w+)?", base)
    words = [word for word, _ in made]
    user = len(words) - 1 - words[::-1].index("USER")
    assert int(made[user][1]) > 0
    assert {"RUN", "FROM"}.isdisjoint(words[user:])
    entry = Path(json.loads(dict(made)["ENTRYPOINT"])[0])
    assert entry.name in SCRIPTS
    assert f"python -m venv {entry.parent.parent}" in dict(reversed(made))["RUN"]
    assert f"COPY --from=build {entry.parent.parent} " in (ROOT / "Dockerfile").read_text()


def test_the_image_is_built_from_what_the_package_needs_and_nothing_else() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    kept = {line[1:] for line in rules if line.startswith("!")}
    copied: set[str] = set()
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            *sources, _ = rest.split()
            copied |= set(sources)
    assert copied == kept
    assert all((ROOT / name).exists() for name in kept)
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]}
    needed |= {*wheel["packages"], *(name.split("/")[0] for name in wheel["force-include"])}
    assert needed <= kept


# ----------------------------------------------------------------------------------- the guide


def documents(kind: str) -> list[Any]:
    """Return the documents of a kind that the guide shows."""
    return [yaml.safe_load(text) for text in re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)]


def test_the_guide_shows_inputs_and_options_that_there_are() -> None:
    workflow, gitlab, azure, hooks = documents("yaml")
    (step,) = (
        step
        for step in workflow["jobs"]["contract"]["steps"]
        if step.get("uses") == "./conductor-conformance"
    )
    assert set(step["with"]) <= set(ACTION["inputs"])
    assert set(gitlab["conductor-conformance"]["variables"]) <= {
        *GITLAB["variables"],
        "CONDUCTOR_SERVER_URL",
    }
    assert set(azure["steps"][1]["parameters"]) <= {one["name"] for one in AZURE["parameters"]}
    (shown,) = hooks["repos"][0]["hooks"]
    assert shown["id"] == HOOKS[0]["id"]
    used = set(re.findall(r"(?<![\w-])--([a-z][a-z-]*)", GUIDE))
    assert used - {"rm", "network"} <= set(options())


def test_the_guide_names_no_version_that_is_not_released() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## ([0-9.]+)(?! \(unreleased\))$", changes, re.MULTILINE)
    named = re.findall(r"^ *(?:- )?(?:rev|ref): (\S+)$", GUIDE, re.MULTILINE)
    named += re.findall(r"uses: \S*conductor-conformance@(\S+)", GUIDE)
    assert named
    for version in named:
        assert version == "COMMIT" or version.removeprefix("v") in released
    assert "`COMMIT` stands for the commit" in GUIDE
