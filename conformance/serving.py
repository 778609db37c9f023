"""The ``serve`` command: the reference server in the foreground."""

from __future__ import annotations

from collections.abc import Callable

from conformance.errors import UsageError
from conformance.reference import PortUnavailable, ReferenceServer, serve


def serve_reference(host: str, port: int, say: Callable[[str], object]) -> None:
    """Run the reference server until it is interrupted, telling how it is asked.

    Raises:
        UsageError: the address cannot be listened on.
    """
    server = ReferenceServer()

    def tell(url: str) -> None:
        say(f"The reference server answers at {url} until it is interrupted (Ctrl-C).")
        say("Its credentials, made up for this time only:")
        say(f"  export CONDUCTOR_SERVER_URL={url}")
        say(
            f"  export CONDUCTOR_AUTH_KEY={server.key_id} CONDUCTOR_AUTH_SECRET={server.key_secret}"
        )
        say("In a shell with these, `conductor-conformance run` judges it.")

    try:
        serve(server, host, port, tell)
    except PortUnavailable as error:
        raise UsageError(str(error)) from error
