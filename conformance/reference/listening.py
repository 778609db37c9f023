"""Listening sockets, bound before a server starts, so that no one can take the port between."""

from __future__ import annotations

import errno
import socket
import sys

__all__ = ["LOOPBACK", "PortUnavailable", "api_url", "listen"]

LOOPBACK = "127.0.0.1"
_ANY = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 - compared with, not bound
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


class PortUnavailable(Exception):
    """The address cannot be listened on; the message has the operating system's reason.

    ``of_host`` says that no other port would help: the host is none, or not this machine.
    """

    def __init__(self, host: str, port: int, reason: object, *, of_host: bool = False) -> None:
        """Name the address, and why it cannot be had."""
        super().__init__(f"cannot listen on {_authority(host, port)}: {reason}")
        self.host = host
        self.port = port
        self.of_host = of_host


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on ``host``, a name or address, and ``port`` (0: a free one).

    Raises :class:`PortUnavailable`.
    """
    # `getaddrinfo` may take a port that is too large modulo 65536.
    if not 0 <= port <= 65535:
        raise PortUnavailable(host, port, "a port is a number from 0 to 65535")
    try:
        candidates = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise PortUnavailable(host, port, problem.strerror, of_host=True) from problem
    except UnicodeError as problem:
        raise PortUnavailable(host, port, "that is no host name", of_host=True) from problem
    last: OSError | None = None
    for family, kind, protocol, _, address in candidates:
        try:
            listening = socket.socket(family, kind, protocol)
        except OSError as problem:
            last = problem
            continue
        try:
            # Lets a fixed port be taken up again while old connections to it still die down.
            # With port 0, or on Windows, the option would let two servers share a port.
            if port and sys.platform != "win32":
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(128)
        except OSError as problem:
            listening.close()
            last = problem
            # A name may stand for several addresses: one that is taken is the answer, one that
            # this machine does not have is not.
            if problem.errno == errno.EADDRINUSE:
                break
        else:
            return listening
    reason = last.strerror if last else "no address"
    of_host = last is None or last.errno in _NOT_HERE
    raise PortUnavailable(host, port, reason, of_host=of_host) from last


def api_url(listening: socket.socket, prefix: str) -> str:
    """Return the URL by which a client on this machine reaches the API on a socket."""
    host, port = listening.getsockname()[:2]
    # No client can connect to "any address".
    return f"http://{_authority(_ANY.get(host, host), port)}{prefix}"


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
