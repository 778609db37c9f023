"""No legal variation is blamed for anything, and what its data can decide is decided."""

from __future__ import annotations

import pytest
from support.judging import credential_for, explained, failed

from conformance import Conclusion, Outcome, Target, run
from conformance.reference import EmbeddedServer
from conformance.reference.variations import VARIATIONS, Variation


@pytest.mark.catalogue
@pytest.mark.parametrize("variation", VARIATIONS, ids=lambda variation: variation.name)
def test_a_variation_is_not_blamed(variation: Variation) -> None:
    server = variation.make()
    with (
        EmbeddedServer(server) as embedded,
        variation.front(variation.address(embedded.url)) as url,
        Target(url, credential=credential_for(server, variation.key)) as target,
    ):
        report = run(target, profile=variation.profile, seed=1)
    told = f"{variation.description}\n{explained(report)}"
    undecided = {
        verdict.requirement.id
        for verdict in report.verdicts
        if verdict.outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR)
    }

    assert failed(report, binding=True) == set(), told
    assert report.conclusion is Conclusion.CONFORMANT, told
    assert {name for name in undecided if not variation.may_leave_open(name)} == set(), told
