"""The folder of a fleet: reports, written as results arrive, and a journal to resume from.

The coordinator writes both. A report is written whole before its line of the journal, so a line
means that the report exists. Whatever ends the coordinator loses only targets without a line.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self

from conformance.core import output
from conformance.core.text import visible
from conformance.errors import ExitCode, UsageError
from conformance.fleet.order import Order, Result
from conformance.fleet.summary import Entry

JOURNAL = "journal.jsonl"
REPORTS = "targets"


class Folder:
    """The folder of one fleet while targets are judged.

    The first line of the journal holds the seed, each other one the entry of a target; the last of
    a name is valid. Only one command at a time uses it, in a ``with`` statement.

    Raises:
        UsageError: it cannot be written, another command writes to it, or it has an earlier fleet
            and ``resume`` is not set.
    """

    def __init__(self, path: Path, *, seed: int, resume: bool) -> None:
        self.path = path
        self.entries: dict[str, Entry] = {}
        self.seed = seed
        journal = path / JOURNAL
        try:
            (path / REPORTS).mkdir(parents=True, exist_ok=True)
            self._journal: IO[str] = journal.open("a", encoding="utf-8")
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            _lock(self._journal, path)
            self._read(journal.read_text("utf-8"))
            if self.entries and not resume:
                raise UsageError(
                    f"the folder {path} has an earlier fleet; continue it with --resume, or name "
                    "another folder"
                )
        except OSError as error:
            self._journal.close()
            raise _unwritable(path, error) from error
        except UnicodeDecodeError as error:
            self._journal.close()
            raise _unreadable(path) from error
        except UsageError:
            self._journal.close()
            raise
        if journal.stat().st_size == 0:
            self._add({"seed": seed})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()

    def fresh(self, orders: tuple[Order, ...], hours: float) -> dict[str, Entry]:
        """Return the entries of the orders that need not be carried out again.

        The same was asked at most so many hours ago, the target could be tested, and its reports
        are there.
        """
        now = datetime.now(UTC)
        found = {}
        for order in orders:
            entry = self.entries.get(order.name)
            if (
                entry is not None
                and entry.digest == order.digest
                and entry.exit_code in (ExitCode.CONFORMANT, ExitCode.NOT_CONFORMANT)
                and (now - datetime.fromisoformat(entry.started)).total_seconds() <= 3600 * hours
                and all((self.path / file).exists() for file in entry.reports.values())
            ):
                found[order.name] = entry
        return found

    def keep(self, result: Result) -> None:
        """Write the reports of a target, and then its line of the journal.

        Raises:
            UsageError: the disk is full, or the like.
        """
        for name, text in result.texts.items():
            output.write(str(self.path / result.entry.reports[name]), text)
        self._add(result.entry.as_dict())

    def _add(self, line: Mapping[str, object]) -> None:
        try:
            self._journal.write(json.dumps(line) + "\n")
            self._journal.flush()
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def _read(self, text: str) -> None:
        # A crash may have cut the last line.
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            os.truncate(self.path / JOURNAL, len(whole.encode()))
        if not whole:
            return
        try:
            head, *lines = map(json.loads, whole.splitlines())
            self.seed = int(head["seed"])
            entries = map(Entry.parse, lines)
            self.entries = {entry.name: entry for entry in entries}
        except (KeyError, TypeError, ValueError) as error:
            raise _unreadable(self.path) from error


def _lock(journal: IO[str], path: Path) -> None:
    """Keep other commands out of the folder until the journal is closed.

    The system gives the lock back even if this process is killed. Where it has no such locks, as
    some network file systems, nothing is kept out.

    Raises:
        UsageError: another command has the lock.
    """
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(
            f"another command is writing to the folder {visible(str(path))}; wait until it ends, "
            "or name another folder"
        ) from None
    except OSError:
        return


def _unreadable(path: Path) -> UsageError:
    return UsageError(f"the journal in {path} cannot be read; name another folder")


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"cannot write to the folder {visible(str(path))}: {error.strerror}; name another one"
    )
