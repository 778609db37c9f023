"""Every wrong server is found out, for what is wrong with it and for nothing else."""

from __future__ import annotations

import pytest
from support.judging import explained, failed, judged
from support.wrong_servers import WRONG_SERVERS, WrongServer

from conformance import Conclusion, load_contract

MUSTS = {item.id for item in load_contract().requirements if item.level == "MUST"}


@pytest.mark.catalogue
@pytest.mark.parametrize("wrong", WRONG_SERVERS, ids=lambda wrong: wrong.name)
def test_wrong_server_is_found_out(wrong: WrongServer) -> None:
    report = judged(wrong.make(), profile=wrong.profile)
    found = failed(report)
    told = f"{wrong.fault}\n{explained(report)}"

    assert wrong.breaks <= found, told
    assert {name for name in found if not wrong.permits(name)} == set(), told
    broken = bool(wrong.breaks & MUSTS)
    expected = Conclusion.NON_CONFORMANT if broken else Conclusion.CONFORMANT
    assert report.conclusion is expected, told
