"""Trouble with the server, as whoever runs the command sees it."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response
from support.processes.command import failed, read_report, run

from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.server import Handler


class Busy(ReferenceServer):
    """Is busy for some requests, or from some request on."""

    def __init__(self, first: int, last: int, **headers: str) -> None:
        super().__init__()
        self.numbers = itertools.count(1)
        self.first, self.last, self.headers = first, last, headers

    async def respond(self, request: Request, handler: Handler) -> Response:
        if self.first <= next(self.numbers) <= self.last:
            return Response(status_code=429, headers=self.headers)
        return await super().respond(request, handler)


@pytest.mark.parametrize(
    ("first", "budget", "words"),
    [
        (1, "0", "--retry-budget 0 allows no waiting"),
        (
            *(60, "0.3"),
            "waited 0.3 s in total of the 0.3 s allowed; raise the limit with --retry-budget",
        ),
    ],
)
def test_a_server_that_stays_busy_was_not_tested(
    tmp_path: Path, first: int, budget: str, words: str
) -> None:
    server = Busy(first, 10**9)
    with EmbeddedServer(server) as embedded:
        result = run(
            *("run", embedded.url, "--profile", "quick", "--retry-budget", budget),
            *("--json", "r.json", "--junit", "r.xml"),
            cwd=tmp_path,
            env={"CONDUCTOR_AUTH_TOKEN": server.issue_token()},
        )
    report = read_report(tmp_path / "r.json")
    assert result.code == 3, result.out
    assert "NOT TESTED" in result.words
    assert failed(report) == set()
    for text in (result.words, report["reason"]):
        assert "The server did not recover: GET " in text
        assert "status 429" in text
        assert words in text
    assert "status 429" in (tmp_path / "r.xml").read_text("utf-8")


def test_trouble_that_passed_is_noted(tmp_path: Path) -> None:
    server = Busy(50, 51, **{"retry-after": "1"})
    with EmbeddedServer(server) as embedded:
        result = run(
            *("run", embedded.url, "--profile", "quick", "--json", "r.json"),
            cwd=tmp_path,
            env={"CONDUCTOR_AUTH_TOKEN": server.issue_token()},
        )
    (note,) = read_report(tmp_path / "r.json")["notes"]
    assert result.code == 0, result.out
    assert note.startswith("Transient failures were retried: 2 responses with status 429; ")
    assert note.endswith(" s of waiting in total.")
    assert f"note: {note}" in result.words
