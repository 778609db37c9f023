"""The command ``serve``: the reference server in the foreground."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import TYPE_CHECKING

import click

from conformance.cli import completion
from conformance.core.text import counted
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.reference import ReferenceServer
    from conformance.reference.cataloguing import Entry
    from conformance.reference.variations.entries import Key


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: a free port."
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
    help="Be unusual but valid in this way (list --variations).",
)
def serve(host: str, port: int, faults: tuple[str, ...], variations: tuple[str, ...]) -> None:
    """Run the reference server until it is interrupted.

    It keeps the contract unless a fault is given.
    """
    if faults and variations:
        raise UsageError("--fault and --variation exclude each other; give one of them")
    for option, given in (("--fault", faults), ("--variation", variations)):
        if len(given) > 1:
            raise UsageError(
                f"{option} is given more than once; a server has one of them at a time"
            )
    from conformance.reference import ReferenceServer
    from conformance.reference.variations.entries import Key
    from conformance.selftest import catalogue

    if faults:
        broken = catalogue.fault(faults[0])
        remarks = [
            f"It has the fault {broken.name}: {broken.description}",
            f"It breaks at least {', '.join(sorted(broken.breaks))}{_profile_needed(broken)}.",
        ]
        _serve(host, port, broken.make(), Key.TOKEN, remarks)
    elif variations:
        unusual = catalogue.variation(variations[0])
        remarks = [
            f"It has the variation {unusual.name}: {unusual.description}",
            f"It breaks nothing{_profile_needed(unusual)}.",
        ]
        _serve(host, port, unusual.make(), unusual.key, remarks, unusual.published)
    else:
        _serve(host, port, ReferenceServer(), Key.ACCESS_KEY)


def _profile_needed(entry: Entry) -> str:
    return "" if entry.profile == "quick" else f"; only the profile {entry.profile} shows it"


def _serve(
    host: str,
    port: int,
    server: ReferenceServer,
    key: Key,
    remarks: Sequence[str] = (),
    published: Callable[[str], AbstractContextManager[str]] = nullcontext,
) -> None:
    from conformance.reference import PortUnavailable, serve

    with ExitStack() as stack:

        def tell(api_url: str) -> None:
            url = stack.enter_context(published(api_url))
            click.echo(f"The reference server runs at {url} until it is interrupted (Ctrl-C).")
            for line in (*remarks, *_how_it_is_asked(server, key, url)):
                click.echo(line)

        try:
            serve(server, host, port, tell)
        except PortUnavailable as error:
            host = "give --host an address of this machine, such as 127.0.0.1"
            advice = host if error.of_host else "--port 0 takes a free port"
            raise UsageError(f"{error}; {advice}") from error


def _how_it_is_asked(server: ReferenceServer, key: Key, url: str) -> Iterator[str]:
    from conformance.reference.variations.entries import Key

    there = f"  export CONDUCTOR_SERVER_URL={url}"
    match key:
        case Key.NONE:
            yield "It needs no credential:"
            yield there
            yield "  unset CONDUCTOR_AUTH_TOKEN CONDUCTOR_AUTH_KEY CONDUCTOR_AUTH_SECRET"
        case Key.TOKEN:
            minutes = counted(int(server.token_lifetime // 60), "minute")
            yield f"Its credential, new at each start and valid for {minutes}:"
            yield there
            yield f"  export CONDUCTOR_AUTH_TOKEN={shlex.quote(server.issue_token())}"
            expired = server.issue_token(expired=True)
            yield f"  export CONDUCTOR_EXPIRED_TOKEN={shlex.quote(expired)}"
        case Key.ACCESS_KEY:
            yield "Its credentials, new at each start:"
            yield there
            pair = f"CONDUCTOR_AUTH_KEY={server.key_id} CONDUCTOR_AUTH_SECRET={server.key_secret}"
            yield f"  export {pair}"
    yield "With these variables set, `conductor-conformance run` judges it."
