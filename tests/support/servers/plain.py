"""Servers that are no Conductor servers at all, and one that remembers what it was asked."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def closed_port() -> int:
    """Return a port of this machine at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def listening(treat: Callable[[socket.socket], object]) -> Iterator[int]:
    """Treat one connection after the other at a free port; yield the port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                treat(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


@contextmanager
def talking(reply: bytes) -> Iterator[str]:
    """Answer every connection with the same bytes, whatever is asked; yield the URL."""

    def treat(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(reply)

    with listening(treat) as port:
        yield f"http://127.0.0.1:{port}"


@dataclass
class Journal:
    """What a server was asked: method, path with query, and headers by lower-case name."""

    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def methods(self) -> set[str]:
        """Return the methods that were used."""
        return {method for method, _, _ in self.requests}


Respond = Callable[[str, str, dict[str, str]], tuple[int, dict[str, str], bytes]]


@contextmanager
def answering(
    respond: Respond, *, tls: ssl.SSLContext | None = None
) -> Iterator[tuple[str, Journal]]:
    """Serve what ``respond`` makes of method, path and headers, for any method at all."""
    journal = Journal()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Otherwise each body waits for the acknowledgement of its head.
        disable_nagle_algorithm = True

        def __getattr__(self, name: str) -> Callable[[], None]:
            if not name.startswith("do_"):
                raise AttributeError(name)
            return self._answer

        def _answer(self) -> None:
            headers = {key.lower(): value for key, value in self.headers.items()}
            self.rfile.read(int(headers.get("content-length", "0")))
            journal.requests.append((self.command, self.path, headers))
            status, extra, body = respond(self.command, self.path, headers)
            self.send_response(status)
            for key, value in extra.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def handle(self) -> None:
            # A client that does not like the certificate hangs up.
            with suppress(OSError):
                super().handle()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            scheme = "http" if tls is None else "https"
            yield f"{scheme}://127.0.0.1:{server.server_address[1]}", journal
        finally:
            server.shutdown()
            thread.join()
