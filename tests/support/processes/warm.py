"""Running the command as a process that need not import everything again."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any


class Warm:
    """A process that forks itself for each run of the command; one for all tests of a process."""

    def __init__(self) -> None:
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    str(Path(__file__).with_name("warm_process.py")),
                    str(other.fileno()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
            )

    @property
    def process(self) -> int:
        """The id of the process."""
        return self._process.pid

    def run(
        self, words: Sequence[str], *, cwd: Path, env: Mapping[str, str], deadline: float
    ) -> tuple[int, str, str]:
        """Run the command to its end and return its exit code and what it wrote.

        Raises:
            TimeoutError: it took longer than ``deadline`` seconds, and was killed.
        """
        order = {"words": [*words], "folder": str(cwd), "environment": {**env}}
        with (
            Path(os.devnull).open("rb") as nothing,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            streams: list[Any] = [nothing, out, err]
            numbers = [stream.fileno() for stream in streams]
            socket.send_fds(self._control, [json.dumps(order).encode()], numbers)
            child = int(self._control.recv(100))
            self._control.settimeout(deadline)
            try:
                code = int(self._control.recv(100))
            except TimeoutError:
                os.kill(child, signal.SIGKILL)
                self._control.settimeout(None)
                self._control.recv(100)
                raise
            self._control.settimeout(None)
            out.seek(0)
            err.seek(0)
            return code, out.read().decode(), err.read().decode()

    def close(self) -> None:
        """End the process."""
        self._control.close()
        self._process.wait()


@lru_cache
def warm() -> Warm:
    """Return the process, which is started when it is first needed."""
    started = Warm()
    atexit.register(started.close)
    return started
