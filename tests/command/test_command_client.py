"""`client`, as a process: its files, its baseline, its exit codes."""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from support.processes.children import children, wait_until
from support.processes.command import Result, read_report, run, running
from support.repository import ROOT

PAGE = (ROOT / "docs" / "clients.md").read_text("utf-8")
(EXAMPLE,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
WRONG = EXAMPLE.replace('"category": "CON', '"type": "CON')
ONLY = "CLIENT-01,CLIENT-02,CLIENT-04"


def judged(*words: str, cwd: Path, code: str = WRONG, only: str = ONLY) -> Result:
    return run("client", "--only", only, *words, "--", sys.executable, "-c", code, cwd=cwd)


def test_every_kind_of_report(tmp_path: Path) -> None:
    names = {"json": "r.json", "junit": "r.xml", "html": "r.html", "markdown": "r.md"}
    names |= {"badge": "b.json"}
    words = [word for name, file in names.items() for word in (f"--{name}", file)]
    result = judged(*words, cwd=tmp_path)
    assert result.code == 1, result.err
    assert "scenario category, GET /api/integrations/provider?type=VECTOR_DB" in result.words
    assert "reproduce conductor-conformance serve --scenario category" in result.words
    assert "profile" not in result.out
    report = read_report(tmp_path / "r.json")
    assert report["client"]["command"] == [sys.executable, "-c", WRONG]
    assert report["client"]["scenarios"] == report["client"]["answered"] == 7
    assert {one["id"]: one["outcome"] for one in report["requirements"]} == {
        "CLIENT-01": "failed",
        "CLIENT-02": "failed",
        "CLIENT-04": "inconclusive",
    }
    cases = ET.fromstring((tmp_path / "r.xml").read_bytes()).iter("testcase")  # noqa: S314 - ours
    assert sum(case.find("failure") is not None for case in cases) == 2
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "Conductor client" in page
    assert '<span class="label">Scenario</span>' in page
    assert "- client: `no category`" in (tmp_path / "r.md").read_text("utf-8")
    assert json.loads((tmp_path / "b.json").read_bytes())["label"] == "Conductor client"


def test_a_baseline_accepts_known_failures_and_fails_once_they_pass(tmp_path: Path) -> None:
    baseline = ("--baseline", "client.toml")
    assert judged(*baseline, "--update-baseline", cwd=tmp_path).code == 0
    text = (tmp_path / "client.toml").read_text("utf-8")
    assert re.findall(r'^id = "(.+)"', text, re.MULTILINE) == ["CLIENT-01", "CLIENT-02"]
    known = judged(*baseline, cwd=tmp_path)
    assert (known.code, "2 KNOWN FAILURES" in known.words) == (0, True), known.out
    another = judged(*baseline, cwd=tmp_path, code=WRONG.replace('"type"', '"kind"'))
    assert another.code == 1
    assert "CLIENT-01 fails in a way that the baseline does not list" in another.words
    mended = judged(*baseline, cwd=tmp_path, code=EXAMPLE)
    assert mended.code == 1
    assert "CLIENT-02 passes now: remove its entry" in mended.words


def test_reports_on_clients_are_compared(tmp_path: Path) -> None:
    for name, code in (("before.json", EXAMPLE), ("after.json", WRONG)):
        judged("--json", name, cwd=tmp_path, code=code)
    result = run("compare", "before.json", "after.json", cwd=tmp_path)
    assert result.code == 1
    assert "CLIENT-02" in result.out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--", "no-such-command"], 3, "could not be started: No such file or directory"),
        (["--", "false"], 3, "sent no request to $CONDUCTOR_SERVER_URL"),
        ([], 2, "Missing argument"),
        (["--only", "CLIENT-99", "--", "true"], 2, "no requirement 'CLIENT-99'"),
        (["--only", "FILTER-01", "--", "true"], 2, "no requirement 'FILTER-01'"),
        (["--json", "none/a.json", "--", "true"], 2, "annot write none/a.json"),
        (["--update-baseline", "--", "true"], 2, "needs --baseline FILE"),
        (["--timeout", "nan", "--", "true"], 2, "timeout must be more than 0 seconds and less"),
    ],
)
def test_what_cannot_be_judged(words: list[str], code: int, told: str, tmp_path: Path) -> None:
    result = run("client", *words, cwd=tmp_path)
    shown = " ".join(f"{result.out} {result.err}".split())
    assert (result.code, told in shown) == (code, True), shown


def test_an_interruption_ends_what_was_started_and_is_reported(tmp_path: Path) -> None:
    waiting = f"{EXAMPLE}\nif 'CONFORMANCE_CATEGORY' in os.environ: __import__('time').sleep(600)"
    words = ("--only", ONLY, "--json", "r.json", "--", sys.executable, "-c", waiting)
    process = running("client", *words, cwd=tmp_path)
    wait_until(lambda: len(children(process.pid)) >= 2)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert read_report(tmp_path / "r.json")["interrupted"] is True
    assert not children(process.pid)
