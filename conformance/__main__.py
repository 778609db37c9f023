"""Where the command begins: ``conductor-conformance`` and ``python -m conformance``."""

from __future__ import annotations

import os
from typing import NoReturn

EXIT_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command and end the process with its exit code."""
    try:
        from conformance.cli import main as cli
    except KeyboardInterrupt:
        # Nothing was begun that could be told of.
        os._exit(EXIT_INTERRUPTED)
    cli.main()


if __name__ == "__main__":
    main()
