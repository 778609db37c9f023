"""Sockets that break off, never end, trickle, bomb or redirect: what never becomes an answer."""

from __future__ import annotations

import socket
import ssl
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import trustme

from support.servers.plain import closed_port

LOOPBACK = "127.0.0.1"
INTERVAL = 0.1
"""Seconds between bytes; well below any timeout, so that only a deadline for all ends it."""
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CLOSE = b"Connection: close\r\n"
MIB = 1 << 20
JOIN = 30.0
"""Seconds; generous, only against hanging."""


@dataclass(frozen=True)
class Running:
    """A server that runs: its URL, and arguments that only it knows, such as its certificates."""

    url: str
    arguments: tuple[str, ...] = ()


class Connection:
    """One connection of a hostile server, and whether that server is to end."""

    def __init__(self, raw: socket.socket, ending: threading.Event) -> None:
        self._raw = raw
        self._ending = ending

    def request(self) -> bytes:
        """Wait for the head of a request and return it, or what came of it."""
        head = b""
        while b"\r\n\r\n" not in head:
            received = self._raw.recv(65536)
            if not received:
                break
            head += received
        return head

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._raw.sendall(data)

    def drip(self, piece: bytes) -> None:
        """Send a piece at intervals, until the server ends or the client has gone."""
        while not self._ending.wait(INTERVAL):
            self.send(piece)

    def flood(self, data: bytes) -> None:
        """Send the same bytes as fast as they are taken, for as long as they are."""
        while not self._ending.is_set():
            self.send(data)

    def hold(self) -> None:
        """Say nothing any more until the server ends."""
        self._ending.wait()

    def reset(self) -> None:
        """Let the connection be reset when it is closed."""
        self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


Behave = Callable[[Connection], None]


@contextmanager
def behaving(behave: Behave, *, tls: ssl.SSLContext | None = None) -> Iterator[Running]:
    """Treat every connection in the same way, each in a thread of its own; all end with it."""
    ending = threading.Event()
    threads: list[threading.Thread] = []
    opened: list[socket.socket] = []
    server = socket.create_server((LOOPBACK, 0))

    def treat(raw: socket.socket) -> None:
        # A client that has had enough hangs up.
        with suppress(OSError), raw if tls is None else tls.wrap_socket(raw, True) as wrapped:
            behave(Connection(wrapped, ending))

    def accept() -> None:
        while True:
            try:
                raw, _ = server.accept()
            except OSError:
                return
            opened.append(raw)
            threads.append(threading.Thread(target=treat, args=(raw,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        scheme = "http" if tls is None else "https"
        yield Running(f"{scheme}://{LOOPBACK}:{server.getsockname()[1]}")
    finally:
        ending.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        accepting.join(JOIN)
        for raw in opened:
            with suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)
        until = time.monotonic() + JOIN
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        left = [thread for thread in threads if thread.is_alive()]
        assert not left, f"{len(left)} threads of a hostile server did not end"


def replying(reply: bytes = b"") -> Behave:
    """Return what sends these bytes to whatever is asked, and closes."""
    return _after(reply, lambda _connection: None)


def with_body(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> Behave:
    """Return what answers everything with this body, these headers and the right length."""
    named = b"".join(header + b"\r\n" for header in headers)
    length = b"Content-Length: %d\r\n" % len(body)
    return replying(b"HTTP/1.1 " + status + b"\r\n" + named + length + CLOSE + b"\r\n" + body)


def refusing(status: bytes, *headers: bytes) -> Behave:
    """Return what answers everything with the same status and an empty body."""
    return with_body(b"", *headers, status=status)


@contextmanager
def nobody() -> Iterator[Running]:
    """Name a port at which nothing listens."""
    yield Running(f"http://{LOOPBACK}:{closed_port()}")


def banner(connection: Connection) -> None:
    """Speak another protocol."""
    connection.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    connection.request()


def _after(beginning: bytes, act: Behave) -> Behave:
    """Return what sends a beginning to whatever is asked, and then does something."""

    def behave(connection: Connection) -> None:
        connection.request()
        connection.send(beginning)
        act(connection)

    return behave


def dripping(beginning: bytes, piece: bytes) -> Behave:
    """Return what sends a beginning, and then the same piece for ever, at intervals."""
    return _after(beginning, lambda connection: connection.drip(piece))


def endless(beginning: bytes, piece: bytes) -> Behave:
    """Return what sends a beginning, and then the same piece for ever, as fast as it can."""
    return _after(beginning, lambda connection: connection.flood(piece))


def holding(beginning: bytes) -> Behave:
    """Return what sends a beginning, keeps the connection and says nothing any more."""
    return _after(beginning, Connection.hold)


def reset(connection: Connection) -> None:
    """Reset the connection instead of answering."""
    connection.request()
    connection.reset()


def closing(connection: Connection) -> None:
    """Close the connection without a word, and without reading."""
    connection.reset()


def redirecting(place: Callable[[str], str]) -> Behave:
    """Return what redirects every path to what is made of it."""

    def behave(connection: Connection) -> None:
        words = connection.request().split(b" ", 2)
        path = words[1].decode("latin-1") if len(words) > 1 else "/"
        location = place(path).encode("latin-1")
        connection.send(
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n" % location
            + CLOSE
            + b"\r\n"
        )

    return behave


@cache
def bomb(wbits: int, mebibytes: int = 1024, piece: bytes = b" ") -> bytes:
    """Return what decompresses to so many MiB, at no cost: one block, repeated.

    The end is missing, and nobody should get there.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    start = packer.compress(b"[") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(piece * (MIB // len(piece))) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * mebibytes


@cache
def layered(layers: int) -> bytes:
    """Return a bomb that is compressed over and over again."""
    data = bomb(31)
    for _ in range(layers - 1):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        data = packer.compress(data) + packer.flush()
    return data


def bombing(
    make: Callable[[], bytes], coding: bytes, status: bytes = b"200 OK", *more: bytes
) -> Behave:
    """Return what answers with a body of this coding, which is made when it is asked for."""

    def behave(connection: Connection) -> None:
        headers = b"Content-Type: application/json", b"Content-Encoding: " + coding, *more
        with_body(make(), *headers, status=status)(connection)

    return behave


@contextmanager
def certified(name: str, *, known: bool, days: int = 365) -> Iterator[Running]:
    """Answer well by TLS, with a certificate for a name that ends in so many days.

    Its authority is trusted where it is ``known``.
    """
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    until = datetime.now(UTC) + timedelta(days=days)
    authority.issue_cert(
        name, not_before=until - timedelta(days=365), not_after=until
    ).configure_cert(context)
    answer = with_body(b"[]", b"Content-Type: application/json")
    with tempfile.TemporaryDirectory() as folder, behaving(answer, tls=context) as running:
        bundle = Path(folder) / "authority.pem"
        authority.cert_pem.write_to_path(str(bundle))
        yield Running(running.url, ("--ca-bundle", str(bundle)) if known else ())
