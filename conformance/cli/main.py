"""The command ``conductor-conformance``: its commands, streams, errors and exit codes."""

from __future__ import annotations

import os
import sys
from collections import UserDict
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

from conformance._version import __version__
from conformance.cli import completion
from conformance.core import interruption, user_command
from conformance.core.output import full_disk_message, ignoring_closed_stdout
from conformance.core.text import sentence
from conformance.errors import (
    ConformanceError,
    ExitCode,
    ForbiddenRequest,
    UsageError,
    internal_error_message,
)


class LazyCommands(UserDict[str, Any]):
    """Commands by name, as ``module:function`` of this room; each is imported when it is used.

    Whoever asks for one command must not wait until all of them are imported.
    """

    def __getitem__(self, name: str) -> click.Command:
        module, _, function = self.data[name].partition(":")
        command: click.Command = getattr(import_module(f"conformance.cli.{module}"), function)
        return command


COMMANDS = LazyCommands(
    {
        "run": "run:run",
        "demo": "run:demo",
        "fixtures": "fixtures:fixtures",
        "judge": "judge:judge",
        "compare": "compare:compare",
        "client": "client:client",
        "fleet": "fleet:fleet",
        "list": "catalogue:list_requirements",
        "explain": "catalogue:explain",
        "serve": "serve:serve",
        "self-test": "selftest:self_test",
        "publish": "publish:publish",
        "completion": "completion:complete",
    }
)


@click.group(
    commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="conductor-conformance")
def cli() -> None:
    """Judge whether a Conductor server keeps the contract of GET /api/integrations/provider.

    Exit codes: 0 conformant, 1 not conformant, 2 usage error, 3 the target could not be tested,
    130 interrupted.
    """


def main() -> NoReturn:
    """Run the command and end the process with its exit code."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    interruption.install()
    code: int = ExitCode.CANNOT_TEST
    try:
        with ignoring_closed_stdout():
            code = _code()
            interruption.end_at_once(code)
    except KeyboardInterrupt:
        # A further signal, just after everything was reported.
        code = ExitCode.INTERRUPTED
        interruption.end_at_once(code)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            # A closed stream must not change the exit code when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if code == ExitCode.INTERRUPTED or interruption.was_out_of_time.is_set():
        # Responses that are still being read or judged must not delay the exit.
        user_command.kill_all()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _open_streams() -> None:
    """Open missing standard streams, so that a command started by a daemon can write reports."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123


def _code() -> int:
    try:
        # Without standalone mode, click returns the code given to Context.exit.
        result = cli.main(standalone_mode=False, complete_var=completion.VARIABLE)
    except click.ClickException as error:
        if error.message.startswith("Got unexpected extra argument"):
            # The text is not repeated: after an unquoted header it may be a credential.
            error = click.UsageError(
                "Got unexpected extra arguments; name one server or recording, and quote values "
                "that contain blanks, such as a header: 'Name: value'",
                error.ctx if isinstance(error, click.UsageError) else None,
            )
        error.show()
        return ExitCode.USAGE
    except ForbiddenRequest as error:
        _complain(internal_error_message(error))
        return ExitCode.CANNOT_TEST
    except ConformanceError as error:
        _complain(f"Error: {sentence(str(error))}")
        return ExitCode.USAGE if isinstance(error, UsageError) else ExitCode.CANNOT_TEST
    except (click.Abort, KeyboardInterrupt) as stop:
        interruption.acknowledge()
        # click raises an error of its own because of the interruption.
        caught = stop.__cause__ if isinstance(stop, click.Abort) else stop
        if caught is not None and isinstance(caught.__cause__, UsageError):
            # Something could not be written when the run was interrupted.
            _complain(f"Error: {sentence(str(caught.__cause__))}")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last resort; a user never sees a traceback
        if interruption.caused(error):
            interruption.acknowledge()
            return ExitCode.INTERRUPTED
        problem = full_disk_message(error) if isinstance(error, OSError) else None
        _complain(f"Error: {sentence(problem)}" if problem else internal_error_message(error))
        return ExitCode.USAGE if problem else ExitCode.CANNOT_TEST
    return result if isinstance(result, int) else 0


def _complain(text: str) -> None:
    with suppress(OSError):
        # Standard error may be closed; the exit code still tells.
        click.echo(text, err=True)


if __name__ == "__main__":
    main()
