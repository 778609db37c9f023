"""Run a command of the user in a session of its own: bounded, and ended as a whole.

Only what starts a session for itself, as ``setsid`` and daemons do, is not ended with it.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from conformance.core.text import counted, visible

MOST_OUTPUT = 16 << 20
"""Bytes of output that are kept and searched; all the rest is read and dropped."""
TAIL = 4096
"""Bytes at the end of the output that are always kept."""
LONGEST_LINE = 300
"""Characters of a last line in a reason."""
_TICK = 0.02
_CLOSING = 1.0  # seconds to read what is left in the pipe once every process of the session ended
_running: set[subprocess.Popen[bytes]] = set()


class NotStarted(Exception):
    """The command could not be started; the text is the reason of the system."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended, and what it printed to both streams.

    ``code`` is its exit code, negative for a signal and ``None`` if it was killed because its time
    was up or it printed too much. ``duration`` is in seconds.
    """

    code: int | None
    output: bytes
    duration: float

    @property
    def words(self) -> str:
        """How it ended, as a clause without a subject."""
        if self.code is None:
            return f"did not end within {self.duration:.0f} s"
        if self.code < 0:
            return f"was ended by signal {-self.code}"
        return f"ended with exit code {self.code}"

    def last_lines(self, most: int = 5) -> str:
        """Return the end of the output as one printable line."""
        text = self.output[-TAIL:].decode("utf-8", "replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return visible(" | ".join(lines[-most:]))


def run(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    timeout: float,
    stop: threading.Event,
    most: float = math.inf,
    errors: int = subprocess.STDOUT,
) -> Ran:
    """Run a command to its end and return how it ended.

    After ``timeout`` seconds, after ``most`` bytes of output or once ``stop`` is set, it is killed.
    Whatever else runs in its session is killed when it ends: a process that outlives the command
    could still send requests. Its standard error goes to ``errors``.

    Raises:
        NotStarted: there is no such command, or it cannot be executed.
    """
    begun = time.monotonic()
    try:
        process = subprocess.Popen(  # noqa: S603 - the command that the user gave
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise NotStarted(getattr(error, "strerror", None) or str(error)) from error
    _running.add(process)
    try:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        output = _Output(process.stdout)
        while process.poll() is None and not stop.is_set():
            if time.monotonic() - begun > timeout or output.size > most:
                break
            time.sleep(_TICK)
        code = process.poll()
    finally:
        _kill(process)
        process.wait()
        _running.discard(process)
    return Ran(code, output.collected(), time.monotonic() - begun)


def kill_all() -> None:
    """Kill the commands that still run, for a process that is about to end without its threads."""
    for process in tuple(_running):
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError):
        process.kill()


class _Output:
    """Reads a pipe to its end in a thread, so that the writer never waits."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._head, self._tail = bytearray(), b""
        self.size = 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with suppress(OSError, ValueError), self._pipe:
            while chunk := self._pipe.read1(1 << 16):  # type: ignore[attr-defined]
                self.size += len(chunk)
                room = MOST_OUTPUT - len(self._head)
                self._head += chunk[:room]
                self._tail = (self._tail + chunk[room:])[-TAIL:] if room < len(chunk) else b""

    def collected(self) -> bytes:
        # A process that left the session may keep the pipe open.
        self._thread.join(_CLOSING)
        return bytes(self._head) + self._tail


def last_line(ran: Ran) -> str:
    """Return how a command ended, with its last line if it failed, as a clause without a subject.

    A long line is left out, because half a secret could not be redacted.
    """
    line = ran.last_lines(1) if ran.code else ""
    return f"{ran.words}; its last line: {line}" if 0 < len(line) <= LONGEST_LINE else ran.words


def last_words(ran: Ran) -> str:
    """Return how a command ended with its last lines, as a clause without a subject."""
    lines = ran.last_lines()
    size = counted(len(ran.output), "byte")
    return f"{ran.words}; its last lines: {lines}" if lines else f"{ran.words} ({size} of output)"
