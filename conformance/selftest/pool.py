"""Run trials in worker processes, so that a crash costs one trial only."""

from __future__ import annotations

import errno
import pickle
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Generator, Sequence
from typing import BinaryIO, cast

from conformance.core import own_process
from conformance.selftest.trial import Broken, Task, Trial

DEADLINE = 300.0
"""Seconds for one server; generous, because a slow machine is not a failure."""

_GRACE = 5.0  # seconds that a process may take to exit after it closed its output

WORKER = own_process.command("conformance.selftest.worker")


def results_of(
    tasks: Sequence[Task],
    *,
    jobs: int,
    deadline: float = DEADLINE,
    worker: Sequence[str] = WORKER,
) -> Generator[tuple[Task, Trial | Broken]]:
    """Carry out tasks in ``jobs`` processes, and yield the results as they arrive.

    Every task gets a result. It is ``Broken`` if the process crashed, or was killed because it took
    longer than ``deadline`` seconds. ``worker`` is the command for a process that calls
    ``worker.serve``. All processes have ended when the iterator is exhausted or closed.
    """
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    results: queue.SimpleQueue[tuple[Task, Trial | Broken]] = queue.SimpleQueue()
    workers = [_Worker(worker, deadline) for _ in range(min(jobs, len(tasks)))]
    threads = [
        threading.Thread(target=_keep_busy, args=(each, waiting, results), daemon=True)
        for each in workers
    ]
    try:
        for thread in threads:
            thread.start()
        for _ in tasks:
            yield results.get()
    finally:
        for each in workers:
            each.close()
        for thread in threads:
            if thread.ident is not None:
                thread.join()
        for each in workers:
            each.dismiss()


def _keep_busy(
    worker: _Worker,
    waiting: queue.SimpleQueue[Task],
    results: queue.SimpleQueue[tuple[Task, Trial | Broken]],
) -> None:
    while not worker.closed:
        try:
            task = waiting.get_nowait()
        except queue.Empty:
            return
        results.put((task, worker.result_of(task)))


class _Worker:
    """A worker process, started on demand and restarted after it was lost."""

    def __init__(self, command: Sequence[str], deadline: float) -> None:
        self._command = list(command)
        self._deadline = deadline
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.closed = False

    def result_of(self, task: Task) -> Trial | Broken:
        """Return the result of a task; every failure becomes ``Broken``."""
        started = time.perf_counter()
        try:
            process = self._running()
        except OSError as error:
            return Broken(f"no process could be started for it ({error.strerror})")
        late = threading.Event()

        def give_up() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._deadline, give_up)
        timer.daemon = True
        timer.start()
        try:
            result = _exchange(process, task)
        except Exception:  # noqa: BLE001 - an incomplete result can fail in any way
            reason = _how_it_ended(process)
            if late.is_set():
                reason = f"it took longer than {self._deadline:g} s"
            result = Broken(reason, time.perf_counter() - started)
        timer.cancel()
        if isinstance(result, Broken):
            # The failure may have left state behind that would affect the next trial.
            self.dismiss()
        return result

    def close(self) -> None:
        """Kill the process, and prevent another from being started."""
        with self._lock:
            self.closed = True
            if self._process is not None:
                self._process.kill()

    def dismiss(self) -> None:
        """Kill the process and release it; no thread may be waiting for its result."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            own_process.end(process)

    def _running(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self.closed:
                raise OSError(errno.ECANCELED, "the self-test has ended")
            if self._process is None:
                self._process = own_process.start(self._command)
            return self._process


def _exchange(process: subprocess.Popen[bytes], task: Task) -> Trial | Broken:
    requests, results = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)
    pickle.dump(task, requests)
    requests.flush()
    result: Trial | Broken = pickle.load(results)  # noqa: S301 - from a child process
    return result


def _how_it_ended(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        return "its process returned no valid result"
    if code >= 0:
        return f"its process ended with exit code {code}"
    try:
        return f"its process was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"its process was ended by signal {-code}"
