"""Options of ``run`` from a file: ``[tool.conductor-conformance]`` in pyproject.toml, or --config.

The keys are the long names of the options that ``run`` has; nothing is listed here twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from conformance.cli.shared_options import Command
from conformance.core import input_files
from conformance.core.suggestions import suggestion
from conformance.core.text import clipped, visible
from conformance.core.toml_document import NotToml, read_toml
from conformance.errors import UsageError

TABLE = "conductor-conformance"
PROJECT_FILE = "pyproject.toml"
REPOSITORY = (".git", ".hg", ".svn")
CREDENTIALS = ("token", "auth", "key", "secret", "password", "credential")
"""Words in unknown keys that were probably meant to set a credential."""
ONLY_GIVEN = frozenset(
    {
        *("config", "target", "show-config", "dry-run", "update-baseline", "help"),
        *("with-fixtures", "receipt", "confirm"),
    }
)
"""Options not allowed in a config file because they change what `run` does."""
TARGETS = "targets"
"""The table with a table of settings for each named target."""
_FILE = "conformance.cli.config_file"
"""Where the context of a command keeps the file that its options were read from."""
_GIVEN = f"{_FILE}.given"
"""Where it keeps the options that say what to read, until both are known."""
_URL = f"{_FILE}.url"
"""Where it keeps the URL of the named target."""


class Kind(Enum):
    """The type of a setting in TOML, as error messages name it."""

    SWITCH = "true or false"
    INTEGER = "an integer"
    NUMBER = "a number"
    TEXT = "a text in quotation marks"
    FILE = "the name of a file in quotation marks"
    LIST = "a list of texts"


def find(folder: Path) -> Path | None:
    """Return the pyproject.toml that has settings for a run in this folder.

    It is that of the folder or the nearest one above it, up to the root of its repository. Outside
    a repository, folders above are not searched: others may write there, and the URL in a file
    decides who gets the credential.
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
    """Return the tools in a project file, if it mentions this suite; others may be invalid."""
    text = _text(file)
    if TABLE not in text:
        return {}
    tools = _document(file, text).get("tool", {})
    return tools if isinstance(tools, Mapping) else {}


def read(
    file: Path, known: Mapping[str, Kind], folder: Path, target: str | None = None
) -> dict[str, Any]:
    """Return the settings in a file by key, with paths resolved against the folder of the file.

    Args:
        file: a pyproject.toml, or a file with settings only.
        known: the kind of every setting by its key.
        folder: the current folder; paths of a file in it are left as written.
        target: the named target whose settings go before the others.

    Raises:
        UsageError: the file cannot be read, has an unknown key, a value of another kind, or no such
            target.
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
            f"the settings in {file}: tool.{TABLE} is not a table; begin it with [tool.{TABLE}]"
        )
    tables: list[Mapping[str, Any]] = [
        {key: value for key, value in table.items() if key != TARGETS}
    ]
    if target is not None:
        tables.append(_target(file, table.get(TARGETS, {}), target))
    values: dict[str, Any] = {}
    for one in tables:
        values |= settings(file, one, known, folder)
    return values


def settings(
    file: Path, table: Mapping[str, Any], known: Mapping[str, Kind], folder: Path
) -> dict[str, Any]:
    """Return the settings of a table as ``read`` does.

    Raises:
        UsageError: as in ``read``.
    """
    values: dict[str, Any] = {}
    for written, value in table.items():
        key = _key(file, written, known)
        if key in values:
            raise UsageError(f"the settings in {file}: {key} is set twice; remove one of them")
        values[key] = _value(file, key, known[key], value, folder)
    return values


def _target(file: Path, targets: Any, name: str) -> Mapping[str, Any]:
    known = targets if isinstance(targets, Mapping) else {}
    if name not in known:
        hint = suggestion(name, list(known), otherwise=f"known targets are {', '.join(known)}")
        place = f"tool.{TABLE}.{TARGETS}" if file.name == PROJECT_FILE else TARGETS
        example = f"add it as [{place}.{visible(clipped(name))}]"
        raise UsageError(
            f"the settings in {file} have no target '{visible(clipped(name))}'; "
            f"{hint if known else example}"
        )
    table = known[name]
    if not isinstance(table, Mapping):
        raise UsageError(
            f"the settings in {file}: {TARGETS}.{visible(name)} is not a table; "
            f"begin it with [tool.{TABLE}.{TARGETS}.{visible(name)}]"
        )
    return table


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
        return read_toml(text)
    except NotToml as error:
        raise UsageError(
            f"the settings in {file} are not TOML: {visible(str(error))}; correct the file"
        ) from error


def _key(file: Path, written: str, known: Mapping[str, Kind]) -> str:
    key = written.replace("_", "-")
    shown = f"'{visible(clipped(written))}'"
    if key not in known:
        if any(word in key.lower() for word in CREDENTIALS):
            raise UsageError(
                f"the settings in {file}: unknown key {shown}; credentials are not read "
                "from it, but from CONDUCTOR_AUTH_TOKEN, or CONDUCTOR_AUTH_KEY and "
                "CONDUCTOR_AUTH_SECRET, or the file that token-file names; remove it"
            )
        allowed = [one for one in known if one not in ONLY_GIVEN]
        hint = suggestion(key, allowed, otherwise=f"known keys are {', '.join(allowed)}")
        raise UsageError(f"the settings in {file}: unknown key {shown}; {hint}")
    if key in ONLY_GIVEN:
        raise UsageError(
            f"the settings in {file}: {shown} can be given on the command line only, as --{key}"
        )
    return key


def _value(file: Path, key: str, kind: Kind, value: Any, folder: Path) -> Any:
    if kind is Kind.LIST and isinstance(value, str):
        value = [value]
    if not _fits(kind, value):
        raise UsageError(f"the settings in {file}: {key} must be {kind.value}")
    if key == "header":
        for header in value:
            _check_header(file, header)
    if kind is Kind.FILE:
        if "\0" in value:
            raise UsageError(f"the settings in {file}: {key} is not a valid file name; correct it")
        return _relative(file, value, folder)
    return value


def typed(kind: Kind | None, text: str) -> Any:
    """Return a text as a value of this kind; as it is, if it is none."""
    if kind is Kind.SWITCH:
        return {"true": True, "false": False}.get(text, text)
    if kind in (Kind.INTEGER, Kind.NUMBER):
        with suppress(ValueError):
            return int(text) if kind is Kind.INTEGER else float(text)
    return text


def _fits(kind: Kind, value: Any) -> bool:
    match kind:
        case Kind.SWITCH:
            return isinstance(value, bool)
        case Kind.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Kind.LIST:
            return isinstance(value, list) and all(isinstance(part, str) for part in value)
        case _:
            return isinstance(value, str)


def _check_header(file: Path, header: str) -> None:
    from conformance.target.redaction import CONFIDENTIAL_HEADERS

    name = header.partition(":")[0].strip()
    if any(word in name.lower() for word in CONFIDENTIAL_HEADERS):
        raise UsageError(
            f"the settings in {file}: the header '{visible(clipped(name))}' may hold a "
            "credential, which is not read from a file; name its variable in header-env"
        )


def _relative(file: Path, value: str, folder: Path) -> str:
    """Resolve a file name against the folder of the file that contains it."""
    if value in ("", "-") or Path(value).is_absolute():
        return value
    home = file.resolve().parent
    return value if home == folder.resolve() else os.path.normpath(home / value)


def shown_url(url: str) -> str:
    """Return a URL with its user name, password, query and fragment masked."""
    shown, mark = url, ""
    for sign in "#?":
        shown, found, _ = shown.partition(sign)
        mark = f"{found}***" if found else mark
    scheme, separator, rest = shown.rpartition("://")
    authority, slash, path = rest.partition("/")
    user, _, host = authority.rpartition("@")
    masked = f"***@{host}" if user else authority
    return visible(f"{scheme}{separator}{masked}{slash}{path}{mark}")


def known_settings(command: click.Command) -> dict[str, Kind]:
    """Return the kinds of the settings by key: the long names of the options, and ``url``."""
    return {key: _kind(parameter) for key, parameter in _by_key(command).items()}


def _by_key(command: click.Command) -> dict[str, click.Parameter]:
    found: dict[str, click.Parameter] = {}
    for parameter in command.params:
        names = [name.lstrip("-") for name in parameter.opts if name.startswith("--")]
        key = parameter.name if isinstance(parameter, click.Argument) else next(iter(names), None)
        if key is not None:
            found[key] = parameter
    return found


def _kind(parameter: click.Parameter) -> Kind:
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return Kind.SWITCH
    if parameter.multiple:
        return Kind.LIST
    if isinstance(parameter.type, click.types.IntParamType):
        return Kind.INTEGER
    if isinstance(parameter.type, click.types.FloatParamType):
        return Kind.NUMBER
    return Kind.FILE if parameter.metavar == "FILE" else Kind.TEXT


def _load(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Read the file, once both options are known that say which and what."""
    if context.resilient_parsing:
        return
    given = context.meta.setdefault(_GIVEN, {})
    given[parameter.name] = value
    if len(given) < len(_DECIDING):
        return
    folder, target = Path.cwd(), given["target"]
    file = given["config"] or find(folder)
    if file is None:
        if target is not None:
            raise UsageError(
                f"there is no file with the target '{visible(clipped(target))}': name it with "
                f"--config, or add [tool.{TABLE}.{TARGETS}.NAME] to {PROJECT_FILE}"
            )
        return
    parameters = _by_key(context.command)
    defaults: dict[str, Any] = {}
    for key, value in read(file, known_settings(context.command), folder, target).items():
        parameter = parameters[key]
        assert parameter.name is not None  # noqa: S101 - click names them all
        defaults[parameter.name] = value
        try:
            parameter.type_cast_value(context, value)
        except click.BadParameter as error:
            text = "the value is not a header" if key == "header" else error.message
            raise UsageError(
                f"the settings in {file}: {key}: {visible(text)}; correct it"
            ) from error
    context.meta[_FILE] = file
    context.meta[_URL] = defaults.get("url") if target is not None else None
    context.default_map = {**(context.default_map or {}), **defaults}


_DECIDING = ("config", "target")
"""Options that decide what is read."""


def url_of_target(context: click.Context) -> str | None:
    """Return the URL of the named target, unless another one is on the command line.

    It goes before the variable for the URL, which is about other runs.
    """
    given = context.get_parameter_source("url") is ParameterSource.COMMANDLINE
    url: str | None = context.meta.get(_URL)
    return None if given else url


def configurable(command: Command) -> Command:
    """Let a command read its options from a file and show the origin of each."""
    target = click.option(
        "--target",
        metavar="NAME",
        is_eager=True,
        expose_value=False,
        callback=_load,
        help="Read the options of this target, [targets.NAME] in that file, as well.",
    )
    config = click.option(
        "--config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        is_eager=True,
        expose_value=False,
        callback=_load,
        help="Read options from this TOML file.  [default: [tool.conductor-conformance] in the "
        "pyproject.toml of this folder or of one above it in the repository]",
    )
    show = click.option(
        "--show-config",
        is_flag=True,
        help="Show each option with its value and origin, without sending anything.",
    )
    return config(target(show(command)))


def settings_file(context: click.Context) -> Path | None:
    """Return the file that options were read from, if there is one."""
    file: Path | None = context.meta.get(_FILE)
    return file


def show_config(context: click.Context) -> str:
    """Return each setting of a run with its value and origin; secrets are not shown."""
    from conformance.target.network import bundle_of_environment

    path = settings_file(context)
    file = "" if path is None else visible(str(path))
    rows = [("option", "value", "from")]
    for key, parameter in _by_key(context.command).items():
        if key not in ONLY_GIVEN:
            name = str(parameter.name)
            origin = _origin(context.get_parameter_source(name), file)
            value = context.params.get(name)
            if key == "url" and (named := url_of_target(context)) is not None:
                value, origin = named, file
            if key == "ca-bundle" and value is None and not context.params["insecure"]:
                url = url_of_target(context) or context.params["url"]
                variable, value = bundle_of_environment(os.environ, url)
                origin = f"${variable}" if variable else origin
            rows.append((key, _shown(key, value), origin))
    rows += _credentials(context, os.environ)
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [
        f"{key:<{widths[0]}}  {value:<{min(widths[1], 48)}}  {source}".rstrip()
        for key, value, source in rows
    ]
    head = f"Settings from {file}:" if file else "Settings (no file):"
    return "\n".join([head, "", *lines])


def _origin(source: ParameterSource | None, file: str) -> str:
    return {
        ParameterSource.COMMANDLINE: "command line",
        # Only the URL has a variable that click reads.
        ParameterSource.ENVIRONMENT: "$CONDUCTOR_SERVER_URL",
        ParameterSource.DEFAULT_MAP: file,
    }.get(source or ParameterSource.DEFAULT, "default")


def _shown(key: str, value: Any) -> str:
    if key == "url":
        return shown_url(value) if value else "none: give a URL"
    if key == "header":
        return ", ".join(f"{visible(name)}: ***" for name, _ in value) or "not set"
    if key == "header-env":
        return ", ".join(f"{name}: ${variable}" for name, variable in value) or "not set"
    if key == "token-command" and value:
        # An argument may be a secret.
        return visible(f"{value.split()[0]} ***")
    if key == "proxy" and value:
        return shown_url(value)
    if value is None or value == ():
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return visible(",".join(value))
    return visible(f"{value:g}" if isinstance(value, float) else str(value))


def _credentials(
    context: click.Context, environment: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    from conformance.target.credentials import KEY_VARIABLE, SECRET_VARIABLE, VARIABLE

    given = [name for name in (VARIABLE, KEY_VARIABLE, SECRET_VARIABLE) if environment.get(name)]
    if context.params.get("token_command") is not None:
        used = "set, by token-command"
    elif context.params.get("token_file") is not None:
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
