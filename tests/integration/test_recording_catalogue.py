"""Every wrong and odd server is judged alike from a recording, which holds no setting of it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from support.processes.judging import explained
from support.servers.canaries import Aviary, needles
from support.servers.canary_servers import settings

from conformance import Recorder, Target, judge, run
from conformance.recording.reader import parse
from conformance.reference import EmbeddedServer
from conformance.reference.variations.entries import Variation
from conformance.selftest import catalogue
from conformance.selftest.server_run import credential, retry_budget

NAMES = sorted(catalogue.by_name())
THIN = 10
"""Of the catalogue a part, since each of its servers is judged elsewhere, too."""


@pytest.mark.slow
@pytest.mark.catalogue
@pytest.mark.parametrize("name", NAMES[::THIN])
def test_a_server_is_judged_alike(name: str, tmp_path: Path) -> None:
    entry = catalogue.by_name()[name]
    aviary = Aviary(tmp_path)
    server = entry.make()
    # Half of the providers have secrets in clear text; the others have masks and references.
    secret = settings(aviary)
    server.providers = tuple(
        replace(one, configuration={**one.configuration, **secret}) if number % 2 else one
        for number, one in enumerate(server.providers)
    )
    published = entry.published if isinstance(entry, Variation) else nullcontext
    recorder = Recorder()
    with (
        EmbeddedServer(server) as embedded,
        published(embedded.url) as url,
        Target(
            url, credential=credential(server, entry), retry_budget=retry_budget(entry)
        ) as target,
    ):
        live = run(target, profile=entry.profile, seed=1, recorder=recorder)
        text = "".join(recorder.parts())
    again = judge(parse(text.encode()))
    assert again.verdicts == live.verdicts, f"{explained(live)}\n{explained(again)}"
    assert (again.conclusion, again.reason) == (live.conclusion, live.reason)
    lower = text.lower().encode()
    shown = [
        secret_name
        for secret_name, value in aviary.named.items()
        if any(piece in lower for piece in needles(value))
    ]
    assert shown == []
