"""The process that tries one server after the other; ``pool`` starts it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from conformance.core.worker_process import serve
from conformance.selftest.trial import Task, Trial

if TYPE_CHECKING:
    from conformance.runner.generated_queries import QueryGenerator


@cache
def _generator() -> QueryGenerator:
    """Return the one for all trials: it ends with this process, which closes its input."""
    from conformance.runner.generated_queries import QueryGenerator

    return QueryGenerator()


def _try(task: Task) -> Trial:
    from conformance.selftest import clients
    from conformance.selftest.catalogue import everything
    from conformance.selftest.server_run import tried
    from conformance.selftest.trial import OWN, assess

    entry = everything()[task.name]
    if isinstance(entry, clients.BrokenClient | clients.OddClient):
        return assess(entry, clients.judged(entry))
    profile = None if task.profile == OWN else task.profile
    return tried(entry, profile=profile, seed=task.seed, generator=_generator())


if __name__ == "__main__":
    serve(_try)
