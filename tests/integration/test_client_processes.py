"""Commands that are run as clients: how they end, what is left of them, what a report says."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from pathlib import Path

import pytest
from support.processes.children import exists, wait_until
from support.repository import ROOT

from conformance.checks.verdict import Outcome
from conformance.clients.run import judge
from conformance.core import user_command
from conformance.core.user_command import NotStarted, Ran
from conformance.report.report import Conclusion, Report

PAGE = (ROOT / "docs" / "clients.md").read_text("utf-8")
(GOOD,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ANSWER = "os.environ['CONFORMANCE_ANSWER']"
CONNECTING = """
import os, socket, urllib.parse
url = urllib.parse.urlsplit(os.environ["CONDUCTOR_SERVER_URL"])
socket.create_connection((url.hostname, url.port))
"""


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def ran(code: str, timeout: float = 20.0) -> Ran:
    return user_command.run(python(code), os.environ, timeout=timeout, stop=threading.Event())


def judged(code: str, only: str = "CLIENT-12", timeout: float = 20.0) -> Report:
    return judge(python(code), only=[only], timeout=timeout)


def outcome(report: Report) -> Outcome:
    (verdict,) = report.verdicts
    return verdict.outcome


def test_output_of_both_streams_is_read_to_its_end() -> None:
    result = ran("import sys; sys.stderr.write('x' * 2_000_000); print('the end'); sys.exit(3)")
    assert (result.code, len(result.output)) == (3, 2_000_008)
    assert result.last_lines(1).endswith("the end")


def test_output_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_command, "MOST_OUTPUT", 1000)
    result = ran("print('x' * 1_000_000); print('the end')")
    assert len(result.output) <= 1000 + user_command.TAIL
    assert result.last_lines(1) == "the end"


def test_a_command_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    code = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({str(file)!r}, "w").write(str(child.pid))
time.sleep(600)
"""
    result = ran(code, timeout=2.0)
    assert result.code is None
    assert "did not end within 2 s" in result.words
    wait_until(lambda: not exists(int(file.read_text())))


def test_a_child_that_outlives_the_command_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    code = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({str(file)!r}, "w").write(str(child.pid))
"""
    begun = time.monotonic()
    assert ran(code).code == 0
    assert time.monotonic() - begun < 10
    wait_until(lambda: not exists(int(file.read_text())))


def test_a_command_that_does_not_exist() -> None:
    with pytest.raises(NotStarted, match="No such file"):
        user_command.run(("no-such-command",), {}, timeout=1, stop=threading.Event())


@pytest.mark.slow
def test_the_program_of_the_documentation() -> None:
    report = judge(python(GOOD))
    failed = [one.requirement.id for one in report.verdicts if one.outcome is Outcome.FAILED]
    assert failed == re.findall(r"CLIENT-\d+", PAGE.partition("```python")[0].rpartition("##")[2])
    others = {one.outcome for one in report.verdicts if one.requirement.id not in failed}
    assert others == {Outcome.PASSED}


def test_a_requirement_that_is_kept() -> None:
    report = judged(GOOD)
    assert (report.conclusion, outcome(report)) == (Conclusion.CONFORMANT, Outcome.PASSED)
    assert report.client is not None
    assert report.client.scenarios == report.client.answered == 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemExit(4)", "sent no request to $CONDUCTOR_SERVER_URL and ended with exit"),
        (CONNECTING, "sent no request"),
        ("import time; time.sleep(60)", "did not end within 2 s"),
        (GOOD.replace("with open", "raise RuntimeError('no ' + token)\nwith open"), "RuntimeError"),
    ],
    ids=["sends nothing", "connects only", "hangs", "crashes with the list"],
)
def test_a_client_that_fails_the_first_scenario_is_not_judged(code: str, reason: str) -> None:
    report = judged(code, timeout=2.0)
    assert report.exit_code == 3
    assert reason in report.reason
    # The token that its last line shows.
    assert "eyJ" not in report.reason


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("import sys; sys.exit(9)", "ended with exit code 9"),
        ("raise ValueError('CLOUD')", "exit code 1; its last line: ValueError: CLOUD"),
        # On a busy machine it gets more time.
        ("import time; time.sleep(60)", "did not end within"),
        (f"open({ANSWER}, 'w').write('[{{'); os._exit(0)", "not a client answer"),
        ("os.kill(os.getpid(), 11)", "signal 11"),
    ],
    ids=["exit", "crash", "hang", "truncated answer", "signal"],
)
def test_trouble_of_an_adapter_is_not_blamed_on_reading(change: str, told: str) -> None:
    # Only where there are no providers.
    code = GOOD.replace("with open", f"if answer == []:\n    {change}\nwith open")
    report = judged(code, "CLIENT-11", timeout=2.0 if "sleep" in change else 20.0)
    (verdict,) = report.verdicts
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert told in verdict.reason


@pytest.mark.slow
def test_the_last_line_of_a_crash_shows_no_secret() -> None:
    code = GOOD.replace("with open", "if answer == []:\n    raise ValueError(token)\nwith open")
    (verdict,) = judged(code, "CLIENT-11").verdicts
    assert "its last line: ValueError: (token)" in verdict.reason
    assert "eyJ" not in verdict.reason


def test_requests_with_chunked_bodies_are_read() -> None:
    code = GOOD.replace("pair, **", "iter([pair]), **")
    assert outcome(judged(code, "CLIENT-05")) is Outcome.PASSED


def test_each_process_has_only_the_variables_of_its_scenario(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONDUCTOR_AUTH_TOKEN", "of-somebody")
    monkeypatch.setenv("CONFORMANCE_CATEGORY", "GIT")
    check = "assert 'CONDUCTOR_AUTH_TOKEN' not in __import__('os').environ\n"
    assert outcome(judged(check + GOOD, "CLIENT-02")) is Outcome.PASSED


def test_secrets_are_in_no_report() -> None:
    code = GOOD.replace('provider?"', 'provider?token=" + token + "&"')
    report = judged(code, "CLIENT-01")
    assert outcome(report) is Outcome.FAILED
    assert "?token=(token)" in report.verdicts[0].findings[0].message
