"""The types of options with additional headers."""

from __future__ import annotations

from typing import Any

import click

from conformance.errors import UsageError
from conformance.target import headers


class Header(click.ParamType[tuple[str, str]]):
    """A header as ``Name: value``."""

    name = "header"
    parse = staticmethod(headers.header)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split the value in two."""
        try:
            return self.parse(str(value))
        except UsageError as error:
            self.fail(str(error), param, ctx)


class HeaderVariable(Header):
    """The name of a header and of the environment variable with its value."""

    name = "name"
    parse = staticmethod(headers.variable)
