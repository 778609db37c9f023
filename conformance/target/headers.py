"""Additional headers of every request: given as text, in variables, or in a file."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from conformance.contract.model import HTTP_TOKEN
from conformance.core import input_files
from conformance.errors import UsageError


def header(text: str) -> tuple[str, str]:
    """Return name and value of a header that is written ``Name: value``.

    Raises:
        UsageError: it is not.
    """
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        # The text is not repeated: a mistyped header may be a credential.
        raise UsageError("a header is written 'Name: value', in quotation marks")
    return name.strip(), value.strip()


def variable(text: str) -> tuple[str, str]:
    """Return the names of a header and of the variable with its value, written ``Name=VARIABLE``.

    Raises:
        UsageError: it is not.
    """
    name, _, variable = (part.strip() for part in text.partition("="))
    if not name or not set(name) <= HTTP_TOKEN or not variable.isidentifier():
        # The text is not repeated: it may be a value given by mistake.
        raise UsageError("write NAME=VARIABLE, such as X-Api-Key=GATEWAY_KEY")
    return name, variable


def collected(
    given: Iterable[tuple[str, str]],
    variables: Iterable[tuple[str, str]],
    path: Path | None,
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Return all headers, and how curl gets the values that ``given`` does not have.

    ``variables`` are names of headers and of environment variables. The second result is that of
    ``shown``.

    Raises:
        UsageError: a variable is not set, or the file at ``path`` cannot be used.
    """
    variables = tuple(variables)
    in_file = () if path is None else tuple(from_file(path))
    names = [name for name, _ in in_file]
    headers = (*given, *from_variables(variables), *in_file)
    return headers, tuple(shown(variables, names, path))


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
