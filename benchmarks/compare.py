"""Compare this suite with other tools: time, requests, memory, faults caught.

    python benchmarks/compare.py --sample 8
    python benchmarks/compare.py --tools ours-standard,schemathesis --only 'filter-*'
    python benchmarks/compare.py --sample 8 --write docs/comparison.md

First the tools judge the reference server in turn, one process at a time, --turns times: this gives
times, requests and memory. Then each tool judges the faults and variations, and the servers of
tests/foreign. A tool catches a fault if it fails that server and passes the reference server. Tools
are installed below benchmarks/tools, at the versions pinned there; a tool that cannot be installed
is left out, with a message. Each result is stored (--results), so the same command continues after
an interruption.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import FrameType

# Helpers in tests measure processes, helpers in tools install node packages.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import generated
from comparison import figures, tables
from comparison.judging import Contestant, Judges
from comparison.keeping import Kept, Result
from comparison.subjects import (
    CORRECT,
    FAULT,
    MISTAKE,
    VARIATION,
    Subject,
    corpus,
    right,
    sampled,
    subjects,
)
from comparison.tool import ROOT, Tool, Unavailable
from comparison.tools import BASE, TOOLS
from foreign.corpus import STACKS
from measuring import machine

from conformance.reference.faults import FAULTS
from conformance.reference.variations import VARIATIONS

RESULTS = ROOT / ".comparison" / "results.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison, and print or write the tables."""
    given = _parser().parse_args(arguments)
    logging.disable()  # faulty servers log errors on purpose
    signal.signal(signal.SIGTERM, _interrupt)
    catalogue = [
        *sampled(list(subjects(FAULTS, VARIATIONS)), given.only, given.sample),
        *sampled(list(corpus(STACKS)), given.only, 1),
    ]
    turns = [right(turn) for turn in range(1, given.turns + 1)]
    with tempfile.TemporaryDirectory(prefix="comparison-") as work:
        contestants, left_out = made_ready(given.tools, Path(work))
        if not contestants:
            sys.stderr.write("compare: none of these tools can be run on this machine\n")
            return 3
        if given.fresh:
            given.results.unlink(missing_ok=True)
        try:
            results = judgements(contestants, turns, catalogue, given)
        except KeyboardInterrupt:
            sys.stderr.write("compare: interrupted; the same command continues from here\n")
            return 130
    content = report(contestants, left_out, results, given.sample)
    if given.write is None:
        print(content)
        return 0
    try:
        generated.write(given.write, {"comparison": content})
    except (OSError, ValueError) as problem:
        print(content)
        sys.stderr.write(f"compare: {given.write} was not written: {problem}\n")
        return 2
    return 0


def made_ready(tools: Sequence[Tool], work: Path) -> tuple[list[Contestant], dict[str, str]]:
    """Install the tools; return those that can be run, and for the others the reason by title."""
    contestants: list[Contestant] = []
    left_out: dict[str, str] = {}
    for tool in tools:
        try:
            contestants.append(Contestant(tool, tool.make_ready(work)))
        except Unavailable as problem:
            left_out[tool.title] = str(problem)
            sys.stderr.write(f"compare: {tool.title} is left out: {problem}\n")
    return contestants, left_out


def judgements(
    contestants: Sequence[Contestant],
    turns: Sequence[Subject],
    catalogue: Sequence[Subject],
    given: argparse.Namespace,
) -> list[Result]:
    """Judge all servers by all tools; return the results in the order of the catalogue."""
    kept = Kept(given.results)
    results: list[Result] = []

    def record(result: Result, total: int) -> None:
        results.append(result)
        outcome = result.problem or " ".join((result.verdict, *result.found))
        place = f"[{len(results)}/{total}]"
        print(place, result.tool, result.name, f"{result.seconds:.1f} s:", outcome, file=sys.stderr)

    with closing(Judges(contestants, kept, given.deadline)) as judges:
        for result in judges.alternate(turns):
            record(result, len(turns) * len(contestants))
    telling = [
        one
        for one in contestants
        if one.tool in given.judge and figures.rights(results, one.tool.name).telling
    ]
    total = len(results) + len(telling) * len(catalogue)
    with closing(Judges(telling, kept, given.deadline)) as judges:
        for result in judges.judge(catalogue, given.jobs):
            record(result, total)
    order = {subject.name: place for place, subject in enumerate([*turns, *catalogue])}
    return sorted(results, key=lambda one: order[one.name])


def report(
    contestants: Sequence[Contestant],
    left_out: dict[str, str],
    results: Sequence[Result],
    step: int,
) -> str:
    """Return the results as Markdown."""
    tools = [one.tool for one in contestants]
    turns = max(len(figures.rights(results, one.name).results) for one in tools)
    servers = Counter(one.kind for one in (*subjects(FAULTS, VARIATIONS), *corpus(STACKS)))
    which = "all were" if step == 1 else f"one in {step} was"
    taken = (
        f"Measured: {machine()}, commit {generated.commit()}; "
        f"{tables.versions({one.tool.name: one.ready.version for one in contestants})}. Times, "
        f"requests and memory are medians of {turns} turns on the reference server. Of the "
        f"catalogue's {servers[FAULT]} faults and {servers[VARIATION]} variations, {which} judged, "
        f"and of tests/foreign all {servers[MISTAKE]} mistakes and {servers[CORRECT]} correct "
        "servers.\n"
    )
    parts = [taken, tables.main_table(tools, results, BASE)]
    if left_out:
        parts.append("".join(f"- {name} was left out: {why}.\n" for name, why in left_out.items()))
    families = tables.families_table(tools, results)
    if families:
        parts += ["Faults caught, by the family of the requirements that they break:\n", families]
    parts += [tables.notes(tools, results), "", tables.commands(tools)]
    return "\n".join(parts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ", ".join(one.name for one in TOOLS)
    parser.add_argument(
        "--tools", type=_tools, default=TOOLS, metavar="A,B", help=f"by default all: {names}"
    )
    parser.add_argument(
        "--judge",
        type=_tools,
        default=TOOLS,
        metavar="A,B",
        help="those that judge more than the reference server; by default all",
    )
    parser.add_argument(
        "--turns", type=_number, default=5, help="turns on the reference server (%(default)s)"
    )
    parser.add_argument(
        "--sample",
        type=_number,
        default=1,
        metavar="N",
        help="judge only every Nth server of the catalogue",
    )
    parser.add_argument("--only", metavar="GLOB", help="judge only servers whose name matches")
    parser.add_argument("--jobs", type=_number, default=1, help="servers judged at once")
    parser.add_argument("--deadline", type=float, default=120.0, help="seconds for each process")
    parser.add_argument(
        "--results", type=Path, default=RESULTS, metavar="F", help="file of the stored results"
    )
    parser.add_argument("--fresh", action="store_true", help="delete stored results first")
    parser.add_argument(
        "--write", type=Path, metavar="F", help="write the tables into this document"
    )
    return parser


def _tools(text: str) -> list[Tool]:
    known = {one.name: one for one in TOOLS}
    unknown = [name for name in text.split(",") if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"unknown tool {unknown[0]!r}; known are {', '.join(known)}"
        )
    return [known[name] for name in text.split(",")]


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
