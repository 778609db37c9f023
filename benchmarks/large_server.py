"""A conformant server of a large cluster that serves responses from memory.

    python benchmarks/large_server.py 100000 [--journal FILE]

The cluster repeats that of the reference server; each provider has its own name, description and
times. All responses are made in advance, so that the measurement covers only the client. The first
line of output is the address of the API and a token. Each request is one line of the journal:
method, path with query, and whether it was authorised.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TextIO
from urllib.parse import parse_qs, unquote, urlsplit

from conformance.reference.data import default_cluster
from conformance.reference.entities import Provider

TOKEN = "a-token-of-this-benchmark"  # noqa: S105 - valid for this server only
LISTING = "/api/integrations/provider"
ALL = "/api/integrations/"
CONTENT = (("Content-Type", "application/json"),)


def cluster(size: int) -> Iterator[Provider]:
    """Yield the providers of a cluster of ``size``."""
    usual = default_cluster()
    for number in range(size):
        one = usual[number % len(usual)]
        yield replace(
            one,
            name=f"{one.name}-{number}",
            description=f"{one.description or one.type}, number {number}",
            create_time=one.create_time and one.create_time + number * 1000,
            update_time=one.update_time and one.update_time + number * 1000,
        )


def encoded(values: list[object]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


class Responses:
    """Responses to all documented queries, as bytes; equal results are made once."""

    def __init__(self, size: int) -> None:
        self.providers = {one.name: one for one in cluster(size)}
        self.views: dict[tuple[str | None, bool], bytes] = {}
        categories = sorted({one.category for one in self.providers.values()})
        for category in (None, *categories):
            for active in (True, False):
                self.views[category, active] = encoded(
                    [one.as_dict() for one in self.selected(category, active)]
                )

    def selected(self, category: str | None, active: bool) -> Iterator[Provider]:
        for one in self.providers.values():
            if category in (None, one.category) and (one.enabled or not active):
                yield one

    def respond(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, bytes]:
        flag = query.get("activeOnly", ["true"])[0]
        if flag not in ("true", "false"):
            return 400, b'{"message":"activeOnly must be true or false"}'
        category, active = query.get("category", [None])[0], flag == "true"
        if path == LISTING:
            return 200, self.views.get((category, active), b"[]")
        if path in (ALL, ALL.rstrip("/")):
            models = [
                {**one.as_dict(), "apis": [model.as_dict(one.name) for model in one.models]}
                for one in self.selected(category, active)
            ]
            return 200, encoded([*models])
        name, _, rest = path.removeprefix(f"{LISTING}/").partition("/")
        provider = self.providers.get(unquote(name))
        if provider is None:
            return 404, b'{"message":"no such provider"}'
        if rest == "integration":
            return 200, encoded(
                [m.as_dict(provider.name) for m in provider.models if m.enabled or not active]
            )
        return 200, json.dumps(provider.as_dict()).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stored: Responses
    journal: TextIO | None = None
    writing = threading.Lock()
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        known = self.headers.get("X-Authorization") == TOKEN
        if self.journal is not None:
            with self.writing:
                self.journal.write(json.dumps([self.command, self.path, known]) + "\n")
                self.journal.flush()
        if not known:
            status, body = 401, b'{"message":"a valid token is required"}'
        else:
            query = parse_qs(parts.query, keep_blank_values=True)
            status, body = self.stored.respond(parts.path, query)
        self.send_response(status)
        for name, value in CONTENT:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    do_HEAD = do_GET  # noqa: N815 - the name that the library expects

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - inherited
        """Log nothing."""


def main() -> None:
    Handler.stored = Responses(int(sys.argv[1]))
    if len(sys.argv) > 2:
        Handler.journal = Path(sys.argv[3]).open("w", encoding="utf-8")  # noqa: SIM115
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}/api {TOKEN}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
