"""Check the versions in constraints.txt for known vulnerabilities.

    python tools/audit.py [--strict]

Exit codes: 0 if none is known, 1 if there is one. If the advisories cannot be fetched, a message
says so and the exit code is 0, or 3 with --strict: without that service everything else can still
be checked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CONSTRAINTS = Path(__file__).resolve().parent.parent / "constraints.txt"
ACCEPTED: dict[str, str] = {}
"""Advisories that do not affect this project, each with the reason."""


def main(words: list[str]) -> int:
    """Run the audit, print the result and return the exit code."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", str(CONSTRAINTS)),
        *("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"),
        *(word for name in ACCEPTED for word in ("--ignore-vuln", name)),
    ]
    # Our own interpreter with our own arguments.
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - see above
    result = parsed(done.stdout)
    known = [entry for entry in result or () if "skip_reason" not in entry]
    if result is None or not known:
        output = done.stderr.strip().splitlines() if result is None else ()
        problem = output[-1] if output else "no package is known"
        print(f"audit: NOT DONE, the advisories could not be fetched: {problem[:300]}")
        return 3 if "--strict" in words else 0
    lines = weaknesses(known)
    for line in lines:
        print(f"audit: {line}")
    unknown = [entry["name"] for entry in result if "skip_reason" in entry]
    if unknown:
        print(f"audit: no information on {', '.join(unknown)}")
    print(f"audit: {len(lines)} known vulnerabilities in {len(known)} packages")
    return 1 if lines else 0


def parsed(text: str) -> list[dict[str, Any]] | None:
    """Parse pip-audit's result per package; return ``None`` if there is none."""
    try:
        result = json.loads(text)
    except ValueError:
        return None
    return result.get("dependencies") if isinstance(result, dict) else None


def weaknesses(known: list[dict[str, Any]]) -> list[str]:
    """Return a line for each advisory: package, version, advisory, versions with a fix."""
    return [
        f"{entry['name']} {entry['version']}: {found['id']}, "
        f"fixed in {', '.join(found['fix_versions']) or 'no version yet'}"
        for entry in known
        for found in entry["vulns"]
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
