"""The files that others paste into their gates, read as they stand in the checkout."""

from __future__ import annotations

import tomllib
from typing import Any

import click
import yaml

from conformance.cli.main import cli
from support.repository import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
GITLAB: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text("utf-8"))[
    "conductor-conformance"
]
AZURE: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "azure-pipelines.yml").read_text("utf-8"))
CIRCLE: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "circleci.yml").read_text("utf-8"))["jobs"][
    "conductor-conformance"
]
CRON: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "kubernetes-cronjob.yml").read_text("utf-8"))
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
GUIDE = (ROOT / "docs" / "gates.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SCRIPTS: dict[str, str] = PROJECT["project"]["scripts"]
"""The commands that installing the package makes."""


def options() -> dict[str, click.Parameter]:
    """Return what `run` takes, by the names that inputs have."""
    found = {}
    for parameter in cli.commands["run"].params:
        (name,) = parameter.opts
        found[name.removeprefix("--")] = parameter
    return found
