"""Whoever pastes the command of a finding into a shell sees the failure."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

import conformance
from conformance import Finding, Outcome, Target
from conformance.reference import EmbeddedServer
from conformance.reference.faults import FAULTS
from conformance.selftest.server_run import credential

FAMILIES = {"HTTP", "SHAPE", "MODEL", "FILTER", "AUTH", "ROBUST"}
"""STABLE is about what two responses to the same command do not always show."""
NAMES = [
    one.name
    for one in FAULTS
    if one.families <= FAMILIES and not one.by_chance and "now-and-then" not in one.name
][::3]


@pytest.mark.slow
@pytest.mark.catalogue
@pytest.mark.parametrize("name", NAMES)
def test_each_failure_is_seen_by_whoever_pastes_its_command(name: str) -> None:
    (fault,) = (one for one in FAULTS if one.name == name)
    server = fault.make()
    token = server.issue_token()
    with EmbeddedServer(server) as embedded:
        with Target(embedded.url, credential=credential(server, fault)) as target:
            report = conformance.run(target, profile=fault.profile, seed=1, only=[*fault.breaks])
        failed = [one for one in report.verdicts if one.outcome is Outcome.FAILED]
        shown = [is_shown(verdict.findings[0], token) for verdict in failed]
    assert shown
    assert all(shown), [verdict.findings[0] for verdict in failed]


def is_shown(finding: Finding, token: str) -> bool:
    """Whether what a finding says is seen in the output of its commands."""
    status, body = pasted(finding.curl, token)
    if finding.compared is not None:
        other = pasted(finding.compared.curl, token)[1]
        return bool(provider(body, finding.provider) != provider(other, finding.provider))
    if finding.observed.startswith("status "):
        return finding.observed.startswith(f"status {status}")
    if finding.pointer:
        return holds(json.loads(body), finding.pointer)
    return True


def pasted(command: str, token: str) -> tuple[int, str]:
    """Run a command as it is in a report; return the status and the body."""
    done = subprocess.run(
        ["bash", "-c", f"{command} -w '\\n%{{http_code}}'"],
        env={"CONDUCTOR_AUTH_TOKEN": token, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=60,
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def provider(body: str, name: str) -> Any:
    """Return the provider of a name, or ``None`` if the response does not hold it."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return next((one for one in found if isinstance(one, dict) and one.get("name") == name), None)


def holds(value: Any, pointer: str) -> bool:
    """Whether a JSON text has the place of a finding."""
    try:
        for part in pointer.split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            value = value[int(name) if isinstance(value, list) else name]
    except (LookupError, ValueError):
        return False
    return True
