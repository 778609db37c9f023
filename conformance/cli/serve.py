"""The command ``serve``: the reference server in the foreground."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli import completion
from conformance.core import output
from conformance.core.text import counted
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.clients.exchanges import Around
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
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="NAME",
    shell_complete=completion.scenarios,
    help="Be the server of this scenario of `client`.",
)
@click.option("--log", "log_file", metavar="FILE", help="Write requests as JSON lines, redacted.")
def serve(
    host: str,
    port: int,
    faults: tuple[str, ...],
    variations: tuple[str, ...],
    scenarios: tuple[str, ...],
    log_file: str | None,
) -> None:
    """Run the reference server until it is interrupted.

    It keeps the contract unless a fault is given.
    """
    options = {"--fault": faults, "--variation": variations, "--scenario": scenarios}
    if sum(map(bool, options.values())) > 1:
        exclusive = [option for option, given in options.items() if given]
        raise UsageError(f"{' and '.join(exclusive)} exclude each other; give one of them")
    for option, given in options.items():
        if len(given) > 1:
            raise UsageError(
                f"{option} is given more than once, but a server has one at a time; give one"
            )
    if scenarios:
        offer = _scenario(scenarios[0])
    elif faults:
        offer = _fault(faults[0])
    elif variations:
        offer = _variation(variations[0])
    else:
        offer = _right()
    with _logged(offer.server, log_file) as around, offer.beside(around):
        _serve(host, port, offer, around)


@dataclass(frozen=True, slots=True)
class _Offer:
    """A server to run.

    ``remarks`` say what it is and ``last`` what it is for, each a line. ``published`` yields the
    URL for clients from that of the API. ``beside`` runs what the server needs besides.
    """

    server: ReferenceServer
    key: Key
    remarks: Sequence[str] = ()
    last: Sequence[str] = ("With these variables set, `conductor-conformance run` judges it.",)
    published: Callable[[str], AbstractContextManager[str]] = nullcontext
    beside: Callable[[Around], AbstractContextManager[object]] = nullcontext


def _right() -> _Offer:
    from conformance.reference import ReferenceServer
    from conformance.reference.variations.entries import Key

    return _Offer(ReferenceServer(), Key.ACCESS_KEY)


def _fault(name: str) -> _Offer:
    from conformance.reference.variations.entries import Key
    from conformance.selftest import catalogue

    broken = catalogue.fault(name)
    return _Offer(
        broken.make(),
        Key.TOKEN,
        [
            f"It has the fault {broken.name}: {broken.description}",
            f"It breaks at least {', '.join(sorted(broken.breaks))}{_profile_needed(broken)}.",
        ],
    )


def _variation(name: str) -> _Offer:
    from conformance.selftest import catalogue

    unusual = catalogue.variation(name)
    return _Offer(
        unusual.make(),
        unusual.key,
        [
            f"It has the variation {unusual.name}: {unusual.description}",
            f"It breaks nothing{_profile_needed(unusual)}.",
        ],
        published=unusual.published,
    )


def _scenario(name: str) -> _Offer:
    from conformance.clients.run import other_origin
    from conformance.clients.scenarios import named
    from conformance.reference.variations.entries import Key

    scenario = named(name)
    server = scenario.make()
    filters = [f"  export {name}={value}" for name, value in scenario.filters.items()]
    return _Offer(
        server,
        Key.ACCESS_KEY,
        [f"It is the server of the scenario {scenario.name}: {scenario.description}"],
        [*filters, "With these variables set, a client is in this scenario."],
        published=lambda url: nullcontext(scenario.url(url)),
        beside=partial(other_origin, server),
    )


@contextmanager
def _logged(server: ReferenceServer, log_file: str | None) -> Iterator[Around]:
    """Yield what passes requests to a server on to the log, each when it is over."""
    if log_file is None:
        yield lambda app, _origin=0: app
        return
    from conformance.clients.exchanges import Recorder, Sent, log_line

    secrets = {server.key_secret: "key secret"}
    output.check([log_file])
    standard = log_file == output.STANDARD_OUTPUT
    with (
        nullcontext() if standard else Path(log_file).open("a", encoding="utf-8", buffering=1)
    ) as stream:

        def observe(sent: Sent) -> None:
            if sent.issued:
                secrets[sent.issued] = "token"
            click.echo(log_line(sent, secrets), file=stream)

        yield Recorder(observe).around


def _profile_needed(entry: Entry) -> str:
    return "" if entry.profile == "quick" else f"; only the profile {entry.profile} shows it"


def _serve(host: str, port: int, offer: _Offer, around: Around) -> None:
    from conformance.reference import PortUnavailable, serve

    with ExitStack() as stack:

        def tell(api_url: str) -> None:
            url = stack.enter_context(offer.published(api_url))
            click.echo(f"The reference server runs at {url} until it is interrupted (Ctrl-C).")
            asked = _how_it_is_asked(offer.server, offer.key, url)
            for line in (*offer.remarks, *asked, *offer.last):
                click.echo(line)

        try:
            serve(offer.server, host, port, tell, around)
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
