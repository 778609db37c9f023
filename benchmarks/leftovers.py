"""End runs with fixtures at random, remove what is left, and count at the server what remains.

    python benchmarks/leftovers.py --runs 200 --write docs/proof.md

Each run is a process that judges a server of its own with ``--with-fixtures``. It ends with a
signal at a random moment, or the server refuses, fails or drops a random request that writes,
before or after it was handled. If there is a receipt then, ``fixtures remove`` follows.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import generated  # noqa: E402
from measuring import table  # noqa: E402
from support.servers.writable import WritableServer, documented_cluster  # noqa: E402

from conformance.reference import EmbeddedServer  # noqa: E402

SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
STATUSES = {0: "connection lost", 403: "403", 500: "500", 503: "503"}
WRITES = 9
"""Requests that write in such a run, and one more: then nothing happens."""
LONGEST = 15.0
"""Seconds within which a signal is sent: a run takes about ten."""
FEW = ("--only", "FILTER-04,SHAPE-08,LIFECYCLE", "--profile", "quick", "--seed", "1")
DEADLINE = 300


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended: by what, how many providers are left, and how many foreign ones changed."""

    kind: str
    removed_later: bool
    left: int
    touched: int


def command(folder: Path, env: dict[str, str], *words: str) -> subprocess.Popen[bytes]:
    """Start the command."""
    return subprocess.Popen(
        [sys.executable, "-m", "conformance", *words],
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def tried(number: int) -> Result:
    """Carry out one run."""
    chance = random.Random(number)
    kind = chance.choice([*SIGNALS, *STATUSES])
    place, when = chance.randrange(WRITES), chance.choice(["before", "after"])
    writes = iter(range(10**6))
    lock = threading.Lock()

    def trouble(_method: str, _name: str) -> int | None:
        with lock:
            hit = next(writes) == place
        return int(kind) if hit and kind in STATUSES else None

    server = WritableServer(documented_cluster(), **{when: trouble})
    before = {provider.name: provider for provider in server.providers}
    with tempfile.TemporaryDirectory() as name, EmbeddedServer(server) as embedded:
        folder = Path(name)
        env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CONDUCTOR_SERVER_URL": embedded.url,
            "CONDUCTOR_AUTH_TOKEN": server.issue_token(),
        }
        run = command(folder, env, "run", "--with-fixtures", "--receipt", "r.json", *FEW)
        if kind in SIGNALS:
            timer = threading.Timer(chance.uniform(0, LONGEST), partial(run.send_signal, kind))
            timer.start()
            run.wait(DEADLINE)
            timer.cancel()
        else:
            run.wait(DEADLINE)
        receipt = (folder / "r.json").exists()
        if receipt:
            command(folder, env, "fixtures", "remove", "--receipt", "r.json").wait(DEADLINE)
        after = {provider.name: provider for provider in server.providers}
    words = kind.name if isinstance(kind, signal.Signals) else STATUSES[kind]
    touched = sum(after.get(one) != before[one] for one in before)
    return Result(words, receipt, len(after.keys() - before.keys()), touched)


def main() -> int:
    """Carry out the runs and print what came of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument(
        "--write", type=Path, metavar="F", help="write the table into this document"
    )
    given = parser.parse_args()
    with ThreadPoolExecutor(given.jobs) as pool:
        results = list(pool.map(tried, range(given.runs)))
    runs = Counter(result.kind for result in results)
    later = Counter(result.kind for result in results if result.removed_later)
    left, touched = (
        {kind: sum(getattr(one, name) for one in results if one.kind == kind) for kind in runs}
        for name in ("left", "touched")
    )
    rows = [
        (kind, str(runs[kind]), str(later[kind]), str(left[kind]), str(touched[kind]))
        for kind in sorted(runs)
    ]
    heads = ("ended by", "runs", "then `fixtures remove`", "providers left", "foreign ones touched")
    made = table(heads, rows)
    print(made)
    if given.write is not None:
        words = f"python benchmarks/leftovers.py --runs {given.runs} --write {given.write}"
        line = generated.measured_by(words)
        generated.write(given.write, {"leftovers": f"{line}\n\n{made}"})
    return 1 if any(one.left or one.touched for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
