"""Schemathesis's own command loads the contract, and runs it against a right and a wrong server."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from support.processes.command import Result
from support.processes.outside import run
from support.servers.clients import Reference, served

from conformance.selftest.catalogue import fault, variation


@pytest.fixture(scope="module")
def schemathesis(
    documented: Callable[[str], list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Reference], Result]:
    """Run the documented command, for a limited time and the same each time."""
    folder = tmp_path_factory.mktemp("schemathesis")
    limits = ("--max-examples", "20", "--seed", "1", "--generation-database", "none")

    def command(server: Reference) -> Result:
        known = {"http://127.0.0.1:8080": server.url}
        words = [
            known.get(word, word).replace("$CONDUCTOR_AUTH_TOKEN", server.token)
            for word in documented("schemathesis run")
        ]
        return run([*words, *limits], cwd=folder)

    return command


def test_the_right_server_passes(
    schemathesis: Callable[[Reference], Result], reference: Reference
) -> None:
    done = schemathesis(reference)
    assert done.code == 0, done.out + done.err
    assert "1 selected / 1 total" in done.out
    assert "No issues found" in done.out
    for phase in ("Examples", "Coverage", "Fuzzing"):
        assert f"✅ {phase}" in done.out
    generated = re.search(r"(\d+) generated, \1 passed", done.out)
    assert generated is not None, done.out
    assert int(generated[1]) > 18


def test_a_server_that_refuses_unlisted_categories_passes(
    schemathesis: Callable[[Reference], Result],
) -> None:
    with served(variation("choice-unsupported-400").make()) as strict:
        done = schemathesis(strict)
    assert done.code == 0, done.out + done.err


def test_a_server_that_reads_booleans_leniently_does_not(
    schemathesis: Callable[[Reference], Result],
) -> None:
    with served(variation("choice-lenient-boolean").make()) as lenient:
        done = schemathesis(lenient)
    assert done.code == 1
    assert re.findall(r"^- (.*)$", done.out, re.M) == ["ST201 Schema-violating request accepted"]


def test_a_wrong_server_does_not(schemathesis: Callable[[Reference], Result]) -> None:
    with served(fault("shape-members-with-underscores").make()) as wrong:
        done = schemathesis(wrong)
    assert done.code == 1
    assert "Response violates schema" in done.out
    assert '"modelsCount" is a required property' in done.out
