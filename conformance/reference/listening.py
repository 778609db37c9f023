"""Listening sockets, bound before the server starts so that no other process takes the port."""

from __future__ import annotations

import errno
import socket
import sys

__all__ = ["LOOPBACK", "PortUnavailable", "api_url", "listen"]

LOOPBACK = "127.0.0.1"
_ANY = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 - only compared, never bound
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


class PortUnavailable(Exception):
    """It is not possible to listen on the address; the message has the system's reason.

    ``of_host`` is set if no other port would help: the host is invalid or not this machine.
    """

    def __init__(self, host: str, port: int, reason: object, *, of_host: bool = False) -> None:
        """Set the address and the reason."""
        super().__init__(f"cannot listen on {_authority(host, port)}: {reason}")
        self.host = host
        self.port = port
        self.of_host = of_host


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on ``host`` (a name or address) and ``port`` (0: a free port).

    Raises :class:`PortUnavailable`.
    """
    # `getaddrinfo` may reduce a port that is too large modulo 65536.
    if not 0 <= port <= 65535:
        raise PortUnavailable(host, port, "the port must be a number from 0 to 65535")
    try:
        candidates = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise PortUnavailable(host, port, problem.strerror, of_host=True) from problem
    except UnicodeError as problem:
        raise PortUnavailable(host, port, "not a valid host name", of_host=True) from problem
    last: OSError | None = None
    for family, kind, protocol, _, address in candidates:
        try:
            listening = socket.socket(family, kind, protocol)
        except OSError as problem:
            last = problem
            continue
        try:
            # Allows to reuse a fixed port while old connections to it are still closing.
            # With port 0, or on Windows, the option would let two servers share a port.
            if port and sys.platform != "win32":
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(128)
        except OSError as problem:
            listening.close()
            last = problem
            # A name may resolve to several addresses: continue after one that this machine does
            # not have, but not after one whose port is taken.
            if problem.errno == errno.EADDRINUSE:
                break
        else:
            return listening
    reason = last.strerror if last else "no address"
    of_host = last is None or last.errno in _NOT_HERE
    raise PortUnavailable(host, port, reason, of_host=of_host) from last


def api_url(listening: socket.socket, prefix: str) -> str:
    """Return the URL at which a client on this machine reaches the API on a socket."""
    host, port = listening.getsockname()[:2]
    # Clients cannot connect to the wildcard address.
    return f"http://{_authority(_ANY.get(host, host), port)}{prefix}"


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
