"""Two runs against different clusters with the same defect have the same fingerprints."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.checks.verdict import Outcome
from conformance.reference import EmbeddedServer
from conformance.runner.run import run
from conformance.selftest.catalogue import fault
from conformance.target.target import Target


def _fingerprints(name: str, seed: int, *, renamed: bool) -> dict[str, set[str]]:
    server = fault(name).make()
    if renamed:
        # In another order, too; so every index in every answer is another one.
        server.providers = tuple(
            replace(provider, name=f"other-{number}")
            for number, provider in enumerate(reversed(server.providers))
        )
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=server.issue_token()) as target,
    ):
        report = run(target, profile=fault(name).profile, seed=seed)
    return {
        verdict.requirement.id: {kind.fingerprint for kind in verdict.kinds}
        for verdict in report.verdicts
        if verdict.outcome is Outcome.FAILED
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["filter-category-ignored", "model-apis-always"])
def test_the_same_defect_has_the_same_fingerprints(name: str) -> None:
    here = _fingerprints(name, 1, renamed=False)
    there = _fingerprints(name, 2, renamed=True)
    assert here
    assert here == there


@pytest.mark.slow
def test_different_defects_of_a_requirement_have_different_ones() -> None:
    one = _fingerprints("shape-category-null", 1, renamed=False)
    other = _fingerprints("shape-enabled-string", 1, renamed=False)
    (requirement,) = one.keys() & other.keys()
    assert one[requirement].isdisjoint(other[requirement])
