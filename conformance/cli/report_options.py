"""Options that every command has which judges: where reports go, and what counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, TypeVar

import click

from conformance.cli import completion
from conformance.cli.options import Names

_Command = TypeVar("_Command", bound=Callable[..., Any])

_REPORTS = (
    click.option(
        "--json", "json_file", metavar="FILE", help="Write a JSON report ('-': standard output)."
    ),
    click.option("--junit", "junit_file", metavar="FILE", help="Write a JUnit XML report."),
    click.option(
        "--html", "html_file", metavar="FILE", help="Write one HTML page that needs nothing else."
    ),
    click.option(
        "--markdown", "markdown_file", metavar="FILE", help="Write a summary for a pull request."
    ),
    click.option(
        "--badge", "badge_file", metavar="FILE", help="Write JSON for a shields.io badge."
    ),
)

_JUDGEMENT = (
    click.option(
        "--only",
        type=Names(),
        multiple=True,
        metavar="ID[,ID]",
        shell_complete=completion.requirements,
        help="Judge these requirements or families.",
    ),
    click.option(
        "--skip",
        type=Names(),
        multiple=True,
        metavar="ID[,ID]",
        shell_complete=completion.requirements,
        help="Leave these requirements or families out.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(["must", "should"]),
        default="must",
        show_default=True,
        help="The least binding level whose failure counts.",
    ),
    click.option(
        "--require-evidence/--no-require-evidence",
        help="Count an inconclusive requirement as a failure.",
    ),
    click.option(
        "--baseline",
        "baseline_file",
        metavar="FILE",
        help="Do not count the known failures that this TOML file lists.",
    ),
)


def report_options(command: _Command) -> _Command:
    """Let a command write reports."""
    return _with(_REPORTS, command)


def judgement_options(command: _Command) -> _Command:
    """Let a command be told what is judged, and what of it counts."""
    return _with(_JUDGEMENT, command)


def _with(options: tuple[Callable[[Any], Any], ...], command: _Command) -> _Command:
    # As decorators would be: the last one is applied first, so that help lists them in order.
    return reduce(lambda made, option: option(made), reversed(options), command)
