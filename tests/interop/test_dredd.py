"""Dredd reads the contract, and demands of a right server what no server can do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from node_tools import installed, program
from support.processes.outside import run
from support.repository import ROOT
from support.servers.clients import Reference

from conformance.contract.loader import load

RESPONSES = load().document["paths"][load().path]["get"]["responses"]
SENT = [*(status for status in RESPONSES if status != "default"), "200"]
"""The statuses that it expects; for the response `default` that is 200."""


def test_it_sends_one_request_and_expects_every_status(
    documented: Callable[[str], list[str]], reference: Reference, tmp_path: Path
) -> None:
    command = program(installed(ROOT / "benchmarks" / "tools" / "dredd"), "dredd")
    _npx, _dredd, *rest = documented("npx dredd")
    known = {"http://127.0.0.1:8080": reference.url}
    words = [
        known.get(word, word).replace("$CONDUCTOR_AUTH_TOKEN", reference.token) for word in rest
    ]
    done = run([*command, *words], cwd=tmp_path)
    told = re.sub(r"\x1b\[\d+m", "", done.out + done.err)
    assert "error:" not in told
    assert "0 errors, 0 skipped, 7 total" in told
    tried = re.findall(
        r"^(?:pass|fail): GET \((\d+)\) (\S+) ", told.partition("Displaying")[0], re.M
    )
    assert tried == [(status, load().path) for status in SENT]
    # All of them are the same request, and the response to it is always the list.
    assert set(re.findall(r"^uri: (.*)$", told, re.M)) == {load().path}
    expected = re.findall(r"Expected status code '(\d+)', but got '200'", told)
    assert expected == [status for status in SENT if status != "200"]
    assert "Missing required property: projectName" in told
