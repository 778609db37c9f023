"""Settings of ``run`` from a file: ``[tool.conductor-conformance]`` in pyproject.toml, or --config.

What can be set is not listed here: it is whatever options ``run`` has.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from conformance.core import input_files
from conformance.core.names import suggestion
from conformance.core.text import clipped, visible
from conformance.errors import UsageError

TABLE = "conductor-conformance"
PROJECT_FILE = "pyproject.toml"
REPOSITORY = (".git", ".hg", ".svn")
CREDENTIALS = ("token", "auth", "key", "secret", "password", "credential")
"""What a key is called by which somebody wants to set a credential."""


class Kind(Enum):
    """What a setting is in TOML."""

    SWITCH = "true or false"
    INTEGER = "an integer"
    NUMBER = "a number"
    TEXT = "a text in quotation marks"
    FILE = "the name of a file in quotation marks"
    LIST = "a list of texts"


@dataclass(frozen=True, slots=True)
class Setting:
    """An option as a key of the file.

    ``only_given`` says that it can be given on the command line alone.
    """

    key: str
    kind: Kind
    only_given: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """What a file says; ``file`` is empty if there is none."""

    file: str = ""
    values: Mapping[str, Any] | None = None


def find(folder: Path) -> Path | None:
    """Return the pyproject.toml that has settings for a run in this folder.

    It is that of the folder or the nearest of those above it, up to the root of its repository.
    Without a repository nothing above is looked at: others may write there, and what a file says
    of the URL decides who gets the credential.
    """
    folder = folder.resolve()
    within = [folder, *folder.parents]
    roots = [place for place, path in enumerate(within) if _is_root(path)]
    for path in within[: roots[0] + 1 if roots else 1]:
        file = path / PROJECT_FILE
        if file.is_file() and TABLE in _table_or_nothing(file):
            return file
    return None


def _is_root(folder: Path) -> bool:
    return any((folder / name).exists() for name in REPOSITORY)


def _table_or_nothing(file: Path) -> Mapping[str, Any]:
    """Return the tools of a project file; one that does not speak of this suite may be anything."""
    text = _text(file)
    if TABLE not in text:
        return {}
    tools = _document(file, text).get("tool", {})
    return tools if isinstance(tools, Mapping) else {}


def read(file: Path, known: Mapping[str, Setting], folder: Path) -> Settings:
    """Return what a file says, its paths made relative to where it is.

    Args:
        file: a pyproject.toml, or a file of settings alone.
        known: every setting, by its key.
        folder: where the run is; paths in it are shown as they are in the file.

    Raises:
        UsageError: the file cannot be read, has an unknown key, or a value of another kind.
    """
    document = _document(file, _text(file))
    table: Any = document
    if file.name == PROJECT_FILE or isinstance(document.get("tool"), Mapping):
        table = document.get("tool", {})
        table = table.get(TABLE) if isinstance(table, Mapping) else None
        if table is None:
            raise UsageError(
                f"the file {file} has no table [tool.{TABLE}]; add it, or give another file"
            )
    if not isinstance(table, Mapping):
        raise UsageError(
            f"the settings in {file}: tool.{TABLE} is no table; begin it with [tool.{TABLE}]"
        )
    values: dict[str, Any] = {}
    for written, value in table.items():
        setting = _setting(file, written, known)
        if setting.key in values:
            raise UsageError(
                f"the settings in {file}: {setting.key} is there twice; take one of them out"
            )
        values[setting.key] = _value(file, setting, value, folder)
    return Settings(str(file), values)


def _text(file: Path) -> str:
    try:
        return input_files.read_text(file)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot read the settings in {file}: {input_files.reason(error)}; "
            "give a TOML file that you may read"
        ) from error


def _document(file: Path, text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"the settings in {file} are not TOML: {visible(str(error))}") from error


def _setting(file: Path, written: str, known: Mapping[str, Setting]) -> Setting:
    key = written.replace("_", "-")
    setting = known.get(key)
    shown = f"'{visible(clipped(written))}'"
    if setting is None:
        if any(word in key.lower() for word in CREDENTIALS):
            raise UsageError(
                f"the settings in {file}: unknown key {shown}; credentials are not taken from "
                "it, but from CONDUCTOR_AUTH_TOKEN, or CONDUCTOR_AUTH_KEY and "
                "CONDUCTOR_AUTH_SECRET, or the file that token-file names"
            )
        given = [one.key for one in known.values() if not one.only_given]
        hint = suggestion(key, given, otherwise=f"known keys are {', '.join(given)}")
        raise UsageError(f"the settings in {file}: unknown key {shown}; {hint}")
    if setting.only_given:
        raise UsageError(
            f"the settings in {file}: {shown} can be given on the command line only, as --{key}"
        )
    return setting


def _value(file: Path, setting: Setting, value: Any, folder: Path) -> Any:
    if not _fits(setting.kind, value):
        raise UsageError(f"the settings in {file}: {setting.key} is {setting.kind.value}")
    if setting.kind is Kind.LIST:
        values = [value] if isinstance(value, str) else list(value)
        if setting.key == "header":
            for header in values:
                _check_header(file, header)
        return values
    if setting.kind is Kind.FILE:
        if "\0" in value:
            raise UsageError(
                f"the settings in {file}: {setting.key} is no name that a file can have; correct it"
            )
        return _relative(file, value, folder)
    return value


def _fits(kind: Kind, value: Any) -> bool:
    match kind:
        case Kind.SWITCH:
            return isinstance(value, bool)
        case Kind.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Kind.LIST:
            parts = [value] if isinstance(value, str) else value
            return isinstance(parts, list) and all(isinstance(part, str) for part in parts)
        case _:
            return isinstance(value, str)


def _check_header(file: Path, header: str) -> None:
    from conformance.target.redaction import CONFIDENTIAL_HEADERS

    name = header.partition(":")[0].strip()
    if any(word in name.lower() for word in CONFIDENTIAL_HEADERS):
        raise UsageError(
            f"the settings in {file}: the header '{visible(clipped(name))}' may hold a "
            "credential, which is not taken from a file; give it as --header"
        )


def _relative(file: Path, value: str, folder: Path) -> str:
    """Take a name to be relative to the file that it stands in."""
    if value in ("", "-") or Path(value).is_absolute():
        return value
    home = file.resolve().parent
    return value if home == folder.resolve() else os.path.normpath(home / value)


def shown_url(url: str) -> str:
    """Return a URL without what may be secret in it: a password, or a query."""
    shown, mark = url, ""
    for sign in "#?":
        shown, found, _ = shown.partition(sign)
        mark = f"{found}***" if found else mark
    scheme, separator, rest = shown.rpartition("://")
    authority, slash, path = rest.partition("/")
    user, _, host = authority.rpartition("@")
    masked = f"***@{host}" if user else authority
    return visible(f"{scheme}{separator}{masked}{slash}{path}{mark}")


def table(rows: list[tuple[str, str, str]]) -> Iterator[str]:
    """Yield the lines of a table of settings, values and where they come from."""
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for key, value, source in rows:
        yield f"{key:<{widths[0]}}  {value:<{min(widths[1], 48)}}  {source}".rstrip()
