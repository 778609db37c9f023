"""Look up whether a version in constraints.txt has a known weakness.

    python tools/audit.py [--strict]

Exit codes: 0 none is known, 1 one is. Where the advisories cannot be fetched, that is said and the
exit code is 0, with --strict 3: a machine without that service can still check everything else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CONSTRAINTS = Path(__file__).resolve().parent.parent / "constraints.txt"
ACCEPTED: dict[str, str] = {}
"""Advisories that do not concern this project, each with the reason."""


def main(words: list[str]) -> int:
    """Audit, and tell the result."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", str(CONSTRAINTS)),
        *("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"),
        *(word for name in ACCEPTED for word in ("--ignore-vuln", name)),
    ]
    # Our own interpreter with our own words.
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - see above
    result = parsed(done.stdout)
    known = [entry for entry in result or () if "skip_reason" not in entry]
    if result is None or not known:
        said = done.stderr.strip().splitlines() if result is None else ()
        problem = said[-1] if said else "nothing is known of any package"
        print(f"audit: NOT DONE, the advisories could not be fetched: {problem[:300]}")
        return 3 if "--strict" in words else 0
    lines = weaknesses(known)
    for line in lines:
        print(f"audit: {line}")
    unknown = [entry["name"] for entry in result if "skip_reason" in entry]
    if unknown:
        print(f"audit: nothing could be looked up of {', '.join(unknown)}")
    print(f"audit: {len(lines)} known weaknesses in {len(known)} packages")
    return 1 if lines else 0


def parsed(text: str) -> list[dict[str, Any]] | None:
    """Return what pip-audit found out of each package, ``None`` if it did not get that far."""
    try:
        result = json.loads(text)
    except ValueError:
        return None
    return result.get("dependencies") if isinstance(result, dict) else None


def weaknesses(known: list[dict[str, Any]]) -> list[str]:
    """Return a line for each advisory: the package, its version, the advisory, what mends it."""
    return [
        f"{entry['name']} {entry['version']}: {found['id']}, "
        f"mended in {', '.join(found['fix_versions']) or 'no version yet'}"
        for entry in known
        for found in entry["vulns"]
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
