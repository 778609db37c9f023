"""Options that several commands share, and the types of their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.cli import completion

Command = TypeVar("Command", bound=Callable[..., Any])
Option = Callable[[Any], Any]


class Names(click.ParamType[tuple[str, ...]]):
    """Names separated by commas."""

    name = "names"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split the names."""
        names = tuple(name.strip() for name in str(value).split(",") if name.strip())
        if not names:
            self.fail("give at least one requirement or family, such as FILTER,AUTH-03", param, ctx)
        return names


def _flattened(
    _context: click.Context, _parameter: click.Parameter, values: Iterable[tuple[str, ...]]
) -> tuple[str, ...]:
    return tuple(chain.from_iterable(values))


NAMES: dict[str, Any] = {"type": Names(), "callback": _flattened}
"""Settings of a parameter for names, which may be given several times."""


CONTRACT = click.option(
    "--contract",
    "contract_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Judge by this contract instead of the one shipped.",
)


UPDATE_BASELINE = click.option(
    "--update-baseline",
    is_flag=True,
    help="Write the current failures to the baseline and remove those that pass.",
)


QUIET = click.option("--quiet", is_flag=True, help="Show only the verdict, in one sentence.")

REQUIRED_FOR = "--require-evidence-for"
_REQUIRED = "--require-evidence"
_IDS = re.compile(r"[A-Za-z]+(-[0-9]+)?(,[A-Za-z]+(-[0-9]+)?)*")


GROUPS = {
    "Reports": ("json", "junit", "html", "markdown", "badge", "record", "quiet"),
    "Requirements": (
        *("profile", "seed", "only", "skip", "fail-on", "require-evidence", "require-evidence-for"),
        *("baseline", "update-baseline", "contract"),
    ),
    "Requests": (
        *("wait", "timeout", "retry-budget", "run-timeout", "rate-limit", "max-requests"),
        *("parallel", "dry-run"),
    ),
    "Server": (
        *("header", "header-env", "header-file", "token-file", "token-command", "ca-bundle"),
        *("client-cert", "client-key", "proxy", "resolve", "insecure"),
    ),
    "Client": ("jobs",),
    "Fixtures": ("with-fixtures", "receipt", "confirm"),
    "Settings": ("config", "target", "show-config", "help"),
}
"""Options of commands that judge, as their help groups them."""
OTHER = "Options"


class JudgingCommand(click.Command):
    """A command with many options, in groups.

    Its ``--require-evidence`` may have a value: ids and families.
    """

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of each group."""
        group_of = {name: title for title, names in GROUPS.items() for name in names}
        rows: dict[str, list[tuple[str, str]]] = {title: [] for title in (*GROUPS, OTHER)}
        for one in self.get_params(ctx):
            record = one.get_help_record(ctx)
            # Arguments are in the line with the usage.
            if record is not None and isinstance(one, click.Option):
                rows[group_of.get(one.opts[-1].lstrip("-"), OTHER)].append(record)
        for title, records in rows.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take ``--require-evidence IDS`` and ``--require-evidence=IDS`` for the longer option.

        Nothing else that may follow, such as a URL or a file, consists of ids only.
        """
        given: list[str] = []
        rest = iter(args)
        for word in rest:
            if word.startswith(f"{_REQUIRED}="):
                given.append(word.replace(_REQUIRED, REQUIRED_FOR, 1))
            elif given[-1:] == [_REQUIRED] and _IDS.fullmatch(word):
                given[-1] = f"{REQUIRED_FOR}={word}"
            else:
                given.append(word)
        return super().parse_args(ctx, given)


def required(options: dict[str, Any]) -> bool | tuple[str, ...]:
    """Take both options about evidence out of ``options``; return what must be decided."""
    names: tuple[str, ...] = options.pop("require_evidence_for")
    return bool(options.pop("require_evidence")) or names or False


def with_options(*options: Option) -> Callable[[Command], Command]:
    """Return a decorator that adds options, which the help lists in this order."""
    # As decorators would be: the last one is applied first.
    return lambda command: reduce(lambda made, option: option(made), reversed(options), command)


judgement_options = with_options(
    *(
        click.option(
            name,
            **NAMES,
            multiple=True,
            metavar="ID[,ID]",
            shell_complete=completion.requirements,
            help=text,
        )
        for name, text in (
            ("--only", "Judge only these requirements or families."),
            ("--skip", "Leave out these requirements or families."),
        )
    ),
    click.option(
        "--fail-on",
        type=click.Choice(["must", "should"]),
        default="must",
        show_default=True,
        help="Lowest requirement level that fails the run.",
    ),
    click.option(
        "--require-evidence/--no-require-evidence",
        help="Count inconclusive requirements as failures.",
    ),
    click.option(
        REQUIRED_FOR,
        **NAMES,
        multiple=True,
        metavar="ID[,ID]",
        shell_complete=completion.requirements,
        help="Like --require-evidence, but for these requirements or families only.",
    ),
    click.option(
        "--baseline",
        "baseline_file",
        metavar="FILE",
        help="Do not count the known failures listed in this TOML file.",
    ),
)
"""Decorator: add the options that choose requirements and decide which failures count."""
