"""The command: arguments in, exit code out."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from conformance import interruption
from conformance._version import __version__
from conformance.errors import ConformanceError, ForbiddenRequest, UsageError
from conformance.internal import internal
from conformance.output import reader_may_leave, unwritable
from conformance.text import sentence

EXIT_USAGE = 2
EXIT_CANNOT_TEST = 3
EXIT_INTERRUPTED = 130

CONTRACT = click.option(
    "--contract",
    "contract_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Judge by this contract instead of the one shipped.",
)


class _Names(click.ParamType[tuple[str, ...]]):
    """Names joined by commas."""

    name = "names"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        names = tuple(name.strip() for name in str(value).split(",") if name.strip())
        if not names:
            self.fail("give at least one requirement or family", param, ctx)
        return names


class _Header(click.ParamType[tuple[str, str]]):
    """A header as ``Name: value``."""

    name = "header"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        name, colon, content = str(value).partition(":")
        if not colon or not name.strip():
            # The text is not repeated: a mistyped header may be a credential.
            self.fail("a header is written 'Name: value'", param, ctx)
        return name.strip(), content.strip()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="conductor-conformance")
def cli() -> None:
    """Judge whether a Conductor server keeps the contract of GET /api/integrations/provider.

    Exit codes: 0 conformant, 1 not conformant, 2 usage error, 3 the target could not be tested,
    130 interrupted.
    """


@cli.command()
@click.argument("url", required=False)
@click.option(
    "--json", "json_file", metavar="FILE", help="Write a JSON report ('-': standard output)."
)
@click.option("--junit", "junit_file", metavar="FILE", help="Write a JUnit XML report.")
@click.option(
    "--profile",
    type=click.Choice(["quick", "standard", "thorough"]),
    default="standard",
    show_default=True,
    help="How much is asked; quick: no generated queries, thorough: many more.",
)
@click.option("--seed", type=int, metavar="N", help="Generate the same queries again.")
@click.option(
    "--only",
    type=_Names(),
    multiple=True,
    metavar="ID[,ID]",
    help="Judge these requirements or families.",
)
@click.option(
    "--skip",
    type=_Names(),
    multiple=True,
    metavar="ID[,ID]",
    help="Leave these requirements or families out.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["must", "should"]),
    default="must",
    show_default=True,
    help="The least binding level whose failure counts.",
)
@click.option(
    "--require-evidence", is_flag=True, help="Count an inconclusive requirement as a failure."
)
@click.option(
    "--timeout",
    type=float,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="For each request.",
)
@click.option(
    "--retry-budget",
    type=float,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="For all waiting while the server is busy or in trouble; 0: do not wait.",
)
@click.option(
    "--run-timeout",
    type=float,
    metavar="SECONDS",
    help="For the whole run.  [default: 900, and what --rate-limit costs]",
)
@click.option(
    "--rate-limit", metavar="N/s", help="Send no more than so many requests; also N/m, N/h."
)
@click.option(
    "--max-requests",
    type=click.IntRange(min=1),
    metavar="N",
    help="Send no more than so many requests in all.  [default: by profile]",
)
@click.option(
    "--parallel",
    type=click.IntRange(1, 32),
    default=4,
    show_default=True,
    metavar="N",
    help="Requests under way at once, at the most.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@click.option(
    "--header",
    "headers",
    type=_Header(),
    multiple=True,
    metavar="'NAME: VALUE'",
    help="Send this header with every request; may be given several times.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the access token from a file.",
)
@click.option(
    "--ca-bundle", type=click.Path(path_type=Path), metavar="FILE", help="Trust these certificates."
)
@click.option("--insecure", is_flag=True, help="Do not verify the server's certificate.")
@CONTRACT
@click.pass_context
def run(context: click.Context, /, **options: Any) -> None:
    """Judge the server at URL.

    Without URL, the server at $CONDUCTOR_SERVER_URL is judged, and without that the reference
    server that comes with this command. The credential is $CONDUCTOR_AUTH_TOKEN, or
    $CONDUCTOR_AUTH_KEY with $CONDUCTOR_AUTH_SECRET. Only reads are ever sent.
    """
    from conformance.main_job import RunRequest, execute

    context.exit(execute(RunRequest(**options)))


@cli.command(name="list")
@click.argument("names", nargs=-1, metavar="[ID|FAMILY|NAME]...")
@click.option("--faults", is_flag=True, help="List the faults that `serve --fault` can have.")
@click.option("--variations", is_flag=True, help="List the variations for `serve --variation`.")
@CONTRACT
def list_requirements(
    names: tuple[str, ...], faults: bool, variations: bool, contract_file: Path | None
) -> None:
    """List the requirements of the contract, or the faults or variations of the reference server.

    A NAME is that of a fault or variation, or a pattern such as 'http-*'; with --faults, an ID or
    FAMILY stands for the faults that break it.
    """
    if faults and variations:
        raise UsageError("--faults and --variations exclude each other")
    if faults or variations:
        from conformance import entry_listing

        listed = entry_listing.faults if faults else entry_listing.variations
        click.echo(listed(names, contract_file))
        return
    from conformance.catalogue import listing

    click.echo(listing(names, contract_file))


@cli.command()
@click.argument("name", metavar="ID|FAMILY")
@CONTRACT
def explain(name: str, contract_file: Path | None) -> None:
    """Explain a requirement, or all of a family: what it says, why, and how it is checked."""
    from conformance.catalogue import explanation

    click.echo(explanation(name, contract_file))


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: a free one."
)
@click.option("--fault", metavar="NAME", help="Break the contract in this way (list --faults).")
@click.option("--variation", metavar="NAME", help="Be odd in this way (list --variations).")
def serve(host: str, port: int, fault: str | None, variation: str | None) -> None:
    """Run the reference server until it is interrupted.

    It keeps the contract, unless it is given a fault.
    """
    if fault is not None and variation is not None:
        raise UsageError("--fault and --variation exclude each other")
    from conformance.serving import serve_reference

    serve_reference(host, port, click.echo, fault=fault, variation=variation)


@cli.command(name="self-test")
@click.option(
    "--json", "json_file", metavar="FILE", help="Write the result as JSON ('-': standard output)."
)
@click.option("--markdown", "markdown_file", metavar="FILE", help="Write it as Markdown.")
@click.option("--html", "html_file", metavar="FILE", help="Write it as a page of its own.")
@click.option(
    "--only",
    type=_Names(),
    multiple=True,
    metavar="NAME[,NAME]",
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
    from conformance.selftest.job import SelfTestRequest, execute

    context.exit(execute(SelfTestRequest(**options)))


def main() -> NoReturn:
    """Run the command and end the process with its exit code."""
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


def _code() -> int:
    try:
        # Without standalone mode, click returns the code given to Context.exit.
        result = cli.main(standalone_mode=False)
    except click.UsageError as error:
        if error.message.startswith("Got unexpected extra argument"):
            # It is not repeated: behind a header that was not quoted it may be a credential.
            error = click.UsageError(
                "Got unexpected extra arguments; a header is one: 'Name: value'", error.ctx
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
