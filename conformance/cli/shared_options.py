"""Options that several commands share, and the types of their values."""

from __future__ import annotations

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


def flattened(
    _context: click.Context, _parameter: click.Parameter, values: Iterable[tuple[str, ...]]
) -> tuple[str, ...]:
    """Join the names of an option that was given several times; a callback for ``Names``."""
    return tuple(chain.from_iterable(values))


class Header(click.ParamType[tuple[str, str]]):
    """A header as ``Name: value``."""

    name = "header"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split name and value."""
        name, colon, content = str(value).partition(":")
        if not colon or not name.strip():
            # The text is not repeated: a mistyped header may be a credential.
            self.fail("a header is written 'Name: value', in quotation marks", param, ctx)
        return name.strip(), content.strip()


CONTRACT = click.option(
    "--contract",
    "contract_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Judge by this contract instead of the one shipped.",
)

_JUDGEMENT = (
    click.option(
        "--only",
        type=Names(),
        multiple=True,
        callback=flattened,
        metavar="ID[,ID]",
        shell_complete=completion.requirements,
        help="Judge only these requirements or families.",
    ),
    click.option(
        "--skip",
        type=Names(),
        multiple=True,
        callback=flattened,
        metavar="ID[,ID]",
        shell_complete=completion.requirements,
        help="Leave out these requirements or families.",
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
        "--baseline",
        "baseline_file",
        metavar="FILE",
        help="Do not count the known failures listed in this TOML file.",
    ),
)


def judgement_options(command: Command) -> Command:
    """Add the options that choose requirements and decide which failures count."""
    return with_options(_JUDGEMENT, command)


def with_options(options: tuple[Option, ...], command: Command) -> Command:
    """Add options to a command so that its help lists them in this order."""
    # As decorators would be: the last one is applied first.
    return reduce(lambda made, option: option(made), reversed(options), command)
