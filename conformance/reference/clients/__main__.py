"""Run one client of the catalogue: ``python -m conformance.reference.clients NAME``."""

from __future__ import annotations

import os
import sys

from conformance.reference.clients.catalogue import CLIENTS


def main(words: list[str]) -> int:
    """Run the client with the given name; without a name list all of them."""
    known = {client.name: client for client in CLIENTS}
    if not words:
        sys.stdout.writelines(f"{one.name}: {one.description}\n" for one in CLIENTS)
        return 0
    if words[0] not in known:
        sys.stderr.write(f"no client is called {words[0]}\n")
        return 2
    return known[words[0]].make(os.environ).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
