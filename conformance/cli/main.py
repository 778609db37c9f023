"""The command: arguments in, exit code out."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

import click

from conformance._version import __version__
from conformance.cli import completion
from conformance.cli.compare import compare
from conformance.cli.judge import judge
from conformance.cli.options import CONTRACT, Names
from conformance.cli.run import run
from conformance.core import interruption
from conformance.core.output import reader_may_leave, unwritable
from conformance.core.text import sentence, width_of
from conformance.errors import ConformanceError, ForbiddenRequest, UsageError, internal

EXIT_USAGE = 2
EXIT_CANNOT_TEST = 3
EXIT_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="conductor-conformance")
def cli() -> None:
    """Judge whether a Conductor server keeps the contract of GET /api/integrations/provider.

    Exit codes: 0 conformant, 1 not conformant, 2 usage error, 3 the target could not be tested,
    130 interrupted.
    """


cli.add_command(run)
cli.add_command(compare)
cli.add_command(judge)


@cli.command(name="list")
@click.argument(
    "joined",
    nargs=-1,
    type=Names(),
    metavar="[ID|FAMILY|NAME]...",
    shell_complete=completion.requirements_and_entries,
)
@click.option("--faults", is_flag=True, help="List the faults that `serve --fault` can have.")
@click.option("--variations", is_flag=True, help="List the variations for `serve --variation`.")
@CONTRACT
def list_requirements(
    joined: tuple[tuple[str, ...], ...],
    faults: bool,
    variations: bool,
    contract_file: Path | None,
) -> None:
    """List the requirements of the contract, or the faults or variations of the reference server.

    A NAME is that of a fault or variation, or a pattern such as 'http-*'; with --faults, an ID or
    FAMILY stands for the faults that break it.
    """
    if faults and variations:
        raise UsageError("--faults and --variations exclude each other; give one of them")
    names = tuple(chain(*joined))
    if faults or variations:
        from conformance.cli import entry_listing

        listed = entry_listing.faults if faults else entry_listing.variations
        click.echo(listed(names, contract_file, width_of(sys.stdout)))
        return
    from conformance.cli.catalogue import listing

    click.echo(listing(names, contract_file, width_of(sys.stdout)))


@cli.command()
@click.argument(
    "joined",
    nargs=-1,
    type=Names(),
    metavar="[ID|FAMILY]...",
    shell_complete=completion.requirements,
)
@CONTRACT
def explain(joined: tuple[tuple[str, ...], ...], contract_file: Path | None) -> None:
    """Explain requirements, or all of a family.

    Shown are what a requirement says, why it matters, how it is checked, the smallest answer that
    breaks it and which faults of the reference server do.
    """
    if not joined:
        raise UsageError(
            "explain needs the id of a requirement, such as FILTER-06; "
            "`conductor-conformance list` shows all"
        )
    from conformance.cli.catalogue import explanation

    click.echo(explanation(tuple(chain(*joined)), contract_file, width_of(sys.stdout)))


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: a free one."
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    shell_complete=completion.faults,
    help="Break the contract in this way (list --faults).",
)
@click.option(
    "--variation",
    "variations",
    multiple=True,
    metavar="NAME",
    shell_complete=completion.variations,
    help="Be odd in this way (list --variations).",
)
def serve(host: str, port: int, faults: tuple[str, ...], variations: tuple[str, ...]) -> None:
    """Run the reference server until it is interrupted.

    It keeps the contract, unless it is given a fault.
    """
    if faults and variations:
        raise UsageError("--fault and --variation exclude each other; give one of them")
    for option, given in (("--fault", faults), ("--variation", variations)):
        if len(given) > 1:
            raise UsageError(
                f"{option} is given more than once; give it once, since a server is of one kind"
            )
    from conformance.cli.serve import serve_reference

    fault, variation = (given[0] if given else None for given in (faults, variations))
    serve_reference(host, port, click.echo, fault=fault, variation=variation)


@cli.command(name="self-test")
@click.option(
    "--json", "json_file", metavar="FILE", help="Write the result as JSON ('-': standard output)."
)
@click.option("--markdown", "markdown_file", metavar="FILE", help="Write it as Markdown.")
@click.option("--html", "html_file", metavar="FILE", help="Write it as a page of its own.")
@click.option(
    "--only",
    type=Names(),
    multiple=True,
    metavar="NAME[,NAME]",
    shell_complete=completion.requirements_and_entries,
    help="Try these faults and variations; patterns such as 'http-*', and requirements or "
    "families, which stand for the faults that break them.",
)
@click.option(
    "--profile",
    type=click.Choice(["own", "quick", "standard", "thorough"]),
    default="own",
    show_default=True,
    help="How much is asked; own: of each server the least that can see what is special about it.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=1,
    show_default=True,
    metavar="N",
    help="Generate other queries.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Servers tried at once, each in a process.  [default: one per usable processor]",
)
@click.option("--verbose", "-v", is_flag=True, help="Show a line for each server.")
@click.pass_context
def self_test(context: click.Context, /, **options: Any) -> None:
    """Try this suite: whether it finds every fault and blames no variation.

    Each faulty and each odd server of the reference server's catalogues is run and judged. Exit
    codes: 0 all as declared, 1 something is not, 2 usage error, 130 interrupted.
    """
    from conformance.cli.selftest import SelfTestRequest, execute

    context.exit(execute(SelfTestRequest(**options)))


@cli.command()
@click.argument("directory", metavar="DIR")
@click.option(
    "--self-test",
    "self_test_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Show the fault matrix of this result of `self-test --json FILE`.",
)
@click.option(
    "--bundle",
    "bundle_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Take the renderer of the reference from its npm archive, where there is no node.",
)
@click.pass_context
def publish(context: click.Context, /, **options: Any) -> None:
    """Write the contract as a static site into DIR.

    It has the reference, the requirements, every version and its downloads, works from a file share
    and asks nothing of any other host. DIR must be empty, missing, or a site that this command
    made, which is replaced.
    """
    from conformance.cli.publish import PublishRequest, execute

    context.exit(execute(PublishRequest(**options)))


@cli.command(name="completion")
@click.argument("shell", required=False, type=click.Choice(completion.SHELLS))
def complete(shell: str | None) -> None:
    """Print the script that completes this command in a shell, by default that of $SHELL.

    For bash, eval "$(conductor-conformance completion bash)" in ~/.bashrc; likewise for zsh. For
    fish, conductor-conformance completion fish | source in ~/.config/fish/config.fish.
    """
    click.echo(completion.script(cli, shell))


def main() -> NoReturn:
    """Run the command and end the process with its exit code."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    interruption.install()
    code = EXIT_CANNOT_TEST
    with reader_may_leave():
        code = _code()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            # What nobody can take must not change the exit code when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if code == EXIT_INTERRUPTED:
        # Requests that are still under way must not hold up someone who wants to stop.
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _open_streams() -> None:
    """Let a command that was started without output, as by a daemon, still write its reports."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123


def _code() -> int:
    try:
        # Without standalone mode, click returns the code given to Context.exit.
        result = cli.main(standalone_mode=False, complete_var=completion.VARIABLE)
    except click.UsageError as error:
        if error.message.startswith("Got unexpected extra argument"):
            # It is not repeated: behind a header that was not quoted it may be a credential.
            error = click.UsageError(
                "Got unexpected extra arguments; name one server, report or recording at a time, "
                "and put what has blanks, such as a header, in quotation marks: 'Name: value'",
                error.ctx,
            )
        error.show()
        return EXIT_USAGE
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except UsageError as error:
        _complain(f"Error: {sentence(str(error))}")
        return EXIT_USAGE
    except ForbiddenRequest as error:
        _complain(internal(error))
        return EXIT_CANNOT_TEST
    except ConformanceError as error:
        _complain(f"Error: {sentence(str(error))}")
        return EXIT_CANNOT_TEST
    except (click.Abort, KeyboardInterrupt):
        interruption.acknowledge()
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last resort; a user never sees a traceback
        if interruption.lies_behind(error):
            interruption.acknowledge()
            return EXIT_INTERRUPTED
        problem = unwritable(error) if isinstance(error, OSError) else None
        if problem is not None:
            _complain(f"Error: {sentence(problem)}")
            return EXIT_USAGE
        _complain(internal(error))
        return EXIT_CANNOT_TEST
    return result if isinstance(result, int) else 0


def _complain(text: str) -> None:
    with suppress(OSError):
        # If nobody can be told, the exit code still tells it.
        click.echo(text, err=True)


if __name__ == "__main__":
    main()
