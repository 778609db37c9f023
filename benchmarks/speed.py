"""Measure the speed of the command, as ratios, and write the tables of docs/performance.md.

    python benchmarks/speed.py --write docs/performance.md
    python benchmarks/speed.py verdict start --turns 5
    python benchmarks/speed.py large --sizes 100 1000 10000 100000

Parts: ``start`` (the commands that send nothing), ``verdict`` (compared with tuned plain
Schemathesis), ``far`` (a server 150 ms away), ``large`` (compared with a bare loop of the same
requests).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))

import generated
from measuring import Measured, alternated, beside, machine, measured, ratio, table, typical

from conformance.contract import loader as contracts

HERE = Path(__file__).resolve().parent
OURS = (sys.executable, "-m", "conformance")
SETTINGS = HERE / "tools" / "schemathesis" / "careful.toml"
TUNED = (
    *("--exclude-checks", "negative_data_rejection,unsupported_method"),
    *("--generation-database", "none", "--seed", "1"),
)
"""The same options as in the comparison with other tools."""
START = {
    "python -c pass": (sys.executable, "-c", "pass"),
    "--version": (*OURS, "--version"),
    "--help": (*OURS, "--help"),
    "list": (*OURS, "list"),
}
DISTANCE = 0.15
PARTS = ("start", "verdict", "far", "large")


@dataclass(frozen=True, slots=True)
class Bench:
    """Settings of all parts: a folder for files of the tools, turns per job, cluster sizes."""

    folder: Path
    turns: int
    sizes: tuple[int, ...]

    def environment(self, token: str) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("CONDUCTOR")}
        return {**kept, "CONDUCTOR_AUTH_TOKEN": token, "PYTHONDONTWRITEBYTECODE": ""}

    def run(self, url: str, token: str, *words: str) -> Measured:
        """Judge a server and write the report to the folder."""
        report = str(self.folder / "report.json")
        command = (*OURS, "run", url, "--seed", "1", "--json", report, *words)
        result = measured(command, folder=self.folder, environment=self.environment(token))
        if result.exit_code != 0:
            raise RuntimeError(f"exit {result.exit_code}: {result.output[-2000:]}")
        return result

    def requests(self) -> int:
        """Return the number of requests of the last run."""
        report = json.loads((self.folder / "report.json").read_text("utf-8"))
        return int(report["requests"])


def report_progress(name: str, result: Measured) -> None:
    print(
        f"{name}: {result.wall:.2f} s, {result.cpu:.2f} s CPU time, {result.peak >> 20} MiB",
        file=sys.stderr,
    )


def shown(name: str, results: Sequence[Measured]) -> list[str]:
    usual = typical(results)
    return [name, f"{usual.wall:.2f} s", f"{usual.cpu:.2f} s", f"{usual.peak >> 20} MiB"]


# The parts --------------------------------------------------------------------------------------


def start(bench: Bench) -> str:
    """Run the commands that send nothing."""
    jobs = {name: partial(measured, command) for name, command in START.items()}
    found = alternated(jobs, bench.turns, report_progress)
    return table(
        ("command", "elapsed", "CPU time", "memory"),
        [shown(name, results) for name, results in found.items()],
    )


def verdict(bench: Bench) -> str:
    """Judge the reference server in its own process, compared with plain Schemathesis."""
    with beside((sys.executable, str(HERE / "near_server.py")), "http") as line:
        url, token = line.split()
        theirs = (
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS)),
            *("run", str(contracts.default_path()), "--url", url.removesuffix("/api")),
            *("-H", f"X-Authorization: {token}", *TUNED),
        )
        jobs: dict[str, Callable[[], Measured]] = {
            "Schemathesis, tuned": partial(
                measured, theirs, folder=bench.folder, environment=bench.environment(token)
            )
        }
        for profile in ("quick", "standard", "thorough"):
            jobs[profile] = partial(bench.run, url, token, "--profile", profile)
        # Run each job once before measuring, to fill caches.
        for job in jobs.values():
            job()
        found = alternated(jobs, bench.turns, report_progress)
    rows = []
    for name, results in found.items():
        beside_theirs = ratio(results, found["Schemathesis, tuned"])
        rows.append(
            [*shown(name, results), f"{beside_theirs.wall:.2f}", f"{beside_theirs.cpu:.2f}"]
        )
    head = (
        *("", "elapsed", "CPU time", "memory"),
        *("elapsed / Schemathesis", "CPU time / Schemathesis"),
    )
    return table(head, rows)


def far(bench: Bench) -> str:
    """Judge the same server from 150 ms away."""
    rows = []
    with beside((sys.executable, str(HERE / "near_server.py")), "http") as line:
        url, token = line.split()
        host = urlsplit(url).netloc
        command = (sys.executable, str(HERE / "far_away.py"), host, str(DISTANCE))
        with beside(command, "http") as away:
            for parallel in ("4", "8"):
                results = [
                    bench.run(f"{away}/api", token, "--parallel", parallel)
                    for _ in range(bench.turns)
                ]
                rows.append([*shown(f"--parallel {parallel}", results), str(bench.requests())])
    return table(("", "elapsed", "CPU time", "memory", "requests"), rows)


def large(bench: Bench) -> str:
    """Judge large clusters, compared with a loop that sends and decodes the same requests."""
    rows = []
    for size in bench.sizes:
        command = (sys.executable, str(HERE / "large_server.py"), str(size), "--journal")
        journal = bench.folder / "requests.json"
        with beside((*command, str(journal)), "http") as line:
            url, token = line.split()
            # The loop repeats the requests of this run.
            bench.run(url, token)
            requests = bench.requests()
            sent = journal.with_name("sent.json")
            lines = journal.read_text("utf-8").splitlines()
            sent.write_text(f"[{','.join(lines)}]", "utf-8")
            one = journal.with_name("one.json")
            one.write_text('[["GET","/api/integrations/provider?activeOnly=false",true]]', "utf-8")
            jobs: dict[str, Callable[[], Measured]] = {
                "run": partial(bench.run, url, token),
                "loop": partial(looped, url, token, sent),
                "one": partial(looped, url, token, one),
            }
            found = alternated(jobs, bench.turns, report_progress)
        figures = [json.loads(result.output) for result in found["loop"]]
        largest = figures[0]["largest"]
        run_, loop, single = (found[name] for name in ("run", "loop", "one"))
        rows.append(
            [
                f"{size:,}",
                f"{largest / 1e6:.1f} MB",
                str(requests),
                f"{typical(run_).wall:.2f} s",
                f"{ratio(run_, loop).wall:.2f}",
                f"{ratio(run_, loop).cpu:.2f}",
                f"{ratio(run_, single).wall:.1f}",
                f"{1e6 * median(result.cpu for result in run_) / size:,.0f} µs",
                f"{typical(run_).peak >> 20} MiB",
                f"{typical(run_).peak / largest:.1f}",
            ]
        )
    head = (
        *("providers", "response", "requests", "elapsed", "elapsed / loop", "CPU time / loop"),
        *("elapsed / one read", "CPU time / provider", "memory", "memory / response"),
    )
    return table(head, rows)


def looped(url: str, token: str, sent: Path) -> Measured:
    """Send the requests of a file one after the other, and measure that."""
    origin = url.removesuffix("/api")
    command = (sys.executable, str(HERE / "bare_loop.py"), origin, token, str(sent))
    result = measured(command)
    if result.exit_code != 0:
        raise RuntimeError(f"the loop ended with {result.exit_code}: {result.output[-500:]}")
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="*", default=(100, 1_000, 10_000, 100_000))
    parser.add_argument("--write", type=Path, metavar="F", help="write the tables into a document")
    given = parser.parse_args(arguments)
    print(f"{machine()}; medians of {given.turns}\n")
    with tempfile.TemporaryDirectory(prefix="speed-") as name:
        bench = Bench(Path(name), given.turns, tuple(given.sizes))
        for part in given.parts or PARTS:
            measure = {"start": start, "verdict": verdict, "far": far, "large": large}[part]
            made = measure(bench)
            print(f"## {part}: {(measure.__doc__ or '').rstrip('.')}\n\n{made}\n", flush=True)
            if given.write is not None:
                command = f"python benchmarks/speed.py {part} --turns {given.turns}"
                line = generated.measured_by(f"{command} --write {given.write}")
                generated.write(given.write, {f"speed {part}": f"{line}\n\n{made}"})
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, subprocess.SubprocessError) as error:
        sys.exit(f"speed: {error}")
