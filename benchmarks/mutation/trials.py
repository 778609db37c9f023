"""Try a mutant on a copy of the checkout: its own tests, the other tests, then the self-test."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path

from measuring import Measured, kill, measured

from mutation.mutants import Change, Mutant
from mutation.selection import Sources, other_tests, own_tests, related

TEST_DEADLINE = 60
"""Seconds for one test, against endless loops; the slowest takes five."""
PYTEST = (
    *("-m", "pytest", "-x", "-q", "--no-header", "--tb=line"),
    *("--assert=plain", "-p", "no:anyio", "-p", "no:cacheprovider", "-p", "no:randomly"),
    *("-o", f"faulthandler_timeout={TEST_DEADLINE}"),
    *("-o", "faulthandler_exit_on_timeout=true"),
)
ENDED = {-signal.SIGKILL: "deadline"}
NOT_COLLECTED = 4
"""The exit code of pytest for a test that does not exist."""
SELF_TEST = ("-m", "conformance", "self-test", "--jobs", "1", "--only")
COPIED = ("conformance", "conductor_conformance_pytest.py", "spec", "tests", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Stage:
    """A kind of tests; ``command`` returns the arguments of Python, none if there are no tests.

    ``deadline`` is in seconds, for all of them: several times what they take beside other work. A
    module may loop while it is imported, before the first test has a deadline.
    """

    name: str
    command: Callable[[Sources, Mutant], tuple[str, ...]]
    deadline: float


def _own(sources: Sources, mutant: Mutant) -> tuple[str, ...]:
    paths = own_tests(sources, _name(mutant))
    return (*PYTEST, *paths) if paths else ()


def _others(sources: Sources, mutant: Mutant) -> tuple[str, ...]:
    paths = other_tests(sources, _name(mutant))
    return (*PYTEST, *paths) if paths else ()


def _self_test(sources: Sources, mutant: Mutant) -> tuple[str, ...]:
    return (*SELF_TEST, ",".join(related(sources, _name(mutant), mutant.function)))


STAGES = (
    Stage("tests of the module", _own, 240.0),
    Stage("other unit tests", _others, 900.0),
    Stage("self-test", _self_test, 900.0),
)


class Bench:
    """A copy of the checkout in which one mutant after the other is tried."""

    def __init__(self, sources: Sources, folder: Path) -> None:
        self._sources = sources
        self._folder = folder
        self._sound: set[tuple[str, ...]] = set()
        self._number = 0
        self._running = 0
        self._stopped = False

    def prepare(self) -> None:
        """Make the copy."""
        for name in COPIED:
            origin, copy = self._sources.root / name, self._folder / name
            if origin.is_dir():
                shutil.copytree(origin, copy, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(origin, copy)

    def killed_by(self, mutant: Mutant, change: Change, stage: Stage) -> str | None:
        """Return what fails with a mutant, or ``None`` if nothing does.

        Raises:
            RuntimeError: it fails with the unmodified code, too.
        """
        command = stage.command(self._sources, mutant)
        if not command:
            return None
        path = self._folder / mutant.module
        text, times = path.read_bytes(), path.stat()
        path.write_text(change.code, "utf-8")
        # Python tells by size and time, in seconds, whether a compiled module is still right.
        self._number += 1
        os.utime(path, (self._number, self._number))
        try:
            found = self._run(command, stage.deadline)
        finally:
            path.write_bytes(text)
            os.utime(path, (times.st_atime, times.st_mtime))
        if found.exit_code == 0:
            return None
        failed = re.findall(r"^(?:FAILED|ERROR) (tests/.+?)(?: - .*)?$", found.output, re.MULTILINE)
        self._confirm((*PYTEST, failed[0]) if failed else command, stage.deadline)
        return failed[0] if failed else ENDED.get(found.exit_code, f"exit {found.exit_code}")

    def stop(self) -> None:
        """End what is running, from another thread, and start nothing else."""
        self._stopped = True
        if self._running:
            kill(self._running)

    def _confirm(self, command: tuple[str, ...], deadline: float) -> None:
        """Make sure that what failed, or took too long, does not without a mutant."""
        if command not in self._sound:
            found = self._run(command, deadline)
            # With a mutant, tests may have other names; those do not exist without it.
            if found.exit_code not in (0, NOT_COLLECTED):
                raise RuntimeError(f"fails without a mutant: {command}\n{found.output[-3000:]}")
            self._sound.add(command)

    def _run(self, command: tuple[str, ...], deadline: float) -> Measured:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("CONDUCTOR_") and name != "PYTHONDONTWRITEBYTECODE"
        }
        environment["PYTHONPATH"] = str(self._folder)
        if self._stopped:
            raise CancelledError

        def started(process: int) -> None:
            self._running = process

        found = measured(
            [sys.executable, *command],
            folder=self._folder,
            environment=environment,
            deadline=deadline,
            started=started,
        )
        self._running = 0
        if self._stopped:
            raise CancelledError
        return found


def _name(mutant: Mutant) -> str:
    return mutant.module.removesuffix(".py").replace("/", ".")
