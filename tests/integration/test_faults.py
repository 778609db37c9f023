"""Every fault of the catalogue is found, as what it is and as nothing else."""

from __future__ import annotations

import pytest
from support.judging import explained, failed, judged

from conformance import Conclusion, load_contract
from conformance.reference.faults import FAULTS, Fault

MUSTS = {item.id for item in load_contract().requirements if item.level == "MUST"}


@pytest.mark.catalogue
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found(fault: Fault) -> None:
    report = judged(fault.make(), profile=fault.profile)
    found = failed(report)
    told = f"{fault.description}\n{explained(report)}"

    assert fault.breaks <= found, told
    assert {name for name in found if not fault.permits(name)} == set(), told
    broken = bool(fault.breaks & MUSTS)
    expected = Conclusion.NON_CONFORMANT if broken else Conclusion.CONFORMANT
    assert report.conclusion is expected, told
