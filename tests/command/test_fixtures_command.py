"""Fixtures from the command line: what is written, when it ends, and what is left then."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response
from support.processes.command import DEADLINE, Running, read_report, run, running
from support.servers.plain import closed_port
from support.servers.writable import WritableServer, documented_cluster

from conformance.reference import EmbeddedServer
from conformance.reference.server import Handler

FOREIGN = {provider.name for provider in documented_cluster()}
FEW = ("--only", "FILTER-04,SHAPE-08,LIFECYCLE", "--profile", "quick", "--seed", "1")
WRITES = 8
"""Requests that write in such a run: two creations, a tag, two changes, and the removals."""


@contextmanager
def served(server: WritableServer) -> Iterator[dict[str, str]]:
    """Yield the environment in which the command finds a server."""
    with EmbeddedServer(server) as embedded:
        yield {
            "CONDUCTOR_SERVER_URL": embedded.url,
            "CONDUCTOR_AUTH_KEY": server.key_id,
            "CONDUCTOR_AUTH_SECRET": server.key_secret,
        }


@pytest.mark.slow
def test_no_command_writes_without_the_flag(tmp_path: Path) -> None:
    server = WritableServer(documented_cluster())
    with served(server) as environment:
        command = partial(run, cwd=tmp_path, env=environment)
        assert command("run", "--seed", "1", "--record", "r.har").code == 0
        assert command("judge", "r.har").code == 0
        assert command("run", "--dry-run", "--profile", "quick").code == 0
        assert command("fixtures", "plan").code == 0
        assert command("fixtures", "list").code == 0
        assert command("fixtures", "remove", "--stale", "24h").code == 0
    assert server.writes == []
    assert {method for method, _ in server.methods} == {"GET", "HEAD", "POST"}
    assert {path for method, path in server.methods if method == "POST"} == {"/api/token"}
    assert server.names() == FOREIGN


def test_the_plan_of_the_documentation(tmp_path: Path) -> None:
    with served(WritableServer(documented_cluster())) as environment:
        shown = run("fixtures", "plan", cwd=tmp_path, env=environment).out
    lines = shown.splitlines()
    assert lines[0] == "6 requirements undecided:"
    assert lines[8] == "1 provider would decide 6 of them:"
    assert [line.split()[0] for line in lines if "/api/" in line] == ["POST", "PUT"]


def test_step_by_step(tmp_path: Path) -> None:
    server = WritableServer(documented_cluster())
    with served(server) as environment:
        command = partial(run, cwd=tmp_path, env=environment)
        assert "--receipt" in command("fixtures", "create").complaint()
        assert command("fixtures", "create", "--receipt", "r.json").code == 0
        (made,) = server.names() - FOREIGN
        again = command("fixtures", "create", "--receipt", "r.json")
        assert "may list other providers" in again.complaint()
        assert command("fixtures", "list").out.startswith(f"{made}  made on ")
        assert command("run", "--only", "FILTER-04", "--profile", "quick").code == 0
        assert command("fixtures", "remove", "--stale", "1h").code == 0
        assert made in server.names()
        nameless = {**environment, "CONDUCTOR_SERVER_URL": ""}
        assert (
            run("fixtures", "remove", "--receipt", "r.json", cwd=tmp_path, env=nameless).code == 0
        )
        assert server.names() == FOREIGN
        assert "There is no receipt" in (
            command("fixtures", "remove", "--receipt", "r.json").complaint()
        )


@pytest.mark.slow
def test_the_receipt_of_another_server_removes_nothing(tmp_path: Path) -> None:
    first, second = WritableServer(documented_cluster()), WritableServer()
    with served(first) as there, served(second) as elsewhere:
        assert run("fixtures", "create", "--receipt", "r.json", cwd=tmp_path, env=there).code == 0
        refused = run("fixtures", "remove", "--receipt", "r.json", cwd=tmp_path, env=elsewhere)
    assert refused.code == 2
    assert "r.json is of http://127.0.0.1" in refused.complaint()
    assert second.writes == []


def test_another_machine_has_to_be_confirmed(tmp_path: Path) -> None:
    for words in (("run", "--with-fixtures"), ("fixtures", "create", "--receipt", "r.json")):
        refused = run(*words, "https://conductor.example.com", cwd=tmp_path)
        assert refused.code == 2
        text = " ".join((refused.out + refused.err).split())
        assert "confirm it with --confirm conductor.example.com" in text


def test_a_credential_that_may_not_write_is_reported(tmp_path: Path) -> None:
    server = WritableServer(documented_cluster(), before=lambda *_: 403)
    with served(server) as environment:
        words = ("run", "--with-fixtures", "--receipt", "r.json", *FEW, "--json", "report.json")
        done = run(*words, cwd=tmp_path, env=environment)
    assert done.code == 3
    report = read_report(tmp_path / "report.json")
    assert "may not create providers" in report["reason"]
    assert report["fixtures"]["created"] == []
    assert server.names() == FOREIGN
    assert not (tmp_path / "r.json").exists()


class _Signalled(WritableServer):
    """Sends a signal to the process that makes one of the requests that write."""

    def __init__(self, place: int, number: signal.Signals, *, handled: bool) -> None:
        hook = {"after" if handled else "before": self._signal}
        super().__init__(documented_cluster(), **hook)
        self._place, self._number = place, number
        self.process: Running | None = None

    def _signal(self, _method: str, _name: str) -> None:
        self._place -= 1
        if self._place == -1 and self.process is not None:
            os.kill(self.process.pid, self._number)


def signalled(server: _Signalled, folder: Path) -> int:
    """Judge a server with fixtures in a process that it sends a signal to; return its exit code."""
    with served(server) as environment:
        words = ("run", "--with-fixtures", "--receipt", "r.json", "--json", "o.json", *FEW)
        server.process = process = running(*words, cwd=folder, env=environment)
        _, err = process.communicate(timeout=DEADLINE)
        assert "Traceback" not in err
        if process.returncode == -signal.SIGKILL:
            done = run("fixtures", "remove", "--receipt", "r.json", cwd=folder, env=environment)
            assert done.code == 0
    return process.returncode


@pytest.mark.slow
@pytest.mark.catalogue
@pytest.mark.parametrize("handled", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("place", range(WRITES))
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_any_write_leaves_nothing(
    tmp_path: Path, number: signal.Signals, place: int, *, handled: bool
) -> None:
    server = _Signalled(place, number, handled=handled)
    code = signalled(server, tmp_path)
    assert code == (-number if number is signal.SIGKILL else 130)
    assert server.names() == FOREIGN
    assert not any(write.name in FOREIGN for write in server.writes)
    assert not (tmp_path / "r.json").exists()


@pytest.mark.slow
def test_an_interrupted_run_reports_what_it_created_and_removed(tmp_path: Path) -> None:
    # The changes follow the last request of the run itself.
    server = _Signalled(3, signal.SIGTERM, handled=True)
    assert signalled(server, tmp_path) == 130
    fixtures = read_report(tmp_path / "o.json")["fixtures"]
    assert (len(fixtures["created"]), fixtures["left"]) == (2, [])


class _Slowing(WritableServer):
    """Takes long for every response once something was written."""

    async def respond(self, request: Request, handler: Handler) -> Response:
        await asyncio.sleep(0.5 if self.writes else 0)
        return await super().respond(request, handler)


@pytest.mark.slow
def test_a_run_that_takes_too_long_removes_what_it_created(tmp_path: Path) -> None:
    server = _Slowing(documented_cluster())
    with served(server) as environment:
        words = ("run", "--with-fixtures", "--receipt", "r.json", "--run-timeout", "5", "--json")
        done = run(*words, "o.json", "--seed", "1", cwd=tmp_path, env=environment)
    assert done.code == 3
    report = read_report(tmp_path / "o.json")
    assert "took longer than 5 seconds" in report["reason"]
    assert (len(report["fixtures"]["created"]), report["fixtures"]["left"]) == (2, [])
    assert server.names() == FOREIGN


def test_a_server_that_cannot_be_tested_gets_a_report_and_no_provider(tmp_path: Path) -> None:
    words = ("run", "--with-fixtures", "--receipt", "r.json", "--json", "o.json")
    done = run(*words, f"http://127.0.0.1:{closed_port()}", cwd=tmp_path)
    assert done.code == 3
    assert read_report(tmp_path / "o.json")["fixtures"]["created"] == []
    assert not (tmp_path / "r.json").exists()
