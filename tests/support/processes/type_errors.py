"""Programs that must not pass a type checker, and whether they are refused where they say so."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path


def promised(program: Path) -> dict[int, set[str]]:
    """Return the codes that a program names at the ends of its lines, by the line's number."""
    found = {}
    for number, line in enumerate(program.read_text("utf-8").splitlines(), 1):
        codes = re.search(r"\S.*(?://|  #) ([A-Za-z0-9 -]+)$", line)
        if codes is not None:
            found[number] = set(codes[1].split())
    return found


def given(output: str, pattern: str) -> dict[int, set[str]]:
    """Return the codes of a checker's output; the pattern's groups are line and code."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for match in re.finditer(pattern, output, re.MULTILINE):
        found[int(match[1])].add(match[2])
    return dict(found)
