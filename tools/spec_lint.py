"""Lint the contract and the texts around it: Spectral, Redocly, spelling, links.

    python tools/spec_lint.py

Each linter has its configuration beside what it lints: spec/.spectral.yaml, spec/redocly.yaml,
tools/node/lint/cspell.yaml. Nothing is fetched but the packages of tools/node/lint, once. Exit
codes: 0 nothing is wrong, 1 something is, 2 node or its packages cannot be had.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from links import problems
from node_tools import NodeError, installed, program

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "tools" / "node" / "lint"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "CI": "true"}
"""What keeps the linters from telling their makers, and from asking for newer versions."""


@dataclass(frozen=True, slots=True)
class Linter:
    """A program of tools/node/lint and its arguments; it fails if anything is wrong."""

    program: str
    checks: str
    arguments: tuple[str, ...]


LINTERS = (
    Linter(
        "spectral",
        "the rules of spectral:oas",
        (
            "lint",
            "--ruleset",
            "spec/.spectral.yaml",
            "--fail-severity",
            "hint",
            "spec/openapi.yaml",
        ),
    ),
    Linter(
        "redocly",
        "Redocly's recommended rules",
        ("lint", "--config", "spec/redocly.yaml", "spec/openapi.yaml"),
    ),
    Linter(
        "cspell",
        "spelling; right words that no dictionary has go into tools/node/lint/words.txt",
        (
            *("lint", "--config", "tools/node/lint/cspell.yaml", "--no-config-search"),
            *("--no-progress", "--show-suggestions"),
        ),
    ),
)


def main(words: list[str]) -> int:
    """Run every linter, also after one has failed."""
    if words:
        return _refuse("usage: python tools/spec_lint.py")
    try:
        failed = lint(ROOT, installed(PACKAGES))
    except NodeError as error:
        return _refuse(str(error))
    verdict = f"{' and '.join(failed)} found what is told above" if failed else "nothing is wrong"
    print(f"\nspec_lint: {verdict}")
    return 1 if failed else 0


def lint(root: Path, packages: Path) -> list[str]:
    """Lint a checkout with the installed packages of a folder; return the names of what failed.

    Raises:
        NodeError: node or one of the linters is missing.
    """
    commands = [(linter, program(packages, linter.program)) for linter in LINTERS]
    failed = [linter.program for linter, command in commands if not _passes(linter, command, root)]
    wrong = problems(root)
    print(f"\nlinks: {len(wrong) or 'none'} of the links and ids in the texts lead nowhere")
    for line in wrong:
        print(f"  {line}")
    return [*failed, "links"] if wrong else failed


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"spec_lint: {sentence}\n")
    return 2


def _passes(linter: Linter, command: list[str], root: Path) -> bool:
    print(f"\n{linter.program}: {linter.checks}", flush=True)
    # A program that a lock file of ours names.
    done = subprocess.run(  # noqa: S603 - see above
        [*command, *linter.arguments],
        cwd=root,
        env={**os.environ, **QUIET},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
