"""Additional headers of every request: given as text, in variables, or in a file."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from conformance.contract.model import HTTP_TOKEN
from conformance.core import input_files
from conformance.errors import UsageError


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


class HeaderVariable(click.ParamType[tuple[str, str]]):
    """The name of a header and of the environment variable with its value."""

    name = "name"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split the names."""
        name, _, variable = (part.strip() for part in str(value).partition("="))
        if not name or not set(name) <= HTTP_TOKEN or not variable.isidentifier():
            # The text is not repeated: it may be a value given by mistake.
            self.fail("write NAME=VARIABLE, such as X-Api-Key=GATEWAY_KEY", param, ctx)
        return name, variable


def from_variables(
    variables: Iterable[tuple[str, str]], environment: Mapping[str, str] = os.environ
) -> Iterator[tuple[str, str]]:
    """Yield the headers whose values are in environment variables.

    Raises:
        UsageError: a variable is not set.
    """
    for name, variable in variables:
        value = environment.get(variable, "").strip()
        if not value:
            raise UsageError(
                f"the variable {variable} for the header {name} is not set; set it, or leave "
                "--header-env out"
            )
        yield name, value


def from_file(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the headers in a file, one ``Name: value`` per line; lines with ``#`` are comments.

    Raises:
        UsageError: the file cannot be read, or a line is no header.
    """
    try:
        text = input_files.read_text(path)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot read the header file {path}: {input_files.reason(error)}; give a text file "
            "that you may read"
        ) from error
    for number, line in enumerate(text.splitlines(), 1):
        name, colon, value = line.partition(":")
        if line.strip() and not line.startswith("#"):
            if not colon or not name.strip():
                # The text is not repeated: it may be a credential.
                raise UsageError(
                    f"line {number} of the header file {path} is no header; write 'Name: value'"
                )
            yield name.strip(), value.strip()


def shown(
    variables: Iterable[tuple[str, str]], names: Iterable[str], path: Path | None
) -> Iterator[tuple[str, str]]:
    """Yield how curl gets the values of such headers, by name, as a word of a shell.

    ``names`` are those of the headers in the file at ``path``.
    """
    for name, variable in variables:
        yield name, f'"{name}: ${variable}"'
    for place, name in enumerate(names):
        # The word reads the whole file.
        yield name, "" if place else shlex.quote(f"@{path}")
