"""Run the command for a server, or its demo if there are no arguments.

    python tools/run_or_demo.py [URL ...]

The arguments are those of `conductor-conformance run`; the first may be `demo`.
"""

from __future__ import annotations

import sys

from conformance.cli.main import main

if __name__ == "__main__":
    words = sys.argv[1:] or ["demo"]
    sys.argv[1:] = words if words[0] == "demo" else ["run", *words]
    main()
