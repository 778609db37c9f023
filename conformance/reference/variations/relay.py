"""A proxy for an embedded server, for HTTP features that the server itself lacks."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PASSED_ON = ("content-type", "www-authenticate", "retry-after", "location")
EARLY = (
    b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
)
"""Informational responses that clients must accept before a final one (RFC 9110, section 15.2)."""


@contextmanager
def relayed(
    url: str, *, version: str = "HTTP/1.1", lengths: bool = True, early: bool = False
) -> Iterator[str]:
    """Run a proxy for the server at ``url`` and yield its URL, which has the same path.

    It responds with this ``version`` of HTTP and closes the connection after every response
    without announcing it. ``lengths`` is whether it sends ``Content-Length``, and ``early`` whether
    it sends informational responses first.
    """
    upstream = urlsplit(url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = version

        def relay(self) -> None:
            # A body without a length ends with the connection.
            self.close_connection = True
            connection = http.client.HTTPConnection(str(upstream.hostname), upstream.port or 80)
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in ("host", "connection", "accept-encoding", "content-length")
            }
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if early:
                self.wfile.write(EARLY)
            self.send_response(answer.status, "")
            for name in PASSED_ON:
                if answer.headers[name] is not None:
                    self.send_header(name, answer.headers[name])
            if lengths:
                self.send_header("content-length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = relay  # noqa: N815 - names that the base class requires

        def handle(self) -> None:
            with suppress(OSError):
                super().handle()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{upstream.path}"
        finally:
            server.shutdown()
            thread.join()
