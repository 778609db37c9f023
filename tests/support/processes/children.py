"""Looking at the processes that a command starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

DEADLINE = 60.0
"""Seconds; generous, only against hanging."""


def children(parent: int) -> dict[int, str]:
    """Return the command lines of the processes that a process has started, by their ids."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(status[1]) == parent and status[0] != "Z":
                    words = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(entry.name)] = words.decode()
            except OSError:
                continue
    return found


def exists(process: int) -> bool:
    """Whether a process is still there, other than as an entry that nobody has asked for."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    """Return once a condition holds."""
    until = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.02)
