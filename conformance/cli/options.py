"""Options that several commands have, and the kinds of values they take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

CONTRACT = click.option(
    "--contract",
    "contract_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Judge by this contract instead of the one shipped.",
)


class Names(click.ParamType[tuple[str, ...]]):
    """Names joined by commas."""

    name = "names"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split the names."""
        names = tuple(name.strip() for name in str(value).split(",") if name.strip())
        if not names:
            self.fail("give at least one requirement or family, such as FILTER,AUTH-03", param, ctx)
        return names


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
