"""A worker process of the self-test: tasks come in on standard input, answers go out.

It is started by ``pool`` and speaks pickle, which is safe between a process and its own child.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from conformance.selftest.tasks import Broken, Task
from conformance.selftest.trial import Trial


def serve(work: Callable[[Task], Trial]) -> None:
    """Answer the tasks that come in until their sender is gone; does not return.

    An exception of ``work`` is an answer, too: the clause that says what broke, and where.
    """
    # Whoever interrupts the self-test interrupts the process that started this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Not through `sys.stdin`, whose lock would be held when the interpreter wants to end.
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What servers that break print is no part of any report.
    with open(os.devnull, "r+b") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests, tasks), daemon=True).start()
    while True:
        pickle.dump(_answer(work, tasks.get()), answers)
        answers.flush()


def _receive(stream: BinaryIO, tasks: queue.SimpleQueue[Task]) -> None:
    try:
        while True:
            tasks.put(pickle.load(stream))  # noqa: S301 - from the process that started this one
    except (EOFError, OSError, pickle.UnpicklingError):
        # Nobody waits for the answer under way any more, and it may never come to an end.
        os._exit(0)


def _answer(work: Callable[[Task], Trial], task: Task) -> Trial | Broken:
    started = time.perf_counter()
    try:
        return work(task)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this server's result
        return Broken(_what_broke(error), time.perf_counter() - started)


def _what_broke(error: Exception) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
    text = str(error).strip().partition("\n")[0].rstrip(".")
    return f"{type(error).__name__}{where}{f': {text}' if text else ''}"


def _try(task: Task) -> Trial:
    from conformance.selftest.catalogue import by_name
    from conformance.selftest.tasks import OWN
    from conformance.selftest.trying import tried

    profile = None if task.profile == OWN else task.profile
    return tried(by_name()[task.name], profile=profile, seed=task.seed)


if __name__ == "__main__":
    serve(_try)
