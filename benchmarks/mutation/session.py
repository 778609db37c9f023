"""Results of mutants, kept in a session of cosmic-ray (SQLite), so that a run can be resumed.

``cr-report`` and ``cr-html`` of cosmic-ray read the file, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkItem, WorkResult

from mutation.mutants import Change, Mutant


@dataclass(frozen=True, slots=True)
class Trial:
    """How far a mutant got: the stage, and what killed it there; ``None`` if it survived it."""

    stage: int
    killer: str | None


class Session:
    """The results so far, by mutant and text of its module."""

    def __init__(self, database: WorkDB, root: Path) -> None:
        self._database = database
        self._root = root
        self._texts: dict[str, bytes] = {}
        self._known = {item.job_id for item in database.work_items}
        self._results = dict(database.results)

    def trial(self, mutant: Mutant) -> Trial | None:
        """Return the last trial of a mutant, ``None`` if it was not tried with this module."""
        found = self._results.get(self._job(mutant))
        if found is None or found.output is None:
            return None
        stage, _, killer = found.output.partition(" ")
        return Trial(int(stage), killer or None)

    def keep(self, mutant: Mutant, change: Change, trial: Trial) -> None:
        """Store a trial in place of the mutant's last one."""
        job = self._job(mutant)
        if job not in self._known:
            self._known.add(job)
            spec = MutationSpec(
                module_path=mutant.module,
                operator_name=mutant.operator,
                occurrence=mutant.occurrence,
                start_pos=mutant.place,
                end_pos=mutant.end,
                definition_name=mutant.function,
            )
            self._database.add_work_item(WorkItem.single(job, spec))
        result = WorkResult(
            worker_outcome=WorkerOutcome.NORMAL,
            output=f"{trial.stage} {trial.killer or ''}",
            test_outcome=TestOutcome.KILLED if trial.killer else TestOutcome.SURVIVED,
            diff=f"-{change.was}\n+{change.now}",
        )
        self._results[job] = result
        self._database.set_result(job, result)

    def _job(self, mutant: Mutant) -> str:
        # As it was first: someone may edit the module while its mutants are tried.
        if mutant.module not in self._texts:
            self._texts[mutant.module] = (self._root / mutant.module).read_bytes()
        text = self._texts[mutant.module]
        return hashlib.sha256(mutant.key.encode() + text).hexdigest()[:32]


@contextmanager
def opened(path: Path, root: Path) -> Iterator[Session]:
    """Open the session in a file, or begin one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with use_db(path) as database:
        yield Session(database, root)
