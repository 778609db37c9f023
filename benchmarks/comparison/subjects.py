"""The servers to judge: the reference server, the catalogue, and the corpus of other stacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import cast

import requests
from foreign.serving import KEY_ID, KEY_SECRET, LOOPBACK, running
from foreign.stack import Mistake, Stack

from comparison.recording import Recorded
from conformance.contract import loader as contracts
from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.faults import Fault
from conformance.reference.variations import Variation
from conformance.reference.variations.entries import Key

RIGHT = "right"
FAULT = "fault"
VARIATION = "variation"
MISTAKE = "mistake"
CORRECT = "correct"
STARTS_WITHIN = 60.0
"""Seconds in which a server of the corpus issues a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running server: its URL, what its users have, and the requests it got, by method.

    ``token`` is ``None`` if none is needed. ``access_key`` is a key and a secret, for servers whose
    users have these instead of a token. Requests to servers of the corpus are not counted.
    """

    url: str
    token: str | None
    access_key: tuple[str, str] | None = None
    requests: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A server to judge, and ``served`` to start it in a folder.

    ``kind`` is right, fault, variation, mistake or correct; ``group`` is its row in the table of
    families. Only a ``strict`` one may fail for a SHOULD: legal servers may break some, and so do
    those of the corpus, which follow the documentation of their parts.
    """

    name: str
    kind: str
    group: str
    served: Callable[[Path], AbstractContextManager[Served]]
    strict: bool = True


def right(turn: int) -> Subject:
    """Return the unmodified reference server for the ``turn``-th turn."""
    served = partial(_embedded, ReferenceServer)
    return Subject(name=f"{RIGHT}-{turn}", kind=RIGHT, group=RIGHT, served=served)


@contextmanager
def _embedded(
    make: Callable[[], ReferenceServer],
    _folder: Path,
    published: Callable[[str], AbstractContextManager[str]] = nullcontext,
    key: Key = Key.TOKEN,
) -> Iterator[Served]:
    server = make()
    recorded = Recorded(server)
    with (
        EmbeddedServer(cast(ReferenceServer, recorded)) as embedded,
        published(embedded.url) as url,
    ):
        yield Served(
            url=url,
            token=None if key is Key.NONE else server.issue_token(),
            access_key=(server.key_id, server.key_secret) if key is Key.ACCESS_KEY else None,
            requests=recorded.requests,
        )


def subjects(faults: Iterable[Fault], variations: Iterable[Variation]) -> Iterator[Subject]:
    """Yield the servers of the catalogue; a fault's group is the first family it breaks.

    Those that only a run with fixtures shows are left out, since none of the tools creates any.
    """
    families = list(contracts.load().families)
    for fault in faults:
        if fault.with_fixtures:
            continue
        first = min(fault.families, key=families.index)
        served = partial(_embedded, fault.make)
        yield Subject(name=fault.name, kind=FAULT, group=first, served=served)
    for variation in variations:
        if variation.with_fixtures:
            continue
        yield Subject(
            name=variation.name,
            kind=VARIATION,
            group=variation.name.partition("-")[0],
            served=partial(
                _embedded, variation.make, published=variation.published, key=variation.key
            ),
            strict=False,
        )


def corpus(stacks: Iterable[Stack]) -> Iterator[Subject]:
    """Yield the correct server of each stack, and those of its mistakes that a response shows."""
    for stack in stacks:
        yield _foreign(stack, None)
        yield from (_foreign(stack, mistake) for mistake in stack.mistakes if mistake.blamed)


def _foreign(stack: Stack, mistake: Mistake | None) -> Subject:
    name, kind = (CORRECT, CORRECT) if mistake is None else (mistake.name, MISTAKE)
    return Subject(
        name=f"{stack.name}-{name}",
        kind=kind,
        group=stack.name,
        served=partial(_on_its_stack, stack, mistake),
        strict=False,
    )


@contextmanager
def _on_its_stack(stack: Stack, mistake: Mistake | None, folder: Path) -> Iterator[Served]:
    with running(stack, folder / "server", mistake) as server:
        origin = f"http://{LOOPBACK}:{server.port}"
        keys = {"keyId": KEY_ID, "keySecret": KEY_SECRET}
        issued = requests.post(f"{origin}/api/token", json=keys, timeout=STARTS_WITHIN).json()
        yield Served(url=f"{origin}/api", token=issued["token"])


def sampled(everything: Sequence[Subject], only: str | None, step: int) -> list[Subject]:
    """Return every ``step``-th server whose name matches the pattern ``only``."""
    return [one for one in everything if only is None or fnmatchcase(one.name, only)][::step]
