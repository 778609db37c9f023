"""Lint the contract and the documents: Spectral, Redocly, spelling, links.

    python tools/spec_lint.py

The configuration files are spec/.spectral.yaml, spec/redocly.yaml and tools/node/lint/cspell.yaml.
Only the packages of tools/node/lint are downloaded, once. Exit codes: 0 if there is no problem, 1
if there is one, 2 if node or its packages are not available.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from links import problems
from node_tools import NodeError, installed, program

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "tools" / "node" / "lint"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "CI": "true"}
"""Disables telemetry and update checks of the linters."""


LINTERS = {
    "spectral": (
        "the rules of spectral:oas",
        "lint --ruleset spec/.spectral.yaml --fail-severity hint spec/openapi.yaml",
    ),
    "redocly": (
        "Redocly's recommended rules",
        "lint --config spec/redocly.yaml spec/openapi.yaml",
    ),
    "cspell": (
        "spelling; add correct words that are not in a dictionary to tools/node/lint/words.txt",
        (
            "lint --config tools/node/lint/cspell.yaml --no-config-search --no-progress"
            " --show-suggestions"
        ),
    ),
}
"""The programs of tools/node/lint: what each checks, and its arguments."""


def main(words: list[str]) -> int:
    """Run every linter, also after one has failed; return the exit code."""
    if words:
        return _refuse("usage: python tools/spec_lint.py")
    try:
        failed = lint(ROOT, installed(PACKAGES))
    except NodeError as error:
        return _refuse(str(error))
    verdict = f"{' and '.join(failed)} found problems, see above" if failed else "no problems"
    print(f"\nspec_lint: {verdict}")
    return 1 if failed else 0


def lint(root: Path, packages: Path) -> list[str]:
    """Lint a checkout with the installed packages of a folder; return the names of failed linters.

    Raises:
        NodeError: node or one of the linters is missing.
    """
    commands = {name: program(packages, name) for name in LINTERS}
    failed = [name for name, command in commands.items() if not _passes(name, command, root)]
    wrong = problems(root)
    print(f"\nlinks: {len(wrong) or 'no'} dead links and unknown ids in the documents")
    for line in wrong:
        print(f"  {line}")
    return [*failed, "links"] if wrong else failed


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"spec_lint: {sentence}\n")
    return 2


def _passes(name: str, command: list[str], root: Path) -> bool:
    checks, arguments = LINTERS[name]
    print(f"\n{name}: {checks}", flush=True)
    # The program comes from a lock file of this project.
    done = subprocess.run(  # noqa: S603 - see above
        [*command, *arguments.split()],
        cwd=root,
        env={**os.environ, **QUIET},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
