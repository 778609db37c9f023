"""Options of ``run`` that come from a file, and how all of them are shown with their origin."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from conformance.cli import config_file
from conformance.cli.config_file import Kind, Setting
from conformance.core.text import visible
from conformance.errors import UsageError

ONLY_GIVEN = frozenset({"config", "show-config", "dry-run", "update-baseline", "help"})
"""What a file cannot set: it would make every run of the folder something else than a run."""
FILE = "FILE"
_SETTINGS = "conformance.cli.config_file"

_Command = TypeVar("_Command", bound=Callable[..., Any])


def known_settings(command: click.Command) -> dict[str, Setting]:
    """Return what a file can set, by key: the long names of the options, and ``url``."""
    found = {}
    for parameter in command.params:
        key = key_of(parameter)
        if key is not None:
            found[key] = Setting(key, _kind(parameter), key in ONLY_GIVEN)
    return found


def key_of(parameter: click.Parameter) -> str | None:
    """Return the name of a parameter in a file; ``None`` if it has none."""
    if isinstance(parameter, click.Argument):
        return parameter.name
    return next((name.lstrip("-") for name in parameter.opts if name.startswith("--")), None)


def _kind(parameter: click.Parameter) -> Kind:
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return Kind.SWITCH
    if parameter.multiple:
        return Kind.LIST
    if isinstance(parameter.type, click.types.IntParamType):
        return Kind.INTEGER
    if isinstance(parameter.type, click.types.FloatParamType):
        return Kind.NUMBER
    return Kind.FILE if parameter.metavar == FILE else Kind.TEXT


def _load(context: click.Context, _parameter: click.Parameter, given: Path | None) -> None:
    if context.resilient_parsing:
        return
    folder = Path.cwd()
    file = given or config_file.find(folder)
    if file is None:
        return
    known = known_settings(context.command)
    found = config_file.read(file, known, folder)
    context.meta[_SETTINGS] = found
    parameters = {key_of(parameter): parameter for parameter in context.command.params}
    defaults: dict[str, Any] = {}
    for key, value in (found.values or {}).items():
        parameter = parameters[key]
        assert parameter.name is not None  # noqa: S101 - click names them all
        defaults[parameter.name] = value
        try:
            parameter.type_cast_value(context, value)
        except click.BadParameter as error:
            text = "the value is no header" if key == "header" else error.message
            raise UsageError(f"the settings in {file}: {key}: {visible(text)}") from error
    context.default_map = {**(context.default_map or {}), **defaults}


def configurable(command: _Command) -> _Command:
    """Let a command take its options from a file, and show where each comes from."""
    config = click.option(
        "--config",
        metavar=FILE,
        type=click.Path(path_type=Path),
        is_eager=True,
        expose_value=False,
        callback=_load,
        help="Take options from this TOML file.  [default: [tool.conductor-conformance] in the "
        "pyproject.toml of this folder, or above it in the repository]",
    )
    show = click.option(
        "--show-config",
        is_flag=True,
        help="Show every option, its value and where it comes from, and send nothing.",
    )
    return config(show(command))


def settings_file(context: click.Context) -> Path | None:
    """Return the file that options were taken from, if there is one."""
    found = context.meta.get(_SETTINGS)
    return Path(found.file) if found is not None and found.file else None


def described(context: click.Context, environment: Mapping[str, str] = os.environ) -> str:
    """Return every setting of a run with its value and its origin; nothing secret is in it."""
    found = context.meta.get(_SETTINGS, config_file.Settings())
    file = visible(found.file)
    rows = []
    for parameter in context.command.params:
        key = key_of(parameter)
        if key is not None and key not in ONLY_GIVEN and parameter.name is not None:
            source = context.get_parameter_source(parameter.name)
            value = context.params.get(parameter.name)
            rows.append((key, _shown(key, value), _origin(source, file)))
    rows += list(_credentials(context, environment))
    head = f"Settings from {file}:" if file else "Settings, of which none come from a file:"
    return "\n".join([head, "", *config_file.table([("option", "value", "from"), *rows])])


def _origin(source: ParameterSource | None, file: str) -> str:
    return {
        ParameterSource.COMMANDLINE: "command line",
        # Only the URL has a variable.
        ParameterSource.ENVIRONMENT: "$CONDUCTOR_SERVER_URL",
        ParameterSource.DEFAULT_MAP: file,
    }.get(source or ParameterSource.DEFAULT, "default")


def _shown(key: str, value: Any) -> str:
    if key == "url":
        return config_file.shown_url(value) if value else "the reference server"
    if key == "header":
        return ", ".join(f"{visible(name)}: ***" for name, _ in value) or "not set"
    if value is None or value == ():
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return visible(",".join(",".join(part) for part in value))
    return visible(f"{value:g}" if isinstance(value, float) else str(value))


def _credentials(
    context: click.Context, environment: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    from conformance.target.credentials import KEY_VARIABLE, SECRET_VARIABLE, VARIABLE

    given = [name for name in (VARIABLE, KEY_VARIABLE, SECRET_VARIABLE) if environment.get(name)]
    if context.params.get("token_file") is not None:
        used = "set, by token-file"
    elif VARIABLE in given:
        used = f"set, by ${VARIABLE}"
    elif {KEY_VARIABLE, SECRET_VARIABLE} <= set(given):
        used = f"set, by ${KEY_VARIABLE} and ${SECRET_VARIABLE}"
    else:
        used = "not set"
    if not context.params.get("url"):
        used = "its own"
    yield "credential", used, "environment" if "$" in used else ""
    for name in (VARIABLE, KEY_VARIABLE, SECRET_VARIABLE):
        yield f"${name}", "set" if name in given else "not set", "environment"
