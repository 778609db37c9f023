"""The limits of a run and its rehearsal, as whoever runs the command sees them."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response
from support.processes.command import DEADLINE, Result, environment, read_report, run
from support.servers.plain import answering

from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.server import Handler
from conformance.runner.dry_run import LONGEST_LINE

JSON = {"Content-Type": "application/json"}
TOKEN = "token-of-the-tests-of-limits"


def empty_cluster(
    _method: str, _path: str, headers: dict[str, str]
) -> tuple[int, dict[str, str], bytes]:
    return (200, JSON, b"[]") if headers.get("x-authorization") == TOKEN else (401, JSON, b"{}")


@pytest.mark.slow
@pytest.mark.catalogue
@pytest.mark.parametrize("profile", ["standard", "thorough"])
def test_a_rehearsal_shows_exactly_what_a_run_sends(tmp_path: Path, profile: str) -> None:
    words = ("--profile", profile, "--seed", "5")
    with answering(empty_cluster) as (url, journal):
        env = {"CONDUCTOR_AUTH_TOKEN": TOKEN}
        rehearsed = run("run", url, *words, "--dry-run", cwd=tmp_path, env=env)
        assert rehearsed.code == 0, rehearsed.err
        assert not journal.requests
        result = run("run", url, *words, "--json", "r.json", cwd=tmp_path, env=env)
    assert result.code == 0, result.out
    shown = re.findall(r"^  (GET|HEAD) +(\S+)", rehearsed.out, re.M)
    sent = [(method, place) for method, place, _ in journal.requests]
    assert sorted(shown) == sorted(
        (method, place if len(place) <= LONGEST_LINE else f"{place[: LONGEST_LINE - 1]}…")
        for method, place in sent
    )
    assert f"{len(sent):,} requests with profile {profile} and seed 5." in rehearsed.words
    report = read_report(tmp_path / "r.json")
    assert report["requests"] == len(sent)
    # The run in the report is the one that was announced.
    (agent,) = {headers["user-agent"] for _, _, headers in journal.requests}
    version = report["tool"]["version"]
    assert agent == f"conductor-conformance/{version} (run {report['runId']})"
    assert TOKEN not in rehearsed.out


def test_a_rehearsal_names_refused_credentials_and_the_token_request(tmp_path: Path) -> None:
    env = {"CONDUCTOR_AUTH_KEY": "a-key-of-the-tests", "CONDUCTOR_AUTH_SECRET": "a-secret-of-them"}
    known = ("--max-requests", "3000", "--only", "AUTH")
    words = ("run", "https://host.invalid", "--dry-run", "--json", "r.json", *known)
    result = run(*words, cwd=tmp_path, env=env)
    assert result.code == 0, result.err
    assert "note: --dry-run judges nothing, so no report was written\n" in result.err
    assert "A run against https://host.invalid/api would send:" in result.out
    assert "  POST /api/token\n" in result.out
    assert "[with no X-Authorization header]" in result.out
    assert "[with the token" in result.out
    assert "At most 3,000 requests in total" in result.out
    assert "unusual queries" not in result.out
    assert not list(tmp_path.iterdir())


class Watching(ReferenceServer):
    """Notes when requests come and how many are answered at once."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self.times: list[float] = []
        self.most = 0
        self._under_way = 0

    async def respond(self, request: Request, handler: Handler) -> Response:
        self.times.append(time.monotonic())
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        await asyncio.sleep(self._seconds)
        self._under_way -= 1
        return await super().respond(request, handler)


def watched(folder: Path, *words: str, seconds: float = 0.0) -> tuple[Watching, Result]:
    """Judge a server that needs so many seconds for each response."""
    server = Watching(seconds)
    with EmbeddedServer(server) as embedded:
        token = {"CONDUCTOR_AUTH_TOKEN": server.issue_token()}
        return server, run("run", embedded.url, *words, cwd=folder, env=token)


@pytest.mark.slow
def test_the_rate_limit_holds_for_all_threads(tmp_path: Path) -> None:
    server, result = watched(tmp_path, "--profile", "quick", "--rate-limit", "150/s")
    assert result.code == 0, result.out
    times = server.times
    assert times[-1] - times[0] >= (len(times) - 1) / 150 * 0.98
    # Nor are they saved up and sent in a burst: any second holds at most its share, and the
    # few that were on their way when it began.
    for number, begin in enumerate(times):
        assert sum(begin <= later < begin + 1 for later in times[number:]) <= 165


@pytest.mark.slow
def test_no_more_requests_are_under_way_than_allowed(tmp_path: Path) -> None:
    words = ("--profile", "quick", "--parallel", "3")
    server, result = watched(tmp_path, *words, seconds=0.01)
    assert result.code == 0, result.out
    assert server.most == 3


def test_a_run_sends_no_more_requests_than_allowed(tmp_path: Path) -> None:
    server, result = watched(tmp_path, "--max-requests", "70", "--json", "r.json")
    report = read_report(tmp_path / "r.json")
    assert result.code == 3, result.out
    assert len(server.times) == report["requests"] == report["mostRequests"] == 70
    assert "The run reached its limit of 70 requests" in result.words
    assert report["summary"]["failed"] == 0


ENDLESS = """
from conformance.checks import judging
from conformance.recording.recorder import Recorder
from conformance.cli.main import main
from conformance.runner.gathering import Gatherer

def endless(*_, **__):
    while True:
        pass

{place} = endless
main()
"""


def endlessly(place: str, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command with something in it that never ends."""
    with answering(empty_cluster) as (url, _):
        return subprocess.run(
            [
                *(sys.executable, "-c", ENDLESS.format(place=place)),
                *("run", url, "--profile", "quick", *words),
            ],
            cwd=cwd,
            env=environment({"CONDUCTOR_AUTH_TOKEN": TOKEN}),
            capture_output=True,
            encoding="utf-8",
            timeout=DEADLINE,
            check=False,
        )


@pytest.mark.slow
@pytest.mark.parametrize("place", ["judging.judge", "Gatherer.gather"])
def test_a_run_ends_in_time_whatever_takes_so_long(tmp_path: Path, place: str) -> None:
    done = endlessly(place, tmp_path, "--run-timeout", "1", "--json", "r.json")
    assert done.returncode == 3, done.stderr
    assert "The run took longer than 1 second; raise the limit" in " ".join(done.stdout.split())
    report = read_report(tmp_path / "r.json")
    assert report["summary"]["failed"] == 0
    assert {one["outcome"] for one in report["requirements"]} == {"error"}


@pytest.mark.slow
def test_a_recording_that_takes_too_long_is_not_written(tmp_path: Path) -> None:
    done = endlessly("Recorder.parts", tmp_path, "--run-timeout", "5", "--record", "r.har")
    assert done.returncode == 2, done.stderr
    # The verdict is shown all the same.
    assert "requirements checked" in " ".join(done.stdout.split())
    assert (
        "there was no time to write the recording r.har" in done.stderr.replace("\n", " ").lower()
    )
    assert not list(tmp_path.iterdir())


def test_a_run_ends_when_its_time_is_over(tmp_path: Path) -> None:
    def slowly(
        method: str, path: str, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        time.sleep(0.2)
        return empty_cluster(method, path, headers)

    with answering(slowly) as (url, journal):
        result = run(
            *("run", url, "--run-timeout", "2", "--json", "r.json"),
            cwd=tmp_path,
            env={"CONDUCTOR_AUTH_TOKEN": TOKEN},
        )
    report = read_report(tmp_path / "r.json")
    assert result.code == 3, result.out
    assert "The run took longer than 2 seconds; raise the limit with --run-timeout." in result.words
    assert 0 < report["requests"] <= len(journal.requests) + 4
    assert report["durationSeconds"] < 60
