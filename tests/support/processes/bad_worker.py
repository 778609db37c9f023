"""A worker process that fails in the way that the name of its task says."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from conformance.core import user_command
from conformance.core.worker_process import serve
from conformance.selftest.trial import Task, Trial


def work(task: Task) -> Trial:
    """Fail as requested; otherwise return a trial that contains the id of the process."""
    match task.name.partition(" "):
        case ("crash", _, code):
            os._exit(int(code))
        case ("killed", _, _):
            os.kill(os.getpid(), signal.SIGKILL)
        case ("leave", _, _):
            sys.exit(4)
        case ("hang", _, _):
            time.sleep(600)
        case ("run", _, file):
            command = ("sh", "-c", f"sleep 600 & echo $! > {file}; wait")
            user_command.run(command, timeout=600, stop=threading.Event())
        case ("break", _, text):
            raise ValueError(text)
        case ("speak", _, _):
            sys.stdout.write("not a result\n")
            sys.stderr.write("Traceback (most recent call last):\n")
    return Trial(
        name=task.name,
        description=f"{task.profile} {task.seed}",
        profile="quick",
        outcome=None,
        problems=(),
        duration=0.0,
        requests=os.getpid(),
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(int(sys.argv[1]))
    serve(work)
