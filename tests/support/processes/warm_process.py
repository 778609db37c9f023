"""A process that has imported all that the command imports, and forks itself for each run of it.

What it forks is the command in a process of its own, with arguments, folder, environment, streams
and exit as they would be, only that half a second of imports and of first uses is behind it. It
is not run by hand: ``support.warm`` talks to it by a socket, whose descriptor is its argument.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import socket
import sys
from typing import Any

MOST = 1 << 20
"""Bytes of an order."""


def main() -> None:
    """Carry out orders until nobody is there any more to give them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _warm_up()
    with socket.socket(fileno=int(sys.argv[1])) as control:
        order = _ordered(control)
    if order is not None:
        _become(*order)


def _warm_up() -> None:
    import schemathesis  # noqa: F401 - for the process that generates queries

    import conformance.cli.run  # noqa: F401
    from conformance.runner.generated_queries import QueryGenerator

    QueryGenerator.start = _start_generator  # type: ignore[method-assign, assignment]
    # What is there already is shared with the processes that are forked.
    gc.collect()
    gc.freeze()


class _Forked:
    """A process for generating queries that need not import Schemathesis again."""

    def __init__(self) -> None:
        from conformance.runner import generation_worker

        orders, self._orders = os.pipe()
        self._results, results = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.setsid()
            os.close(self._orders)
            os.close(self._results)
            generation_worker.prepare()
            generation_worker.serve(os.fdopen(orders), os.fdopen(results, "w"))
        os.close(orders)
        os.close(results)
        self.stdin, self.stdout = os.fdopen(self._orders, "wb"), os.fdopen(self._results, "rb")

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.stdin.close()
        self.stdout.close()
        os.waitpid(self._pid, 0)


def _start_generator(generator: Any) -> None:
    if generator._process is None:
        generator._process = _Forked()


def _ordered(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return an order in the process that is forked for it; ``None`` at the end, in this one."""
    while True:
        message, streams, _, _ = socket.recv_fds(control, MOST, 3)
        if not message:
            return None
        child = os.fork()
        if child == 0:
            return json.loads(message), streams
        for stream in streams:
            os.close(stream)
        control.send(str(child).encode())
        _, status = os.waitpid(child, 0)
        control.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(order: dict[str, Any], streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.path[0] = order["folder"]
    sys.argv[1:] = order["words"]
    runpy.run_module("conformance", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
