"""Measure whole processes: elapsed time, CPU time and peak memory, compared as ratios.

A figure of one run depends on the machine as much as on the program. Programs to compare therefore
run in turn, A B A B, and the result is the median of the ratios within each turn.
"""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes per unit in which the system counts the memory of a process."""
DEADLINE = 900.0


@dataclass(frozen=True, slots=True)
class Measured:
    """The measurement of one process.

    ``wall`` (elapsed time) and ``cpu`` are in seconds; ``cpu`` includes children that were waited
    for. ``peak`` is the peak resident memory in bytes of the process or of one child. ``exit_code``
    is negative for a process that a signal ended.
    """

    wall: float
    cpu: float
    peak: int
    exit_code: int
    output: str = ""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ratios of the measurements of two commands, as medians over all turns."""

    wall: float
    cpu: float
    peak: float


def measured(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    deadline: float = DEADLINE,
    started: Callable[[int], object] = lambda _: None,
) -> Measured:
    """Run a command to its end and measure it; kill it after ``deadline`` seconds.

    ``output`` contains both streams together. ``started`` gets the id of the process, with which
    another thread can ``kill`` it.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        list(command),
        cwd=folder,
        env=None if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    started(process.pid)
    timer = threading.Timer(deadline, kill, (process.pid,))
    timer.daemon = True
    timer.start()
    try:
        output = process.stdout.read()
        # process.wait() would not return the resource usage.
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        kill(process.pid)
        raise
    finally:
        timer.cancel()
        process.stdout.close()
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        peak=usage.ru_maxrss * UNIT,
        exit_code=process.returncode,
        output=output.decode("utf-8", "replace"),
    )


def kill(pid: int) -> None:
    """Kill a process that was started here, and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def alternated(
    jobs: Mapping[str, Callable[[], Measured]],
    turns: int,
    progress: Callable[[str, Measured], object] = lambda *_: None,
) -> dict[str, list[Measured]]:
    """Run all jobs in turn, ``turns`` times; return the measurements of each job."""
    found: dict[str, list[Measured]] = {name: [] for name in jobs}
    for _ in range(turns):
        for name, job in jobs.items():
            result = job()
            progress(name, result)
            found[name].append(result)
    return found


def ratio(ours: Sequence[Measured], theirs: Sequence[Measured]) -> Ratio:
    """Return the medians of the ratios between two jobs that ran in turn."""
    pairs = list(zip(ours, theirs, strict=True))
    return Ratio(
        wall=median(one.wall / other.wall for one, other in pairs),
        cpu=median(one.cpu / other.cpu for one, other in pairs),
        peak=median(one.peak / other.peak for one, other in pairs),
    )


def typical(results: Sequence[Measured]) -> Measured:
    """Return the medians of a job's measurements; the exit code is the worst."""
    return Measured(
        wall=median(one.wall for one in results),
        cpu=median(one.cpu for one in results),
        peak=int(median(one.peak for one in results)),
        exit_code=max((one.exit_code for one in results), key=abs),
    )


def machine() -> str:
    """Describe the date and the machine of the measurement in one line."""
    day = datetime.now(UTC).date().isoformat()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{day}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


@contextmanager
def beside(command: Sequence[str], ready: str) -> Iterator[str]:
    """Run a command in the background; yield its first line, which must begin with ``ready``.

    Raises:
        RuntimeError: the first line begins with something else.
    """
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        line = process.stdout.readline().strip()
        if not line.startswith(ready):
            raise RuntimeError(f"{command[0]} printed {line!r} instead of {ready!r}")
        yield line
    finally:
        kill(process.pid)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown; all columns but the first are numbers."""
    lines = [
        "| " + " | ".join(head) + " |",
        "|" + "|".join([" --- "] + [" ---: "] * (len(head) - 1)) + "|",
    ]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)
