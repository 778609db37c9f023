"""No odd server is blamed for anything, and what its data can decide is decided."""

from __future__ import annotations

import pytest
from support.judging import explained, failed
from support.odd_servers import ODD_SERVERS, OddServer

from conformance import Conclusion, Outcome, Target, run
from conformance.reference import EmbeddedServer


@pytest.mark.catalogue
@pytest.mark.parametrize("odd", ODD_SERVERS, ids=lambda odd: odd.name)
def test_odd_server_is_not_blamed(odd: OddServer) -> None:
    server = odd.make()
    with (
        EmbeddedServer(server) as embedded,
        odd.front(odd.address(embedded.url)) as url,
        Target(url, credential=odd.credential(server)) as target,
    ):
        report = run(target, profile=odd.profile, seed=1)
    told = f"{odd.oddity}\n{explained(report)}"
    undecided = {
        verdict.requirement.id
        for verdict in report.verdicts
        if verdict.outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR)
    }

    assert failed(report, binding=True) == set(), told
    assert report.conclusion is Conclusion.CONFORMANT, told
    assert {name for name in undecided if not odd.may_leave_open(name)} == set(), told
