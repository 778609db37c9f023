"""A worker process of the self-test: it reads tasks from standard input and writes results.

``pool`` starts it. Both use pickle, which is safe between a process and its own child.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from conformance.selftest.trial import Broken, Task, Trial

if TYPE_CHECKING:
    from conformance.runner.generated_queries import QueryGenerator


def serve(work: Callable[[Task], Trial]) -> None:
    """Carry out tasks until the sender closes the stream; does not return.

    If ``work`` raises an exception, the result is ``Broken`` with its type, place and message.
    """
    # An interruption of the self-test is handled by the parent process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Not through `sys.stdin`, whose lock would block the interpreter at exit.
    requests, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Output of failing servers must not mix with the results.
    with open(os.devnull, "r+b") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests, tasks), daemon=True).start()
    while True:
        pickle.dump(_result(work, tasks.get()), results)
        results.flush()


def _receive(stream: BinaryIO, tasks: queue.SimpleQueue[Task]) -> None:
    try:
        while True:
            tasks.put(pickle.load(stream))  # noqa: S301 - from the parent process
    except (EOFError, OSError, pickle.UnpicklingError):
        # Nothing waits for the current result any more, and its task may never end.
        os._exit(0)


def _result(work: Callable[[Task], Trial], task: Task) -> Trial | Broken:
    started = time.perf_counter()
    try:
        return work(task)
    except Exception as error:  # noqa: BLE001 - any failure is the result of this server
        return Broken(_what_broke(error), time.perf_counter() - started)


def _what_broke(error: Exception) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
    text = str(error).strip().partition("\n")[0].rstrip(".")
    return f"{type(error).__name__}{where}{f': {text}' if text else ''}"


@cache
def _generator() -> QueryGenerator:
    """Return the one for all trials: it ends with this process, which closes its input."""
    from conformance.runner.generated_queries import QueryGenerator

    return QueryGenerator()


def _try(task: Task) -> Trial:
    from conformance.selftest import clients
    from conformance.selftest.catalogue import everything
    from conformance.selftest.server_run import tried
    from conformance.selftest.trial import OWN, assess

    entry = everything()[task.name]
    if isinstance(entry, clients.BrokenClient | clients.OddClient):
        return assess(entry, clients.judged(entry))
    profile = None if task.profile == OWN else task.profile
    return tried(entry, profile=profile, seed=task.seed, generator=_generator())


if __name__ == "__main__":
    serve(_try)
