"""Run trials in worker processes, so that a crash costs one trial only."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Generator, Sequence

from conformance.core import own_process
from conformance.core.worker_process import Broken, WorkerProcess
from conformance.selftest.trial import Task, Trial

DEADLINE = 300.0
"""Seconds for one server; generous, because a slow machine is not a failure."""

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
    ``worker_process.serve``. All processes have ended when the iterator is exhausted or closed.
    """
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    # Neighbours are alike; several that mostly wait would leave the processors idle together.
    mixed = random.Random(jobs).sample(tasks, len(tasks))  # noqa: S311 - no secret
    for task in tasks if jobs == 1 else mixed:
        waiting.put(task)
    results: queue.SimpleQueue[tuple[Task, Trial | Broken]] = queue.SimpleQueue()
    workers = [WorkerProcess(worker, deadline) for _ in range(min(jobs, len(tasks)))]
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
    worker: WorkerProcess,
    waiting: queue.SimpleQueue[Task],
    results: queue.SimpleQueue[tuple[Task, Trial | Broken]],
) -> None:
    while not worker.closed:
        try:
            task = waiting.get_nowait()
        except queue.Empty:
            return
        results.put((task, worker.result_of(task)))
