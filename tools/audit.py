"""Check the versions in constraints.txt for known vulnerabilities.

    python tools/audit.py

Exit codes: 0 if none is known, 1 if there is one, 2 for an argument, and 3 if the audit was
skipped: there was no information on any package, such as without a network.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CONSTRAINTS = Path(__file__).resolve().parent.parent / "constraints.txt"
SKIPPED = 3
ACCEPTED: dict[str, str] = {}
"""Advisories that do not affect this project, each with the reason."""


def main(words: list[str]) -> int:
    """Run the audit, print the result and return the exit code."""
    if words:
        sys.stderr.write("audit: usage: python tools/audit.py\n")
        return 2
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", str(CONSTRAINTS)),
        *("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"),
        *(word for name in ACCEPTED for word in ("--ignore-vuln", name)),
    ]
    # Our own interpreter with our own arguments.
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - see above
    try:
        result: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, LookupError, TypeError):
        reason = (done.stderr.strip().splitlines() or ["pip-audit gave no reason"])[-1]
        print(f"audit: skipped, the advisories could not be fetched: {reason[:300]}")
        return SKIPPED
    known = [entry for entry in result if "skip_reason" not in entry]
    if not known:
        print("audit: skipped, there is no information on any package")
        return SKIPPED
    lines = [
        f"{entry['name']} {entry['version']}: {found['id']}, "
        f"fixed in {', '.join(found['fix_versions']) or 'no version yet'}"
        for entry in known
        for found in entry["vulns"]
    ]
    for line in lines:
        print(f"audit: {line}")
    unknown = [entry["name"] for entry in result if "skip_reason" in entry]
    if unknown:
        print(f"audit: no information on {', '.join(unknown)}")
    print(f"audit: {len(lines)} known vulnerabilities in {len(known)} packages")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
