"""Whenever a run is stopped: at once, with whole reports or none, and told for what it is."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.canned.exchanges import provider
from support.pages.html_page import Page
from support.processes.children import wait_until
from support.processes.command import DEADLINE, Running, environment, read_report, running
from support.servers.plain import answering

JSON = {"Content-Type": "application/json"}
HANGING = 10.0
"""Seconds; it takes two at the most on a machine that is not busy otherwise."""
FILES = ("r.json", "r.xml", "r.html")
REPORTS = ("--json", "r.json", "--junit", "r.xml", "--html", "r.html")


Served = Iterator[tuple[str, threading.Event]]
"""Yields the URL of a server, and the moment to stop the run at."""


@contextmanager
def trickling(head: bytes, drop: bytes = b"") -> Served:
    """Answer with the beginning of an answer and then, for ever, one drop every now and then."""
    moment = threading.Event()
    over = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(head)
            while not over.wait(0.05):
                moment.set()
                if drop:
                    connection.sendall(drop)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}", moment
    finally:
        over.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def listed(elements: int) -> bytes:
    """Return an answer with so many providers."""
    names = (f"provider-{place}" for place in range(elements))
    return json.dumps([provider(name, tags=[]) for name in names]).encode()


@contextmanager
def listing(
    elements: int, number: int, status: int = 200, *, slow: float = 0.0, retry_after: str = ""
) -> Served:
    """Serve so many providers; the moment is when this number of requests was answered."""
    moment = threading.Event()
    asked = count(1)
    sent = JSON | ({"Retry-After": retry_after} if retry_after else {})
    body = listed(elements)

    def respond(*_: object) -> tuple[int, dict[str, str], bytes]:
        if next(asked) >= number:
            moment.set()
            time.sleep(slow)
        return status, sent, body

    with answering(respond) as (url, _):
        yield url, moment


MOMENTS: dict[str, Callable[[], object]] = {
    "silent": lambda: trickling(b""),
    "a body that drips": lambda: trickling(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n[", b" "
    ),
    "the first answer": lambda: listing(3, 1),
    "the middle": lambda: listing(3, 90),
    "a wait": lambda: listing(0, 1, 503, retry_after="40"),
    "trouble for ever": lambda: listing(0, 5, 502),
    "slow answers": lambda: listing(3, 8, slow=30),
    "20,000 providers, later": lambda: listing(20_000, 60),
}


@contextmanager
def started(*words: str, cwd: Path, env: dict[str, str] | None = None) -> Iterator[Running]:
    """Start the command; it is killed in any case."""
    process = running("run", *words, cwd=cwd, env=env)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def with_plugin(folder: Path, code: str) -> dict[str, str]:
    """Return the environment of a command that runs some code as it starts."""
    (folder / "plugin").mkdir()
    (folder / "plugin" / "sitecustomize.py").write_text(code)
    others = filter(None, [os.environ.get("PYTHONPATH")])
    return {"PYTHONPATH": os.pathsep.join([str(folder / "plugin"), *others])}


def check_stopped(
    process: Running,
    number: signal.Signals,
    cwd: Path,
) -> None:
    """Send a signal and make sure that the run ends as an interrupted one."""
    begin = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=DEADLINE)
    seconds = time.monotonic() - begin
    assert process.returncode == 130, out + err
    assert "Traceback" not in out + err
    assert "INTERRUPTED" in out
    report = read_report(cwd / "r.json")
    assert report["interrupted"] is True
    assert report["verdict"] in ("error", "non-conformant")
    suites = ElementTree.parse(cwd / "r.xml").getroot()  # noqa: S314 - written by the command
    cases = list(suites.iter("testcase"))
    assert len(cases) == len(report["requirements"])
    assert any("interrupted" in (error.get("message") or "") for error in suites.iter("error"))
    left = sorted(path.name for path in cwd.iterdir() if path.name not in ("plugin", "there"))
    assert left == sorted(FILES)
    page = Page((cwd / "r.html").read_text("utf-8"))
    page.check()
    assert "Interrupted" in page.text
    assert seconds < HANGING


@pytest.mark.slow
@pytest.mark.catalogue
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_stopped_at_some_moment(
    moment: str,
    number: signal.Signals,
    tmp_path: Path,
) -> None:
    served = MOMENTS[moment]()
    with (
        served as (url, come),  # type: ignore[attr-defined]
        started(url, *REPORTS, "--timeout", "60", cwd=tmp_path) as process,
    ):
        assert come.wait(DEADLINE)
        check_stopped(process, number, tmp_path)


@contextmanager
def shrinkable() -> Iterator[str]:
    """Serve some providers, and fail where only generated queries ask for something."""

    def respond(_: str, path: str, __: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        strange = "category=%" in path and "%22" not in path and path.count("%") > 2
        return 500 if strange and "activeOnly=false" not in path else 200, JSON, body

    body = listed(3)
    with answering(respond) as (url, _):
        yield url


PLUGIN = """
import pathlib, time
import conformance.{module} as module

def telling(original):
    def told(*arguments, **named):
        first = not pathlib.Path("there").exists()
        pathlib.Path("there").touch()
        if first:
            time.sleep({pause})
        return original(*arguments, **named)
    return told

{place} = telling({place})
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "place", "words", "pause"),
    [
        ("runner.generated_queries", "module.QueryGenerator._receive", ("--only", "FILTER"), 0),
        ("runner.generated_queries", "module.QueryGenerator.shrink", ("--only", "ROBUST"), 0),
        # Judging takes so little time that it would be over before the signal comes.
        ("checks.judging", "module.judge", ("--only", "SHAPE", "--profile", "quick"), 60),
    ],
    ids=["generating", "shrinking", "judging"],
)
def test_stopped_while_it_works_by_itself(
    module: str,
    place: str,
    words: tuple[str, ...],
    pause: int,
    tmp_path: Path,
) -> None:
    env = with_plugin(tmp_path, PLUGIN.format(module=module, place=place, pause=pause))
    with (
        shrinkable() as url,
        started(url, *REPORTS, *words, "--seed", "1", cwd=tmp_path, env=env) as process,
    ):
        wait_until(lambda: (tmp_path / "there").exists() or process.poll() is not None)
        check_stopped(process, signal.SIGINT, tmp_path)


DESTRUCTOR = """
import pathlib, time
from conformance.runner import follow_ups

class Late:
    def __del__(self):
        pathlib.Path("there").touch()
        time.sleep(60)

ask_again = follow_ups.repeat_undecided

def late(gatherer):
    Late()
    ask_again(gatherer)

follow_ups.repeat_undecided = late
"""


def test_a_signal_that_meets_a_destructor_is_not_lost(tmp_path: Path) -> None:
    """What is raised there, or while garbage is collected, goes nowhere."""
    env = with_plugin(tmp_path, DESTRUCTOR)
    with (
        listing(3, 1) as (url, _),
        started(url, *REPORTS, "--profile", "quick", cwd=tmp_path, env=env) as process,
    ):
        wait_until(lambda: (tmp_path / "there").exists() or process.poll() is not None)
        check_stopped(process, signal.SIGINT, tmp_path)


WRITING = """
import pathlib, time
from conformance.cli import run

def late(*arguments, **options):
    pathlib.Path("there").touch()
    while not pathlib.Path("plugin/on").exists():
        time.sleep(0.01)
    return deliver(*arguments, **options)

deliver = run.deliver
run.deliver = late
"""


@pytest.mark.slow
@pytest.mark.parametrize("signals", [1, 2])
def test_a_signal_waits_until_the_reports_of_a_whole_run_are_written(
    signals: int, tmp_path: Path
) -> None:
    env = with_plugin(tmp_path, WRITING)
    with (
        listing(3, 1) as (url, _),
        started(url, *REPORTS, "--profile", "quick", cwd=tmp_path, env=env) as process,
    ):
        wait_until(lambda: (tmp_path / "there").exists() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        if signals == 1:
            (tmp_path / "plugin" / "on").touch()
        else:
            process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130, out + err
    assert "Traceback" not in out + err
    assert [(tmp_path / name).exists() for name in FILES] == [signals == 1] * len(FILES)
    if signals == 1:
        report = read_report(tmp_path / "r.json")
        assert report["interrupted"] is False
        assert report["verdict"] == "non-conformant"
        assert report["reason"] in " ".join(out.split())


ENDLESS = """
from conformance.recording import recorder

def endless(*_):
    while True:
        pass

recorder.Recorder.parts = endless
"""


def test_a_recording_for_which_there_is_no_time_does_not_delay_the_end(tmp_path: Path) -> None:
    env = with_plugin(tmp_path, ENDLESS)
    with (
        listing(3, 8, slow=30) as (url, come),
        started(
            *(url, *REPORTS, "--record", "r.har", "--timeout", "60"), cwd=tmp_path, env=env
        ) as process,
    ):
        assert come.wait(DEADLINE)
        process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130, out + err
    assert time.monotonic() - begin < HANGING
    assert "There was no time to write the recording r.har" in " ".join(err.split())
    assert read_report(tmp_path / "r.json")["interrupted"] is True
    assert not (tmp_path / "r.har").exists()


def test_a_second_signal_does_no_harm(tmp_path: Path) -> None:
    with (
        listing(2000, 40) as (url, come),
        started(url, *REPORTS, cwd=tmp_path) as process,
    ):
        assert come.wait(DEADLINE)
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            time.sleep(0.01)
        out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130, out + err
    assert "Traceback" not in out + err
    for name in FILES:
        if (tmp_path / name).exists():
            assert (tmp_path / name).read_text("utf-8").endswith(("}\n", ">\n"))


# ------------------------------------------------------------------------ no half-written reports

WRITER = """
import sys
from conformance.core import output
print("begun", flush=True)
while True:
    for letter in "ab":
        output.write("report", letter * 3_000_000)
"""


def test_a_report_is_never_half_there_when_the_process_is_killed(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - moments, no secrets
    path = tmp_path / "report"
    whole = [letter * 3_000_000 for letter in "ab"]
    path.write_text(whole[0], "utf-8")
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "begun\n"
            for _ in range(chance.randrange(40)):
                # Another moment each time, and any of them will do.
                time.sleep(0.001)
                assert path.stat().st_size == 3_000_000
            writer.kill()
        assert path.read_text("utf-8") in whole
