"""The task of a Dask worker: hand an order to a process of its own, and return what it made."""

from __future__ import annotations

import threading
from collections import defaultdict
from contextlib import suppress

from conformance.core import own_process
from conformance.core.worker_process import Broken, WorkerProcess
from conformance.fleet.order import Order, Result

COMMAND = own_process.command("conformance.fleet.judging")

_lock = threading.Lock()
_idle: dict[str, list[WorkerProcess]] = defaultdict(list)


def carry_out(order: Order, fleet: str) -> tuple[str, Result | Broken]:
    """Return the address of this worker, and the result; it never raises.

    Processes are kept for the next order of the same ``fleet``, until ``end``.
    """
    from distributed import get_worker

    with _lock:
        process = _idle[fleet].pop() if _idle[fleet] else WorkerProcess(COMMAND, order.deadline)
    result = process.result_of(order, order.deadline)
    if isinstance(result, Result) and result.spent:
        process.dismiss()
    with _lock:
        _idle[fleet].append(process)
    return str(get_worker().address), result


def end(fleet: str) -> None:
    """End the processes of a fleet on this worker."""
    with _lock:
        processes = _idle.pop(fleet, [])
    for process in processes:
        with suppress(OSError):
            process.dismiss()
