"""A process that carries out tasks one after the other; a crash costs one task only.

The parent's end is ``WorkerProcess``, the child's end ``serve``. Both use pickle, which is safe
between a process and its own child.
"""

from __future__ import annotations

import errno
import os
import pickle
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO, cast

from conformance.core import own_process, user_command

_GRACE = 5.0  # seconds that a process may take to exit after it closed its output


@dataclass(frozen=True, slots=True)
class Broken:
    """A task that was not completed.

    ``reason`` is a clause such as "its process ended with exit code 3"; ``duration`` is in seconds.
    """

    reason: str
    duration: float = 0.0


class WorkerProcess:
    """A worker process, started on demand and restarted after it was lost."""

    def __init__(self, command: Sequence[str], deadline: float) -> None:
        self._command = list(command)
        self._deadline = deadline
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.closed = False

    def result_of(self, task: Any, deadline: float | None = None) -> Any | Broken:
        """Return the result of a task; every failure becomes ``Broken``.

        The process is ended after ``deadline`` seconds, by default that of all tasks.
        """
        deadline = self._deadline if deadline is None else deadline
        started = time.perf_counter()
        try:
            process = self._running()
        except OSError as error:
            return Broken(f"no process could be started for it ({error.strerror})")
        late = threading.Event()

        def give_up() -> None:
            late.set()
            own_process.stop(process)

        timer = threading.Timer(deadline, give_up)
        timer.daemon = True
        timer.start()
        try:
            result = _exchange(process, task)
        except Exception:  # noqa: BLE001 - an incomplete result can fail in any way
            reason = _how_it_ended(process)
            if late.is_set():
                reason = f"it took longer than {deadline:g} s"
            result = Broken(reason, time.perf_counter() - started)
        timer.cancel()
        if isinstance(result, Broken):
            # The failure may have left state behind that would affect the next task.
            self.dismiss()
        return result

    def close(self) -> None:
        """End the process, and prevent another from being started."""
        with self._lock:
            self.closed = True
            if self._process is not None:
                own_process.stop(self._process)

    def dismiss(self) -> None:
        """Kill the process and release it; no thread may be waiting for its result."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            own_process.end(process)

    def _running(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self.closed:
                raise OSError(errno.ECANCELED, "the work has ended")
            if self._process is None:
                self._process = own_process.start(self._command)
            return self._process


def _exchange(process: subprocess.Popen[bytes], task: Any) -> Any | Broken:
    requests, results = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)
    pickle.dump(task, requests)
    requests.flush()
    return pickle.load(results)  # noqa: S301 - from a child process


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


def serve(work: Callable[[Any], Any]) -> None:
    """Carry out tasks until the sender closes the stream; does not return.

    If ``work`` raises an exception, the result is ``Broken`` with its type, place and message.
    """
    # An interruption is handled by the parent process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _terminate)
    # Not through `sys.stdin`, whose lock would block the interpreter at exit.
    requests, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Output of libraries must not mix with the results.
    with open(os.devnull, "r+b") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests, tasks), daemon=True).start()
    while True:
        pickle.dump(_result(work, tasks.get()), results)
        results.flush()


def _receive(stream: BinaryIO, tasks: queue.SimpleQueue[Any]) -> None:
    try:
        while True:
            tasks.put(pickle.load(stream))  # noqa: S301 - from the parent process
    except (EOFError, OSError, pickle.UnpicklingError):
        # Nothing waits for the current result any more, and its task may never end.
        user_command.kill_all()
        os._exit(0)


def _terminate(number: int, _frame: FrameType | None) -> None:
    user_command.kill_all()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _result(work: Callable[[Any], Any], task: Any) -> Any | Broken:
    started = time.perf_counter()
    try:
        return work(task)
    except Exception as error:  # noqa: BLE001 - any failure is the result of this task
        return Broken(_what_broke(error), time.perf_counter() - started)


def _what_broke(error: Exception) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
    text = str(error).strip().partition("\n")[0].rstrip(".")
    return f"{type(error).__name__}{where}{f': {text}' if text else ''}"
