"""The harness: mistakes fit their files, verdicts are told apart, and trouble really happens."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from foreign.corpus import STACKS
from foreign.judging import Judgement
from foreign.network import BETWEEN, BLIP, Trouble, link
from foreign.rates import Trial, rates
from foreign.serving import LOOPBACK
from foreign.stack import SERVERS, Mistake

TWICE = Mistake(name="twice", file="a", old="b", new="c", blamed=frozenset({"FILTER-03"}))


def test_a_mistake_is_one_edit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("abc")
    TWICE.apply(tmp_path)
    assert path.read_text() == "acc"
    for other in ("acc", "bb"):
        path.write_text(other)
        with pytest.raises(ValueError, match="contains 'b'"):
            TWICE.apply(tmp_path)
        assert path.read_text() == other


def test_every_mistake_fits_its_file() -> None:
    for stack in STACKS:
        for mistake in stack.mistakes:
            at = stack if mistake.origin is None else stack.origins[mistake.origin]
            text = (SERVERS / at.folder / mistake.file).read_text("utf-8")
            assert text.count(mistake.old) == 1, (stack.name, mistake.name)
            assert mistake.blamed or mistake.undecided, (stack.name, mistake.name)


def _judgement(code: int, *failed: str, undecided: str = "") -> Judgement:
    return Judgement(code, frozenset(failed), frozenset(undecided.split()), 0.0, "")


def test_a_correct_server_may_be_undecided_but_not_blamed_or_left_unjudged() -> None:
    assert _judgement(0, undecided="STABLE-01").right(None)
    assert not _judgement(1, "STABLE-01").right(None)
    assert not _judgement(3).right(None)


def test_a_mistake_is_found_by_its_requirement_and_no_strange_one() -> None:
    assert _judgement(1, "FILTER-03", "FILTER-01").right(TWICE)
    assert not _judgement(1, "FILTER-01").right(TWICE)
    assert not _judgement(1, "FILTER-03", "AUTH-01").right(TWICE)
    assert not _judgement(0).right(TWICE)
    hidden = Mistake(name="hidden", file="a", old="b", new="c", undecided=frozenset({"FILTER-07"}))
    assert _judgement(0, undecided="FILTER-07 FILTER-08").right(hidden)
    assert not _judgement(0).right(hidden)
    assert not _judgement(1, "FILTER-07").right(hidden)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer((LOOPBACK, 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def _get(port: int) -> str:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    begun = time.monotonic()
    try:
        connection.request("GET", "/")
        status = str(connection.getresponse().status)
    except ConnectionRefusedError:
        return "refused"
    except (OSError, http.client.HTTPException):
        return "lost"
    finally:
        connection.close()
    return "hangs" if time.monotonic() - begun > BLIP / 2 else status


def test_every_trouble_happens_and_passes(port: int) -> None:
    with link(port, blips=tuple(Trouble)) as network:
        assert not network.used.is_set()
        seen = []
        until = time.monotonic() + len(Trouble) * (BETWEEN + BLIP) + BLIP
        while time.monotonic() < until:
            seen.append(_get(network.port))
            time.sleep(0.02)
        assert network.used.is_set()
    # A connection may be lost in the moment in which the server stops listening.
    assert {"204", *Trouble} <= {*seen} <= {"204", "lost", *Trouble}
    assert (seen[0], seen[-1]) == ("204", "204")


def test_latency_delays_each_request(port: int) -> None:
    with link(port, latency=0.2) as network:
        begun = time.monotonic()
        assert [_get(network.port) for _ in range(2)] == ["204", "204"]
        assert time.monotonic() - begun >= 0.4


def _trial(mistake: Mistake | None, judgement: Judgement) -> Trial:
    return Trial(
        stack="go", mistake=mistake, profile="quick", condition="0 ms", judgement=judgement
    )


def test_rates_tell_apart_how_a_verdict_is_wrong() -> None:
    trials = (
        _trial(None, _judgement(0, undecided="STABLE-01")),
        _trial(None, _judgement(1, "STABLE-01")),
        _trial(None, _judgement(3)),
        _trial(TWICE, _judgement(1, "FILTER-03")),
        _trial(TWICE, _judgement(0)),
        _trial(TWICE, _judgement(1, "AUTH-01")),
        _trial(TWICE, _judgement(3)),
    )
    *_, row, total = rates(trials).splitlines()
    assert row == "| quick | 0 ms | 3 | 1 | 1 | 0.3 | 4 | 1 | 2 | 0 |"
    assert total == row.replace("quick | 0 ms", "all | ")
