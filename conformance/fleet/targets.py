"""Read the file of a fleet: its targets, with labels, settings, and where credentials come from."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.core import input_files
from conformance.core.text import clipped, visible
from conformance.core.toml_document import NotToml, read_toml
from conformance.errors import UsageError
from conformance.target.credentials import (
    EXPIRED_VARIABLE,
    KEY_VARIABLE,
    SECRET_VARIABLE,
    VARIABLE,
)

LARGEST = 64 << 20
"""Bytes of a file: 100,000 targets with a few labels have a quarter of it."""
VARIABLES = {
    "token-env": VARIABLE,
    "key-env": KEY_VARIABLE,
    "secret-env": SECRET_VARIABLE,
    "expired-token-env": EXPIRED_VARIABLE,
}
"""Keys for the names of variables, and the variables of `run` that they stand for."""
CREDENTIALS = (*VARIABLES, "token-file", "token-command")
VALUES = ("token", "auth", "key", "secret", "password", "credential", "header")
"""Words in other keys that were probably meant to set a credential."""
NAMING = ("client-key", "header-env", "header-file")
"""Keys with such words that name a file or a variable."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")
_LABEL = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED = ("name", "outcome", "exit")
"""What a search calls other facts of a target, so no label can have these names."""


class _Wrong(Exception):
    """The file does not make sense; the text is a clause."""


@dataclass(frozen=True, slots=True)
class FleetTarget:
    """One target as written: ``settings`` by the keys that ``run`` has in a file of settings.

    ``variables`` are the variables of ``run``, each with the one that has its value on the worker.
    """

    name: str
    url: str
    labels: Mapping[str, str]
    variables: tuple[tuple[str, str], ...]
    settings: Mapping[str, Any]


def read(path: Path) -> tuple[FleetTarget, ...]:
    """Return the targets of a TOML file or, if its name ends so, of a CSV file.

    Raises:
        UsageError: the file cannot be read, has no or an invalid target, two of one name, or what
            looks like a credential; the text never repeats a value.
    """
    try:
        text = input_files.read_text(path, LARGEST)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot read the fleet {path}: {input_files.reason(error)}; give a TOML or CSV file"
        ) from error
    try:
        tables = _of_csv(text) if path.suffix.lower() == ".csv" else _of_toml(text)
        targets = tuple(_target(*one) for one in tables)
        _check_names(target.name for target in targets)
    except (NotToml, _Wrong, csv.Error) as error:
        raise UsageError(f"the fleet {path}: {visible(str(error))}") from error
    return targets


def labelled(
    targets: Iterable[FleetTarget], wanted: Iterable[tuple[str, str]]
) -> tuple[FleetTarget, ...]:
    """Return the targets that have all of these labels; of one label, any of its values will do."""
    values: dict[str, set[str]] = {}
    for key, value in wanted:
        values.setdefault(key, set()).add(value)
    return tuple(
        target
        for target in targets
        if all(target.labels.get(key) in those for key, those in values.items())
    )


def _of_toml(text: str) -> Iterator[tuple[str, dict[str, Any], Mapping[str, Any]]]:
    document = read_toml(text)
    unknown = document.keys() - {"options", "targets"}
    if unknown:
        raise _Wrong(
            f"'{clipped(min(unknown))}' is unknown; write [options] for all targets and "
            "[[targets]] for each"
        )
    options, targets = document.get("options", {}), document.get("targets", [])
    if not isinstance(options, dict):
        raise _Wrong("options is not a table; begin it with [options]")
    if not isinstance(targets, list) or not all(isinstance(one, dict) for one in targets):
        raise _Wrong("targets is not a list of tables; begin each with [[targets]]")
    for number, table in enumerate(targets, 1):
        yield f"target {number}", dict(table), options


def _of_csv(text: str) -> Iterator[tuple[str, dict[str, Any], Mapping[str, Any]]]:
    rows = csv.DictReader(io.StringIO(text), strict=True)
    if rows.fieldnames is None or not {"name", "url"} <= set(rows.fieldnames):
        raise _Wrong(
            "the first line has to name the columns, separated by commas, such as name,url,labels"
        )
    columns = [_key(name) for name in rows.fieldnames if name.strip()]
    if twice := [name for name in columns if columns.count(name) > 1]:
        raise _Wrong(
            f"the first line names the column '{clipped(twice[0])}' twice; leave one of them out"
        )
    for row in rows:
        if None in row:
            raise _Wrong(
                f"line {rows.line_num} has more values than columns; put a value that has a comma "
                'in "…"'
            )
        if None in row.values():
            raise _Wrong(
                f"line {rows.line_num} has fewer values than columns; write a comma for each "
                "empty cell"
            )
        table: dict[str, Any] = {key.strip(): value for key, value in row.items() if value}
        if "labels" in table:
            parts = [part.partition("=") for part in table["labels"].split()]
            if not all(sign and value for _, sign, value in parts):
                raise _Wrong(
                    f"line {rows.line_num}: write labels as LABEL=VALUE, separated by blanks, such "
                    "as region=eu stage=prod"
                )
            table["labels"] = {key: value for key, _, value in parts}
        yield f"line {rows.line_num}", table, {}


def _key(written: str) -> str:
    return written.strip().replace("_", "-")


def _target(place: str, table: dict[str, Any], options: Mapping[str, Any]) -> FleetTarget:
    name, url = table.pop("name", None), table.pop("url", None)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _Wrong(
            f"{place}: the name has to be of letters, digits, '.', '_' and '-', since the report "
            "has it, too"
        )
    if not isinstance(url, str) or not url:
        raise _Wrong(f"{name} has no url; add the address of its server")
    labels = table.pop("labels", {})
    settings = {_key(key): value for key, value in table.items()}
    if len(settings) < len(table):
        twice = next(key for key in table if "_" in key and _key(key) in table)
        raise _Wrong(f"{name}: {_key(twice)} is set twice; leave one of them out")
    # A target's own credential is the whole of it.
    own = bool(settings.keys() & set(CREDENTIALS))
    for written, value in options.items():
        key = _key(written)
        if not (own and key in CREDENTIALS):
            settings.setdefault(key, value)
    return FleetTarget(
        name, url, _labels(name, labels), _variables(name, settings), _checked(name, settings)
    )


def _labels(name: str, labels: Any) -> Mapping[str, str]:
    if not isinstance(labels, dict):
        raise _Wrong(f"{name}: labels is not a table; write it as {{ region = 'eu' }}")
    for key, value in labels.items():
        if not _LABEL.fullmatch(key) or key in RESERVED:
            raise _Wrong(
                f"{name}: '{clipped(key)}' cannot be a label; use small letters, digits and '_', "
                f"and not {', '.join(RESERVED)}"
            )
        if not isinstance(value, str) or not re.fullmatch(r"[^\s,:]{1,100}", value):
            raise _Wrong(
                f"{name}: the label {key} has to be a text without blanks, commas and colons"
            )
    return labels


def _variables(name: str, settings: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    found = []
    for key, variable in VARIABLES.items():
        value = settings.pop(key, None)
        if value is None:
            continue
        if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
            # It is not repeated: it may be the credential itself.
            raise _Wrong(
                f"{name}: {key} has to be the name of a variable in capital letters, such as "
                "EU_TOKEN; no file of a fleet may hold the credential itself"
            )
        found.append((variable, value))
    return tuple(found)


def _checked(name: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    for key in settings:
        known = key in CREDENTIALS or key in NAMING
        if not known and any(word in key.lower() for word in VALUES):
            raise _Wrong(
                f"{name}: '{clipped(key)}' is not read, since no file of a fleet may hold a "
                "credential; name its variable (token-env, or key-env and secret-env; header-env), "
                "its file (token-file, header-file) or a command (token-command)"
            )
    if "@" in str(settings.get("proxy", "")):
        raise _Wrong(
            f"{name}: the proxy has a user, and no file of a fleet may hold a credential; write "
            "proxy = 'env' and set HTTPS_PROXY on the workers"
        )
    return settings


def _check_names(names: Iterable[str]) -> None:
    met: dict[str, str] = {}
    for name in names:
        # Some file systems do not tell case apart.
        other = met.get(name.lower())
        if other == name:
            raise _Wrong(f"two targets are called {name}; give each its own name")
        if other is not None:
            raise _Wrong(f"the names {other} and {name} differ only in case; change one of them")
        met[name.lower()] = name
    if not met:
        raise _Wrong("it has no target; add one with name and url")
