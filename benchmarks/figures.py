"""Keep the figures in documents true: counts in sentences, and parts that commands wrote.

    python benchmarks/figures.py            # what is out of date
    python benchmarks/figures.py --write    # correct the counts, and the table of README.md

Counts of servers, requirements and requests are taken from the code. A measured part is listed if
it is older than the code it describes; only its own command can measure it again. Exit codes: 0,
or 1 if a count is wrong.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# The hostile servers are those of the tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from generated import ROOT, blocks, digest, documented, replaced
from support.servers.hostile import GALLERY

from conformance import Target, run
from conformance.contract.loader import load
from conformance.reference.faults import FAULTS
from conformance.reference.variations import VARIATIONS
from conformance.runner.dry_run import DryRunTransport
from conformance.target.transport import Settings

SINGLE = 10
"""Requests for the models of single providers, which a dry run does not send: at most so many."""
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0aGlzLXRlc3QifQ.c2lnbmVkLWJ5LW5vYm9keS1hdC1hbGw"  # noqa: S105 - of no server
COMPARISON, SUMMARY = "comparison", "summary of docs/comparison.md"
ROWS = (
    *("ours, standard", "Schemathesis, reading only"),
    *("Portman, with variations", "Specmatic, all its tests"),
)
"""The tools in README.md: ours, and each other one as its user would set it up to read only."""
COLUMNS = (
    *("tool", "faults caught", "variations failed", "mistakes caught", "correct stacks failed"),
    *("requests", "writes"),
)


@dataclass(frozen=True, slots=True)
class Count:
    """A count in a sentence: the pattern's first group, which ``name`` of ``counts`` is."""

    document: str
    pattern: str
    name: str


COUNTS = (
    Count("README.md", r"Each of the ([\d,]+) requirements", "requirements"),
    Count("README.md", r"about ([\d,]+) requests by default", "requests, standard, rounded"),
    Count("CHANGELOG.md", r"contract 0\.3, which has ([\d,]+) requirements", "requirements"),
    Count("CHANGELOG.md", r"\n  ([\d,]+) requirements on HTTP", "requirements"),
    Count("docs/cli.md", r"    ([\d,]+) requirements checked with", "requirements"),
    Count("docs/proof.md", r"This judges ([\d,]+) servers that break", "faults"),
    Count("docs/proof.md", r"each and ([\d,]+)\s+servers that are unusual", "variations"),
    Count("docs/proof.md", r"Each of the ([\d,]+) requirements", "requirements"),
    Count("docs/performance.md", r"the totals are ([\d,]+), ", "requests, quick"),
    Count("docs/performance.md", r"the totals are [\d,]+, ([\d,]+) and", "requests, standard"),
    Count("docs/hostile.md", r"or is hostile: ([\d,]+) servers", "hostile servers"),
)


@cache
def counts() -> Mapping[str, str]:
    """Return the counts by name, as they are written."""
    quick, standard = (requests(profile) for profile in ("quick", "standard"))
    found = {
        "requirements": len(load().requirements),
        "faults": len(FAULTS),
        "variations": len(VARIATIONS),
        "hostile servers": len(GALLERY),
        "requests, quick": quick,
        "requests, standard": standard,
        "requests, standard, rounded": round(standard, -1),
    }
    return {name: f"{number:,}" for name, number in found.items()}


def requests(profile: str) -> int:
    """Return how many requests a run sends at most to a server where nothing is doubtful."""
    transports: list[DryRunTransport] = []

    def sender(settings: Settings) -> DryRunTransport:
        transports.append(DryRunTransport(settings, load().token_header))
        return transports[0]

    with Target("http://host.invalid", credential=TOKEN, parallel=1, sender=sender) as target:
        run(target, profile=profile, seed=1)
    return len(transports[0].requests) + SINGLE


def corrected(document: str, text: str, known: Mapping[str, str]) -> str:
    """Return a document with its counts as they are.

    Raises:
        ValueError: a sentence is not there, so nothing would notice if its count were wrong.
    """
    for count in COUNTS:
        if count.document == document:
            found = re.search(count.pattern, text)
            if found is None:
                raise ValueError(f"{document} has no text like {count.pattern!r}")
            text = text[: found.start(1)] + known[count.name] + text[found.end(1) :]
    return text


def summary(comparison: str) -> str:
    """Return the table of README.md from the tables of docs/comparison.md."""
    lines = [line for line in comparison.splitlines() if line.startswith("|")]
    head, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    chosen = [
        next(place for place, title in enumerate(head) if title.startswith(column))
        for column in COLUMNS
    ]
    table = {row[0]: [row[place] for place in chosen] for row in rows if len(row) == len(head)}
    made = [
        [head[place] for place in chosen],
        ["---", *["---:"] * (len(chosen) - 1)],
        *(table[row] for row in ROWS),
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in made)


def documents() -> Iterator[tuple[Path, str, str]]:
    """Yield the documents with counts or the summary: path, text, and the text as it should be."""
    names = dict.fromkeys(count.document for count in COUNTS)
    page = (ROOT / "docs" / "comparison.md").read_text("utf-8")
    (source,) = (block for block in blocks(page) if block.name == COMPARISON)
    for name in names:
        path = ROOT / name
        text = path.read_text("utf-8")
        right = corrected(name, text, counts())
        if name == "README.md":
            right = replaced(right, SUMMARY, summary(source.content), source.digest)
        yield path, text, right


def stale() -> list[str]:
    """Return a line for each measured part that is older than the code it describes."""
    return [
        f"{document}: {block.name} is older than the code it describes"
        for document, block in documented()
        if block.digest != digest(block.paths)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """List what is out of date, and correct the counts if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="correct the counts in the documents")
    given = parser.parse_args(arguments)
    wrong = [(path, right) for path, text, right in documents() if text != right]
    for path, right in wrong:
        print(f"{path.relative_to(ROOT)}: {'corrected' if given.write else 'has a wrong count'}")
        if given.write:
            path.write_text(right, "utf-8")
    for line in stale():
        print(line)
    return int(bool(wrong) and not given.write)


if __name__ == "__main__":
    sys.exit(main())
