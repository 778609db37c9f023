"""Every fault of the catalogue is found, as what it is and as nothing else."""

from __future__ import annotations

import pytest

from conformance.reference.faults import FAULTS, Fault
from conformance.selftest.server_run import tried


@pytest.mark.catalogue
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found(fault: Fault) -> None:
    assert [problem.message for problem in tried(fault).problems] == []
