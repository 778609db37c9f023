"""Start and end processes that run a module of this package."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

GRACE = 1.0
"""Seconds that a process may take to end by itself."""


def usable_cpus() -> int:
    """Return the number of processors that this process may use."""
    # Not available on every operating system.
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def command(module: str) -> tuple[str, ...]:
    """Return the command that runs a module of this package."""
    # Without -P, Python would search the current folder for modules first.
    return (sys.executable, "-P", "-m", module)


def environment() -> dict[str, str]:
    """Return the variables of this process, with which another imports from the same places."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(part or "." for part in sys.path)}


def start(words: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a process that imports from the same places as this one.

    Its standard input and output are pipes; what it writes to standard error is dropped.

    Raises:
        OSError: no process could be started.
    """
    return subprocess.Popen(  # noqa: S603 - a command of this package
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
        # Ctrl-C signals a whole session; this process ends the other one itself.
        start_new_session=True,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, which may still end the commands that it runs; kill it after ``GRACE``."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    process.kill()


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and release it."""
    stop(process)
    with suppress(OSError), process:
        pass
