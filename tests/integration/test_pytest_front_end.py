"""``pytest --pyargs conformance``: the verdicts of the command as items of pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.processes.command import DEADLINE, Result, environment
from support.servers.plain import closed_port

from conformance.contract.loader import load
from conformance.reference import EmbeddedServer, Provider, ProviderQuery, ReferenceServer


def run_pytest(*words: str, cwd: Path, env: dict[str, str] | None = None) -> Result:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--pyargs", "conformance", "-rs"),
            *("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly", *words),
        ],
        cwd=cwd,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def test_one_item_per_requirement_against_the_embedded_server(tmp_path: Path) -> None:
    result = run_pytest("-v", "--conductor-profile", "quick", cwd=tmp_path)
    assert result.code == 0, result.out
    for requirement in load().requirements:
        assert f"::{requirement.id} PASSED" in result.out
    assert "conductor conformance: conformant" in result.out
    assert not list(tmp_path.iterdir())


class ShowsInactiveOnes(ReferenceServer):
    """Takes an absent activeOnly for false."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        return super().select(ProviderQuery(category=query.category, active_only=False))


def test_a_broken_requirement_fails_with_the_report_instead_of_a_traceback(tmp_path: Path) -> None:
    server = ShowsInactiveOnes()
    with EmbeddedServer(server) as embedded:
        token = server.issue_token()
        result = run_pytest(
            *("--conductor-url", embedded.url, "--conductor-profile", "quick"),
            cwd=tmp_path,
            env={"CONDUCTOR_AUTH_TOKEN": token},
        )
    assert result.code == 1
    assert "FILTER-04 (MUST): With activeOnly=true" in result.out
    assert "curl -sS -H" in result.out
    assert "runtest" not in result.out
    assert token not in result.out


def test_missing_evidence_is_a_skip_that_says_what_was_missing(tmp_path: Path) -> None:
    active = [provider for provider in ReferenceServer().providers if provider.enabled]
    server = ReferenceServer(providers=active)
    with EmbeddedServer(server) as embedded:
        result = run_pytest(
            *("--conductor-url", embedded.url, "--conductor-profile", "quick"),
            cwd=tmp_path,
            env={"CONDUCTOR_AUTH_TOKEN": server.issue_token()},
        )
    assert result.code == 0
    assert "inconclusive: the target showed no inactive provider" in result.out


def test_a_target_that_cannot_be_tested_and_bad_input(tmp_path: Path) -> None:
    closed = run_pytest("--conductor-url", f"http://127.0.0.1:{closed_port()}", cwd=tmp_path)
    nonsense = run_pytest("--conductor-url", "nonsense", cwd=tmp_path)
    budget = run_pytest("--conductor-retry-budget", "-1", cwd=tmp_path)
    assert closed.code == 1
    assert "nothing listens there" in closed.out
    assert nonsense.code == 4
    assert "not an http or https URL" in nonsense.out + nonsense.err
    assert budget.code == 4
    assert "the retry budget must be 0 seconds or more" in budget.out + budget.err
    for result in (closed, nonsense, budget):
        assert "Traceback" not in result.out + result.err
