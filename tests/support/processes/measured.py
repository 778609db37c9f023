"""Running the command with a measure of what it takes: seconds, and memory at its peak."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# The peak of a child counts what its parent held when it was forked: so a small one forks it.
WRAPPER = """
import os, sys
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as measure:
    measure.write(f"{usage.ru_maxrss} {usage.ru_utime + usage.ru_stime}")
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


@dataclass(frozen=True)
class Measured:
    """What a process left behind, and what it took; ``code`` is ``None`` if it had to be killed."""

    code: int | None
    out: bytes
    err: bytes
    seconds: float
    megabytes: float

    @property
    def text(self) -> str:
        """All that was written, for a person."""
        return (self.out + self.err).decode("utf-8", "replace")


def measure(
    words: Sequence[str], *, cwd: Path, env: Mapping[str, str], deadline: float
) -> Measured:
    """Run a command to its end, or kill it at its deadline."""
    outputs = cwd / "stdout", cwd / "stderr"
    peak = cwd / "peak"
    peak.unlink(missing_ok=True)
    started = time.monotonic()
    with outputs[0].open("wb") as out, outputs[1].open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", WRAPPER, str(peak), *words],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        code: int | None
        try:
            code = process.wait(deadline)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    return Measured(
        code,
        outputs[0].read_bytes(),
        outputs[1].read_bytes(),
        time.monotonic() - started,
        int(peak.read_text().split()[0]) / 1024 if peak.exists() else 0.0,
    )
