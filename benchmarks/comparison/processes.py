"""Running a tool as a process of its own: how it ended, how long it took and what memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from support.measured import WRAPPER

OUTPUT = "output.txt"
USAGE = "usage"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: ``None`` is the exit code of one that was killed at its deadline.

    ``megabytes`` are those that it had in memory at its peak, ``processor`` is the time in seconds
    that it computed; both are 0 of one that was killed. ``last_words`` are the end of its output.
    """

    exit_code: int | None
    seconds: float
    processor: float
    megabytes: float
    last_words: str


class Processes:
    """The processes under way; all of them can be killed, and then no other starts."""

    def __init__(self, deadline: float) -> None:
        """Give each process ``deadline`` seconds."""
        self._deadline = deadline
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def run(self, words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Ended:
        """Run a command to its end or its deadline, in a folder.

        It gets a session of its own, so that its children end with it. Raises ``RuntimeError`` if
        this is closed before its end.
        """
        usage = folder / USAGE
        with (folder / OUTPUT).open("w+b") as output:
            started = time.perf_counter()
            with self._lock:
                if self._closed:
                    raise RuntimeError("interrupted")
                process = subprocess.Popen(
                    [sys.executable, "-S", "-E", "-c", WRAPPER, str(usage), *words],
                    cwd=folder,
                    env=dict(environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                self._running.add(process)
            code: int | None = None
            try:
                with suppress(subprocess.TimeoutExpired):
                    code = process.wait(self._deadline)
            finally:
                seconds = time.perf_counter() - started
                _kill(process)
                with self._lock:
                    self._running.discard(process)
                    closed = self._closed
            if closed:
                raise RuntimeError("interrupted")
            output.seek(0)
            lines = output.read().decode(errors="replace").split("\n")
        kilobytes, processor = usage.read_text().split() if usage.exists() else ("0", "0")
        said = " ".join(line.strip() for line in lines[-6:]).strip()
        return Ended(code, seconds, float(processor), int(kilobytes) / 1024, said)

    def close(self) -> None:
        """Kill all of them."""
        with self._lock:
            self._closed = True
            for process in self._running:
                _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
