"""Worker processes: each tries one server after the other; what breaks breaks one trial only."""

from __future__ import annotations

import errno
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import BinaryIO, cast

from conformance.selftest.tasks import Broken, Task
from conformance.selftest.trial import Trial

DEADLINE = 300.0
"""Seconds for one server; generous, for a loaded machine is slow and not broken."""

_GRACE = 5.0  # seconds that a process may take to end by itself once its answers have ended

# Without the option, Python would look for modules in the current folder first.
WORKER = (sys.executable, "-P", "-m", "conformance.selftest.worker")


def usable_cpus() -> int:
    """Return the number of processors that this process may use."""
    # Not every operating system can tell.
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def answered(
    tasks: Sequence[Task],
    *,
    jobs: int,
    deadline: float = DEADLINE,
    worker: Sequence[str] = WORKER,
) -> Generator[tuple[Task, Trial | Broken]]:
    """Have tasks done by ``jobs`` processes and yield the answers as they come in.

    Every task has an answer: that of a process which crashed, or had none after ``deadline``
    seconds and was killed, is ``Broken``. ``worker`` is the command that starts a process which
    calls ``worker.serve``. The processes are gone when the iterator is exhausted or closed.
    """
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    answers: queue.SimpleQueue[tuple[Task, Trial | Broken]] = queue.SimpleQueue()
    workers = [_Worker(worker, deadline) for _ in range(min(jobs, len(tasks)))]
    threads = [
        threading.Thread(target=_keep_busy, args=(each, waiting, answers), daemon=True)
        for each in workers
    ]
    try:
        for thread in threads:
            thread.start()
        for _ in tasks:
            yield answers.get()
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
    answers: queue.SimpleQueue[tuple[Task, Trial | Broken]],
) -> None:
    while not worker.closed:
        try:
            task = waiting.get_nowait()
        except queue.Empty:
            return
        answers.put((task, worker.answer(task)))


class _Worker:
    """A process that is started when there is something to do, and again when it was lost."""

    def __init__(self, command: Sequence[str], deadline: float) -> None:
        self._command = list(command)
        self._deadline = deadline
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.closed = False

    def answer(self, task: Task) -> Trial | Broken:
        """Return the answer to a task; whatever goes wrong is one."""
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
            answer = _exchange(process, task)
        except Exception:  # noqa: BLE001 - half an answer can break in any way
            reason = _how_it_ended(process)
            if late.is_set():
                reason = f"it took longer than {self._deadline:g} s"
            answer = Broken(reason, time.perf_counter() - started)
        timer.cancel()
        if isinstance(answer, Broken):
            # What broke may have left something behind that the next trial would meet.
            self.dismiss()
        return answer

    def close(self) -> None:
        """End the process, whatever it is doing, and let no other be started."""
        with self._lock:
            self.closed = True
            if self._process is not None:
                self._process.kill()

    def dismiss(self) -> None:
        """End the process and let go of it; nothing may be waiting for its answer."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            with suppress(OSError), process:
                pass

    def _running(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self.closed:
                raise OSError(errno.ECANCELED, "the self-test has ended")
            if self._process is None:
                self._process = subprocess.Popen(  # noqa: S603 - our own command
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env={
                        **os.environ,
                        "PYTHONPATH": os.pathsep.join(part or "." for part in sys.path),
                    },
                    # Ctrl-C reaches a whole session, and the process that waits ends this one.
                    start_new_session=True,
                )
            return self._process


def _exchange(process: subprocess.Popen[bytes], task: Task) -> Trial | Broken:
    requests, answers = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)
    pickle.dump(task, requests)
    requests.flush()
    answer: Trial | Broken = pickle.load(answers)  # noqa: S301 - from a process of our own
    return answer


def _how_it_ended(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        return "its process gave no proper answer"
    if code >= 0:
        return f"its process ended with exit code {code}"
    try:
        return f"its process was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"its process was ended by signal {-code}"
