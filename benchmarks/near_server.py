"""Run the reference server; the first line of output is its address and a token."""

from __future__ import annotations

from conformance.reference.embedded import serve
from conformance.reference.server import ReferenceServer


def main() -> None:
    server = ReferenceServer(token_lifetime=7 * 86_400)
    serve(
        server,
        "127.0.0.1",
        0,
        lambda url: print(f"{url} {server.issue_token()}", flush=True),
    )


if __name__ == "__main__":
    main()
