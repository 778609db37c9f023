"""Other people's programs: run to their end, or as servers until they are no longer needed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from support.processes.command import Result

DEADLINE = 300.0
"""Seconds; generous, only against hanging."""
_NOWHERE = "http://127.0.0.1:9"


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a program that tells nobody of its use and reaches no other host.

    The programs of this interpreter's environment, node among them, come first.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    quiet = {"DO_NOT_TRACK": "1", "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off"}
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE)
    near = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")
    return {**os.environ, "PATH": path, **quiet, **proxies, **near, **(extra or {})}


def run(words: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> Result:
    """Run a program to its end."""
    done = subprocess.run(
        words,
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Serving:
    """A program that serves: its URL, and the file that holds what it says."""

    url: str
    log: Path

    def said(self) -> list[str]:
        """Return the lines that it has written so far."""
        return self.log.read_text("utf-8").splitlines()


@contextmanager
def serving(words: Sequence[str], ready: str, *, log: Path) -> Iterator[Serving]:
    """Run a program until the block ends; ``ready`` is a pattern whose first group is its URL."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            words,
            cwd=log.parent,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            # What is called node may be a program that starts the real one; both are to end.
            start_new_session=True,
        )
    try:
        yield Serving(_url(process, ready, log), log)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(DEADLINE)


def _url(process: subprocess.Popen[bytes], ready: str, log: Path) -> str:
    until = time.monotonic() + DEADLINE
    while (found := re.search(ready, log.read_text("utf-8"))) is None:
        assert process.poll() is None, f"it ended: {log.read_text('utf-8')}"
        assert time.monotonic() < until, f"it took too long: {log.read_text('utf-8')}"
        time.sleep(0.05)
    return found[1]
