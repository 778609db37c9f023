"""The ``serve`` command: the reference server in the foreground."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext

from conformance.core.text import counted
from conformance.errors import UsageError
from conformance.reference import PortUnavailable, ReferenceServer, serve
from conformance.reference.cataloguing import Entry
from conformance.reference.variations.entries import Key

Say = Callable[[str], object]


def serve_reference(
    host: str, port: int, say: Say, *, fault: str | None = None, variation: str | None = None
) -> None:
    """Run the reference server until it is interrupted, telling how it is asked.

    Raises:
        UsageError: the address cannot be listened on, or there is no such fault or variation.
    """
    if fault is not None:
        _serve_fault(host, port, say, fault)
    elif variation is not None:
        _serve_variation(host, port, say, variation)
    else:
        _serve(host, port, say, ReferenceServer(), Key.ACCESS_KEY)


def _serve_fault(host: str, port: int, say: Say, name: str) -> None:
    from conformance.selftest.catalogue import fault

    entry = fault(name)
    remarks = [
        f"It has the fault {entry.name}: {entry.description}",
        f"That breaks at least {', '.join(sorted(entry.breaks))}{_profile_needed(entry)}.",
    ]
    _serve(host, port, say, entry.make(), Key.TOKEN, remarks)


def _serve_variation(host: str, port: int, say: Say, name: str) -> None:
    from conformance.selftest.catalogue import variation

    entry = variation(name)
    remarks = [
        f"It has the variation {entry.name}: {entry.description}",
        f"That breaks nothing{_profile_needed(entry)}.",
    ]
    _serve(host, port, say, entry.make(), entry.key, remarks, entry.published)


def _profile_needed(entry: Entry) -> str:
    return "" if entry.profile == "quick" else f"; it takes the profile {entry.profile} to see it"


def _serve(
    host: str,
    port: int,
    say: Say,
    server: ReferenceServer,
    key: Key,
    remarks: Sequence[str] = (),
    published: Callable[[str], AbstractContextManager[str]] = nullcontext,
) -> None:
    with ExitStack() as stack:

        def tell(api_url: str) -> None:
            url = stack.enter_context(published(api_url))
            say(f"The reference server answers at {url} until it is interrupted (Ctrl-C).")
            for line in (*remarks, *_how_it_is_asked(server, key, url)):
                say(line)

        try:
            serve(server, host, port, tell)
        except PortUnavailable as error:
            host = "give --host an address of this machine, such as 127.0.0.1"
            advice = host if error.of_host else "--port 0 takes a free port"
            raise UsageError(f"{error}; {advice}") from error


def _how_it_is_asked(server: ReferenceServer, key: Key, url: str) -> Iterator[str]:
    there = f"  export CONDUCTOR_SERVER_URL={url}"
    match key:
        case Key.NONE:
            yield "It asks for no credential:"
            yield there
            yield "  unset CONDUCTOR_AUTH_TOKEN CONDUCTOR_AUTH_KEY CONDUCTOR_AUTH_SECRET"
        case Key.TOKEN:
            minutes = counted(int(server.token_lifetime // 60), "minute")
            yield f"Its credential, made up for this time only and good for {minutes}:"
            yield there
            yield f"  export CONDUCTOR_AUTH_TOKEN={shlex.quote(server.issue_token())}"
        case Key.ACCESS_KEY:
            yield "Its credentials, made up for this time only:"
            yield there
            pair = f"CONDUCTOR_AUTH_KEY={server.key_id} CONDUCTOR_AUTH_SECRET={server.key_secret}"
            yield f"  export {pair}"
    yield "In a shell with these, `conductor-conformance run` judges it."
