"""Measure a fleet of reference servers: its cost, its scale, and what lost workers do to it.

    python benchmarks/fleet.py --clusters 1000 --write docs/fleet.md
    python benchmarks/fleet.py cost --clusters 40 --alone 8

``cost`` compares the processor time of a fleet with that of a loop over ``run``, and the outcomes,
for a sample of ``--alone`` clusters. ``workers`` compares one worker with two, on servers that
respond at once and on servers that take their time. ``hosts`` has a
scheduler and four workers in processes of their own. ``kills`` ends a random worker every few
seconds. A tenth of the servers is broken; one in 500 clusters, and one at least, never responds.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import generated
from measuring import Measured, beside, measured, table
from starlette.types import ASGIApp, Receive, Scope, Send

HERE = Path(__file__).resolve()
ROOT = HERE.parents[1]
COMMAND = (sys.executable, "-m", "conformance")
PARTS = ("cost", "workers", "hosts", "kills")
PROCESSES, SERVERS = 4, 10
"""Servers run in a few processes; many clusters share one, which a run cannot tell."""
BROKEN = 10
"""One in so many servers is broken."""
HANGING = 500
"""One in so many clusters never responds."""
BRIEF = ("--profile", "standard", "--seed", "1", "--timeout", "2", "--retry-budget", "2")
KILL_EVERY = 5.0
"""Seconds between two lost workers."""
AWAY = 0.05
"""Seconds that a response of a distant server takes."""
REQUESTS = 2_000
"""Requests of the loop that measures what a request costs."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """The file of a fleet, the variables with its tokens, and URL and variable by name."""

    file: Path
    env: Mapping[str, str]
    places: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Done:
    """One fleet: what it took, exit codes by target, and what each target's report decides."""

    took: Measured
    codes: Mapping[str, int]
    results: Mapping[str, Any]
    attempts: int
    requests: float


def serve(first: int, away: float) -> None:
    """Serve some of the servers until this process is killed, each response ``away`` s late."""
    from conformance.reference import EmbeddedServer, ReferenceServer
    from conformance.reference.faults import FAULTS

    def around(app: ASGIApp) -> ASGIApp:
        async def late(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await asyncio.sleep(away)
            await app(scope, receive, send)

        return late if away else app

    faults = [one for one in FAULTS if one.profile == "quick" and one.name.startswith("filter-")]
    started = []
    for number in range(first, first + SERVERS):
        broken = number % BROKEN == BROKEN - 1
        server = faults[number // BROKEN].make() if broken else ReferenceServer()
        started.append((EmbeddedServer(server, around).start().url, server.issue_token()))
    print(json.dumps(started), flush=True)
    signal.pause()


@contextmanager
def clusters(number: int, away: float = 0.0) -> Iterator[Clusters]:
    """Start the servers, whose responses take ``away`` seconds; yield a fleet of them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = []
        for process in range(PROCESSES):
            where = ("--first", str(process * SERVERS), "--away", str(away))
            words = (sys.executable, str(HERE), "serve", *where)
            servers += json.loads(stack.enter_context(beside(words, "[")))
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=64))
        hanging = f"http://127.0.0.1:{silent.getsockname()[1]}/api"
        env = {f"TOKEN_{place}": token for place, (_, token) in enumerate(servers)}
        places = {}
        for cluster in range(number):
            place = cluster % len(servers)
            url = hanging if cluster % HANGING == 7 else servers[place][0]
            places[f"cluster-{cluster:05}"] = url, f"TOKEN_{place}"
        rows = [f"{name},{url},{variable}" for name, (url, variable) in places.items()]
        file = folder / "fleet.csv"
        file.write_text("\n".join(["name,url,token-env", *rows]) + "\n")
        yield Clusters(file, env, places)


def environment(**more: str) -> dict[str, str]:
    # A loop of commands must not compile the package each time.
    return {**os.environ, **more, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}


def fleet(made: Clusters, *words: str, started: Callable[[int], object] = lambda _: None) -> Done:
    """Judge the clusters, and measure all processes that this takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "fleet"
        command = (*COMMAND, "fleet", str(made.file), "--folder", str(folder), *BRIEF, *words)
        took = measured(
            command, environment=environment(**made.env), deadline=36_000, started=started
        )
        took = Measured(took.wall, took.cpu + orphans(), took.peak, took.exit_code, took.output)
        if not (folder / "fleet.json").exists():
            raise RuntimeError(f"the fleet ended with {took.exit_code}: {took.output[-500:]}")
        summary = json.loads((folder / "fleet.json").read_text("utf-8"))
        targets = summary["targets"]
        if sorted(one["name"] for one in targets) != sorted(made.places):
            raise RuntimeError("NOT every target has its verdict once")
        return Done(
            took,
            {one["name"]: one["exitCode"] for one in targets},
            {one["name"]: one["results"].get("failed") for one in targets},
            sum(one["attempts"] - 1 for one in targets),
            mean(one["requests"] for one in targets),
        )


def adopt() -> None:
    """Become the parent of processes whose own one has ended, to count what they took."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def orphans() -> float:
    """Return the processor seconds of adopted processes that have ended."""
    seconds, until = 0.0, time.monotonic() + 2
    while time.monotonic() < until:
        with suppress(ChildProcessError):
            pid, _, usage = os.wait4(-1, os.WNOHANG)
            if pid:
                seconds += usage.ru_utime + usage.ru_stime
                continue
        time.sleep(0.1)
    return seconds


def alone(made: Clusters, sample: Sequence[str]) -> tuple[list[Measured], dict[str, int]]:
    """Judge some clusters by ``run``, one after the other."""
    took, codes = [], {}
    for name in sample:
        url, variable = made.places[name]
        env = environment(CONDUCTOR_AUTH_TOKEN=made.env[variable])
        with tempfile.TemporaryDirectory() as folder:
            words = (*COMMAND, "run", url, *BRIEF, "--json", f"{folder}/r.json")
            took.append(measured(words, environment=env))
        codes[name] = took[-1].exit_code
    return took, codes


def of_a_request(made: Clusters) -> float:
    """Return the processor seconds that a bare loop takes for one request."""
    url, variable = next(iter(made.places.values()))
    seconds = []
    for number in (0, REQUESTS):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "requests.json"
            file.write_text(json.dumps([("GET", "/api/integrations/provider", True)] * number))
            origin = url.removesuffix("/api")
            loop = str(HERE.with_name("bare_loop.py"))
            command = (sys.executable, loop, origin, made.env[variable], str(file))
            seconds.append(measured(command).cpu)
    return (seconds[1] - seconds[0]) / REQUESTS


def cost(number: int, sampled: int) -> str:
    with clusters(number) as made:
        whole = fleet(made, "--workers", "2")
        names = list(made.places)
        step = max(1, number // sampled)
        # The hanging one is in it, which is where outcomes might differ.
        sample = list(dict.fromkeys([*names[::step][: sampled - 1], names[7 % number]]))
        ours, codes = alone(made, sample)
        request = of_a_request(made)
    each, loop = whole.took.cpu / number, mean(one.cpu for one in ours)
    bare = request * whole.requests
    same = all(whole.codes[name] == code for name, code in codes.items())
    rows = [
        ("clusters", f"{number:,}"),
        ("elapsed time", f"{whole.took.wall:,.0f} s"),
        ("processor time of a cluster", f"{each:.2f} s"),
        ("of it beyond what its requests cost a bare loop", f"{each - bare:.2f} s"),
        ("processor time of a cluster in a loop over `run`", f"{loop:.2f} s"),
        ("ratio", f"{each / loop:.2f}"),
        ("peak memory of the largest process", f"{whole.took.peak / 2**20:.0f} MiB"),
        (f"outcomes as of `run`, {len(codes)} clusters", "all" if same else "NOT ALL"),
    ]
    return table(("fleet, 2 workers", "figure"), rows)


def workers(number: int) -> str:
    rows = []
    for away in (0.0, AWAY):
        with clusters(number, away) as made:
            took = [fleet(made, "--workers", str(count)).took.wall for count in (1, 2)]
        speeds = (f"{number / seconds:.1f}/s" for seconds in took)
        when = f"after {away * 1000:.0f} ms" if away else "at once"
        rows.append((when, *speeds, f"{took[0] / took[1]:.2f}"))
    return table(("servers respond", "one worker", "two workers", "ratio"), rows)


def hosts(number: int) -> str:
    """Judge on four workers of two hosts, each a process group with a folder of its own."""
    with clusters(number) as made, ExitStack() as stack:
        env = environment(**made.env)
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        dask = (sys.executable, "-m", "dask")
        listen = ("--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard")
        processes: list[tuple[str, ...]] = [(*dask, "scheduler", *listen)]
        processes += [
            (*dask, "worker", address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard")
        ] * 2
        for words in processes:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            process = subprocess.Popen(
                words,
                cwd=folder,
                env=env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            stack.callback(process.wait)
            stack.callback(os.killpg, process.pid, signal.SIGTERM)
        there = fleet(made, "--scheduler", address, "--workers", "4")
        here = fleet(made, "--workers", "2")
    same = there.codes == here.codes and there.results == here.results
    verdict = "the same" if same else "NOT the same"
    return (
        f"{number:,} clusters on four workers of two simulated hosts: {verdict} exit codes and "
        "failed requirements as on one machine."
    )


def kills(number: int) -> str:
    """End a random Dask worker of the fleet every few seconds."""
    chance, lost = random.Random(1), 0
    ended = threading.Event()

    def end_some(coordinator: int) -> None:
        nonlocal lost
        while not ended.wait(KILL_EVERY):
            words = {pid: words_of(pid) for pid in descendants(coordinator)}
            # Before the first target is judged, the cluster is being started.
            judging = any("fleet.judging" in one for one in words.values())
            if judging and (found := [pid for pid in words if "spawn_main" in words[pid]]):
                os.kill(chance.choice(found), signal.SIGKILL)
                lost += 1

    def begin(coordinator: int) -> None:
        threading.Thread(target=end_some, args=(coordinator,), daemon=True).start()

    with clusters(number) as made:
        quick = ("--workers", "2", "--profile", "quick")
        quiet = fleet(made, *quick)
        done = fleet(made, *quick, started=begin)
        ended.set()
    verdict = "each got its verdict once" if done.codes == quiet.codes else "NOT the same verdicts"
    return (
        f"{number:,} clusters while {lost:,} workers were killed, one every {KILL_EVERY:g} s: "
        f"{verdict}, in {done.took.wall:,.0f} s instead of {quiet.took.wall:,.0f} s."
    )


def descendants(parent: int) -> Iterator[int]:
    """Yield the processes below one."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(status[1]), []).append(int(entry.name))
    waiting = [parent]
    while waiting:
        children = parents.get(waiting.pop(), [])
        waiting += children
        yield from children


def words_of(pid: int) -> str:
    with suppress(OSError):
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace")
    return ""


def main() -> int:
    """Measure the parts, print them, and write them into a document."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "serve", []], default=[])
    parser.add_argument("--clusters", type=int, default=1_000)
    parser.add_argument("--alone", type=int, default=20, help="clusters judged by `run` as well")
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--away", type=float, default=0.0, help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, metavar="F", help="write into this document")
    given = parser.parse_args()
    if given.parts == ["serve"]:
        serve(given.first, given.away)
        return 0
    adopt()
    least, few, some = (max(8, given.clusters * share // 100) for share in (4, 10, 30))
    makers: dict[str, Callable[[], str]] = {
        "cost": lambda: cost(given.clusters, given.alone),
        "workers": lambda: workers(least),
        "hosts": lambda: hosts(few),
        "kills": lambda: kills(some),
    }
    texts = []
    for name in given.parts or PARTS:
        texts.append(makers[name]())
        print(texts[-1], flush=True)
    if given.write is not None:
        words = f"python benchmarks/fleet.py --clusters {given.clusters} --write {given.write}"
        whole = "\n\n".join([generated.measured_by(words), *texts])
        generated.write(given.write, {"fleet": whole})
    return int(any("NOT" in text for text in texts))


if __name__ == "__main__":
    sys.exit(main())
