"""Start one server of the catalogue, judge it over a real socket, and stop it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance.fixtures.whole_run import run_with_fixtures
from conformance.reference.cataloguing import Entry
from conformance.reference.embedded import EmbeddedServer
from conformance.reference.faults.entries import Fault
from conformance.reference.server import ReferenceServer
from conformance.reference.variations.entries import Key, Variation
from conformance.report.report import Report
from conformance.runner.generated_queries import QueryGenerator
from conformance.runner.run import run
from conformance.selftest.trial import FaultTrial, VariationTrial, assess
from conformance.target.credentials import AccessKey
from conformance.target.retries import RESERVE
from conformance.target.target import RETRY_BUDGET, Target

FAULT_BUDGET = RESERVE
"""Retry budget in seconds for faults: what blaming needs, since one that looks like a restart never
passes."""
FIXTURE_PATIENCE = 5.0
"""Seconds that a change is waited for: the slowest valid entry shows it after four."""


def tried(
    entry: Entry,
    *,
    profile: str | None = None,
    seed: int = 1,
    generator: QueryGenerator | None = None,
) -> FaultTrial | VariationTrial:
    """Judge a server, and compare the report with the server's declaration.

    Arguments and errors are those of ``judged``.
    """
    return assess(entry, judged(entry, profile=profile, seed=seed, generator=generator))


def judged(
    entry: Entry,
    *,
    profile: str | None = None,
    seed: int = 1,
    generator: QueryGenerator | None = None,
) -> Report:
    """Start a server, and return the report on it.

    By default, the profile is the entry's own: the smallest one that can detect its peculiarity.

    Raises:
        ServerDidNotStart: the server could not be started.
        ServerDidNotStop: the server was judged, but did not stop.
        UsageError: the profile or the seed is invalid.
        CannotTest: the server refuses to create a provider that the entry needs.
    """
    server = entry.make()
    published: Callable[[str], AbstractContextManager[str]] = nullcontext
    if isinstance(entry, Variation):
        published = entry.published
    with (
        EmbeddedServer(server) as embedded,
        published(embedded.url) as url,
        TemporaryDirectory() as folder,
    ):
        targets = partial(
            Target,
            url,
            credential=credential(server, entry),
            expired_token=server.issue_token(expired=True),
            retry_budget=retry_budget(entry),
        )
        judge: Callable[..., Report] = run
        if entry.with_fixtures:
            receipt = Path(folder) / "receipt.json"
            judge = partial(
                run_with_fixtures, targets=targets, receipt=receipt, patience=FIXTURE_PATIENCE
            )
        with targets() as target:
            return judge(target, profile=profile or entry.profile, seed=seed, generator=generator)


def retry_budget(entry: Entry) -> float:
    """Return the seconds that a run may wait for a server of the catalogue."""
    return FAULT_BUDGET if isinstance(entry, Fault) else RETRY_BUDGET


def credential(server: ReferenceServer, entry: Entry) -> AccessKey | str | None:
    """Return the credential for a server of the catalogue; ``None`` if it requires none."""
    match entry.key if isinstance(entry, Variation) else Key.TOKEN:
        case Key.NONE:
            return None
        case Key.ACCESS_KEY:
            return AccessKey(server.key_id, server.key_secret)
        case Key.TOKEN:
            return server.issue_token()
