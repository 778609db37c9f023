"""What fuzzing starts from, and what it has found: none of it breaks anything any more."""

from __future__ import annotations

import pytest
from fuzzing import found
from fuzzing.targets import TARGETS

KEPT = [
    pytest.param(name, data, id=found.name_of(name, data))
    for name in TARGETS
    for data in found.inputs(name)
]


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_what_fuzzing_starts_from(name: str) -> None:
    """A fifth of it here; fuzzing itself begins with all of it."""
    inputs = list(TARGETS[name].seeds())[::5]
    assert inputs
    for data in inputs:
        TARGETS[name].run(data)


@pytest.mark.parametrize(("name", "data"), KEPT)
def test_what_was_found_once(name: str, data: bytes) -> None:
    TARGETS[name].run(data)


def test_everything_kept_belongs_to_a_target() -> None:
    names = {path.name for path in found.FOLDER.iterdir() if not path.name.startswith(".")}
    assert names == {found.name_of(name, data) for name in TARGETS for data in found.inputs(name)}
