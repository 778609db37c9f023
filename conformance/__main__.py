"""Entry point of the command: ``conductor-conformance`` and ``python -m conformance``."""

from __future__ import annotations

import os
from typing import NoReturn

EXIT_INTERRUPTED = 130
"""``ExitCode.INTERRUPTED``, not imported: an interruption during the import would go unhandled."""


def main() -> NoReturn:
    """Run the command, then end the process with its exit code."""
    try:
        from conformance.cli import main as cli
    except KeyboardInterrupt:
        # No run has started, so there is nothing to report.
        os._exit(EXIT_INTERRUPTED)
    cli.main()


if __name__ == "__main__":
    main()
