"""Judge hostile and broken servers with the unmodified command, and document the results.

    python benchmarks/hostile.py
    python benchmarks/hostile.py --only '*bomb*' headers-drip
    python benchmarks/hostile.py --write docs/hostile.md

Every server of the gallery (tests/support/servers/hostile.py) is judged by its own process, one
after the other, with the command's default settings. If these would take minutes, other arguments
are used, and the document shows them.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import re
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import generated
from support.processes.measured import measure
from support.servers.hostile import GALLERY
from support.servers.hostile_behaviour import Behaviour

from conformance.report.render.templating import code, plain

DEADLINE = 1200.0
"""Seconds. The command itself allows less for a run."""
LONGEST_REASON = 110
ADDRESS = re.compile(r"https?://127\.0\.0\.1:\d+")
HEAD = """\
{measured}

A run starts with about {least:.0f} MB. The longest took {longest:.0f} s ({slowest}). The highest
memory use was {most:.0f} MB ({largest}).

| server | what it does | exit | reason | seconds | MB |
| --- | --- | ---: | --- | ---: | ---: |
"""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one run; ``right`` tells whether it ended as expected."""

    behaviour: Behaviour
    code: int | None
    verdict: str
    reason: str
    seconds: float
    megabytes: float

    @property
    def right(self) -> bool:
        return self.code in self.behaviour.exits and self.behaviour.words in self.reason

    def row(self) -> str:
        arguments = " ".join(self.behaviour.arguments)
        given = f" ({code(arguments)})" if arguments else ""
        ended = "killed" if self.code is None else str(self.code)
        reason = ADDRESS.sub("…", self.reason)
        reason = textwrap.shorten(reason, LONGEST_REASON, placeholder=" …")
        return (
            f"| {self.behaviour.name} | {plain(self.behaviour.description)}{given} | {ended} "
            f"| {plain(reason)} | {self.seconds:.1f} | {self.megabytes:.0f} |"
        )


def judge(behaviour: Behaviour) -> Result:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("CONDUCTOR_")
    }
    with tempfile.TemporaryDirectory() as place, behaviour.start() as running:
        folder = Path(place)
        done = measure(
            [
                *(sys.executable, "-m", "conformance", "run", running.url, "--json", "r.json"),
                *(*running.arguments, *behaviour.arguments),
            ],
            cwd=folder,
            env=environment,
            deadline=DEADLINE,
        )
        report = folder / "r.json"
        content = json.loads(report.read_text("utf-8")) if report.exists() else {}
    return Result(
        behaviour,
        done.code,
        content.get("verdict", "no report"),
        content.get("reason", done.text.strip()),
        done.seconds,
        done.megabytes,
    )


def document(results: Sequence[Result]) -> str:
    """Return the part of the page that depends on the runs."""
    slowest = max(results, key=lambda result: result.seconds)
    largest = max(results, key=lambda result: result.megabytes)
    head = HEAD.format(
        measured=generated.measured_by("python benchmarks/hostile.py --write docs/hostile.md"),
        least=min(result.megabytes for result in results),
        longest=slowest.seconds,
        slowest=slowest.behaviour.name,
        most=largest.megabytes,
        largest=largest.behaviour.name,
    )
    return head + "".join(f"{result.row()}\n" for result in results)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--only", nargs="*", metavar="PATTERN", help="names of the servers to judge"
    )
    parser.add_argument("--write", metavar="FILE", type=Path, help="document to write into")
    given = parser.parse_args(arguments)
    chosen = [
        behaviour
        for behaviour in GALLERY
        if not given.only
        or any(fnmatch.fnmatchcase(behaviour.name, pattern) for pattern in given.only)
    ]
    if not chosen:
        parser.error("no server has such a name")
    results = []
    for behaviour in chosen:
        result = judge(behaviour)
        results.append(result)
        mark = "" if result.right else "  UNEXPECTED"
        print(
            f"{behaviour.name:<36} exit {result.code!s:<5} {result.seconds:>7.1f} s "
            f"{result.megabytes:>6.0f} MB{mark}",
            flush=True,
        )
    if given.write is not None:
        generated.write(given.write, {"hostile servers": document(results)})
    else:
        print(document(results))
    return 0 if all(result.right for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
