"""Servers on real parts, as their documentation teaches: never blamed, and their mistakes found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from foreign.conditions import CONDITIONS, Condition, under
from foreign.corpus import STACKS
from foreign.judging import judge
from foreign.serving import missing, running
from foreign.stack import Mistake, Stack

PROFILES = ("quick", "standard")


def _present(stack: Stack) -> None:
    """Skip a stack whose parts are missing; tox has to have them all."""
    if packages := missing(stack):
        reason = f"missing: apt-get install {' '.join(packages)}"
        pytest.fail(reason) if "TOX_ENV_NAME" in os.environ else pytest.skip(reason)


@pytest.mark.parametrize(
    ("stack", "profile"),
    [
        pytest.param(
            stack,
            profile,
            id=f"{stack.name}-{profile}",
            marks=() if number % 2 == place else pytest.mark.catalogue,
        )
        for number, stack in enumerate(STACKS)
        for place, profile in enumerate(PROFILES)
    ],
)
def test_a_correct_server_is_not_blamed(stack: Stack, profile: str, tmp_path: Path) -> None:
    _present(stack)
    with running(stack, tmp_path / "server") as server:
        judged = judge(server.port, profile, tmp_path)
    assert judged.right(None), judged.said


@pytest.mark.parametrize(
    ("stack", "mistake"),
    [
        pytest.param(
            stack,
            mistake,
            id=f"{stack.name}-{mistake.name}",
            marks=() if number % 2 and mistake is stack.mistakes[0] else pytest.mark.catalogue,
        )
        for number, stack in enumerate(STACKS)
        for mistake in stack.mistakes
    ],
)
def test_a_mistake_is_found(stack: Stack, mistake: Mistake, tmp_path: Path) -> None:
    _present(stack)
    with running(stack, tmp_path / "server", mistake) as server:
        judged = judge(server.port, "quick", tmp_path)
    assert judged.right(mistake), (sorted(judged.failed), judged.said)


@pytest.mark.catalogue
@pytest.mark.parametrize(
    ("stack", "condition"),
    [
        pytest.param(stack, condition, id=f"{stack.name}-{condition.name}")
        for stack in STACKS
        for condition in CONDITIONS[1:]
        if condition.suits(stack)
    ],
)
def test_conditions_are_not_blamed(stack: Stack, condition: Condition, tmp_path: Path) -> None:
    _present(stack)
    with running(stack, tmp_path / "server") as server, under(condition, server) as port:
        judged = judge(port, "quick", tmp_path)
    assert judged.right(None), judged.said
