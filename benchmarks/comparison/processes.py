"""Run a tool as a process, and measure its time and memory."""

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

from support.processes.measured import WRAPPER

OUTPUT = "output.txt"
USAGE = "usage"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended; ``exit_code`` is ``None`` if it was killed at its deadline.

    ``seconds`` is elapsed time, ``processor`` CPU time in seconds, ``megabytes`` peak memory. The
    last two are 0 for a killed process. ``last_words`` is the end of its output.
    """

    exit_code: int | None
    seconds: float
    processor: float
    megabytes: float
    last_words: str


class Processes:
    """Running processes. Closing kills all of them and prevents new ones."""

    def __init__(self, deadline: float) -> None:
        """Give each process ``deadline`` seconds."""
        self._deadline = deadline
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def run(self, words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Ended:
        """Run a command in a folder, to its end or its deadline.

        The command gets its own session, so that its children end with it.

        Raises:
            RuntimeError: ``close`` was called before the command ended.
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
        last_words = " ".join(line.strip() for line in lines[-6:]).strip()
        return Ended(code, seconds, float(processor), int(kilobytes) / 1024, last_words)

    def close(self) -> None:
        """Kill all running processes."""
        with self._lock:
            self._closed = True
            for process in self._running:
                _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
