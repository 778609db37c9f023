"""Clusters that change while they are read: no failure that only the change explains."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest
from starlette.requests import Request
from starlette.responses import Response

import conformance
from conformance import Conclusion, Outcome, Report, Target
from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.server import Handler


class Living(ReferenceServer):
    """Keeps the contract while its providers appear, vanish and flip between requests."""

    def __init__(self, *, seed: int, chance: float) -> None:
        super().__init__()
        self.all_exchanges = self.providers
        self.random = random.Random(seed)  # noqa: S311 - reproducible change, not a secret
        self.chance = chance
        self.numbers = itertools.count()

    async def respond(self, request: Request, handler: Handler) -> Response:
        if self.random.random() < self.chance:
            self.change()
        return await super().respond(request, handler)

    def change(self) -> None:
        number = self.random.randrange(len(self.all_exchanges))
        chosen = self.all_exchanges[number]
        others = tuple(item for item in self.providers if item.name != chosen.name)
        if self.random.random() < 0.3:
            self.providers = others
        else:
            flipped = replace(chosen, enabled=self.random.random() < 0.5)
            self.providers = (*others, flipped)


def judge(server: ReferenceServer) -> Report:
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=server.issue_token()) as target,
    ):
        return conformance.run(target, profile="quick", seed=1)


@pytest.mark.catalogue
@pytest.mark.parametrize("chance", [0.01, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_conformant_cluster_passes_at_any_rate_of_change(seed: int, chance: float) -> None:
    report = judge(Living(seed=seed, chance=chance))
    broken = [verdict for verdict in report.verdicts if verdict.outcome is Outcome.FAILED]
    assert not broken, [finding.message for verdict in broken for finding in verdict.findings]
    assert report.conclusion is Conclusion.CONFORMANT


class Restless(Living):
    """Has another new provider at each request, so that no two lists are equal."""

    def change(self) -> None:
        new = replace(self.all_exchanges[0], name=f"new {next(self.numbers)}")
        self.providers = (*self.all_exchanges, new)


@pytest.mark.slow
def test_where_comparison_stays_impossible_the_report_says_so() -> None:
    reasons = {v.requirement.id: v.reason for v in judge(Restless(seed=3, chance=1.0)).verdicts}
    assert "kept changing" in reasons["FILTER-02"]
    assert "kept changing" in reasons["FILTER-05"]
