"""Trying one server of the catalogue: it is started, judged over a real socket, and stopped."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from conformance.reference.cataloguing import Entry
from conformance.reference.embedded import EmbeddedServer
from conformance.reference.server import ReferenceServer
from conformance.reference.variations.entries import Key, Variation
from conformance.report.report import Report
from conformance.runner.run import run
from conformance.selftest.trial import FaultTrial, VariationTrial, assess
from conformance.target.credentials import AccessKey
from conformance.target.target import Target


def tried(
    entry: Entry, *, profile: str | None = None, seed: int = 1
) -> FaultTrial | VariationTrial:
    """Have a server judged and compare the report with what is declared of it.

    The arguments and errors are those of ``judged``.
    """
    return assess(entry, judged(entry, profile=profile, seed=seed))


def judged(entry: Entry, *, profile: str | None = None, seed: int = 1) -> Report:
    """Return the report on a server that is started for it.

    Without ``profile`` it is the entry's own, the least that can see what is special about it.

    Raises:
        ServerDidNotStart: the server could not be started.
        ServerDidNotStop: the server was judged, and would not end.
        UsageError: the profile or the seed makes no sense.
    """
    server = entry.make()
    published: Callable[[str], AbstractContextManager[str]] = nullcontext
    if isinstance(entry, Variation):
        published = entry.published
    with (
        EmbeddedServer(server) as embedded,
        published(embedded.url) as url,
        Target(url, credential=credential(server, entry)) as target,
    ):
        return run(target, profile=profile or entry.profile, seed=seed)


def credential(server: ReferenceServer, entry: Entry) -> AccessKey | str | None:
    """Return the credential that a server of the catalogue is asked with."""
    match entry.key if isinstance(entry, Variation) else Key.TOKEN:
        case Key.NONE:
            return None
        case Key.ACCESS_KEY:
            return AccessKey(server.key_id, server.key_secret)
        case Key.TOKEN:
            return server.issue_token()
