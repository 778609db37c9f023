"""`run --record` and `judge` as people use them: the same verdicts, with the server gone."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from support.processes.children import wait_until
from support.processes.command import DEADLINE, read_report, run, running, validate
from support.servers.plain import closed_port, talking

from conformance.contract.loader import default_path
from conformance.reference import EmbeddedServer
from conformance.selftest.catalogue import fault

FAULTY = "view-one-per-tag"
SCHEMA = default_path().parent / "recording.schema.json"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the recording of a faulty server, and its report, once for all tests."""
    folder = tmp_path_factory.mktemp("recorded")
    server = fault(FAULTY).make()
    with EmbeddedServer(server) as embedded:
        result = run(
            *("run", embedded.url, "--profile", "quick", "--only", "HTTP,SHAPE"),
            *("--record", "r.har", "--json", "r.json", "--header", "X-Tenant: not-for-files"),
            cwd=folder,
            env={"CONDUCTOR_AUTH_TOKEN": server.issue_token()},
        )
    assert result.code == 1, result.err
    return folder


def of_the_run(report: dict[str, Any]) -> dict[str, Any]:
    """Return a report without what is said of its making."""
    return {name: value for name, value in report.items() if name != "notes"}


def test_a_recording_is_an_archive_of_the_published_shape(recorded: Path) -> None:
    archive = json.loads((recorded / "r.har").read_text("utf-8"))
    schema = json.loads(SCHEMA.read_text("utf-8"))
    errors = list(jsonschema_rs.Draft202012Validator(schema).iter_errors(archive))
    assert not errors, [str(error) for error in errors[:3]]
    assert {path.name for path in recorded.iterdir()} >= {"r.har", "r.json"}
    assert "not-for-files" not in json.dumps(archive)
    sent = archive["log"]["entries"][0]["request"]["headers"]
    assert {"name": "X-Authorization", "value": "$CONDUCTOR_AUTH_TOKEN"} in sent
    assert {"name": "X-Tenant", "value": "[value given by --header]"} in sent


def test_the_verdicts_are_the_same_without_the_server(recorded: Path, tmp_path: Path) -> None:
    file = str(recorded / "r.har")
    result = run("judge", file, "--json", "again.json", "--junit", "j.xml", cwd=tmp_path)
    assert result.code == 1
    before = read_report(recorded / "r.json")
    after = read_report(tmp_path / "again.json")
    assert of_the_run(after) == of_the_run(before)
    assert after["notes"][0].startswith("Judged by version")
    assert before["contract"]["sha256"][:12] in after["notes"][0]
    assert "NOT CONFORMANT" in result.words
    assert "Judged by version" in result.words
    assert (tmp_path / "j.xml").exists()


def test_what_is_judged_and_what_counts_can_be_chosen(recorded: Path, tmp_path: Path) -> None:
    file = str(recorded / "r.har")
    result = run("judge", file, "--json", "-", "--only", "SHAPE-01,FILTER-01", cwd=tmp_path)
    report = json.loads(result.out)
    validate(report)
    assert {one["id"] for one in report["requirements"]} == {"SHAPE-01", "FILTER-01"}
    failed = [one["id"] for one in read_report(recorded / "r.json")["requirements"]
              if one["outcome"] == "failed"]  # fmt: skip
    (tmp_path / "known.toml").write_text(
        "".join(f'[[known]]\nid = "{one}"\nreason = "later"\n' for one in failed), "utf-8"
    )
    words = ("--baseline", "known.toml", "--markdown", "r.md", "--badge", "b.json")
    assert run("judge", file, *words, cwd=tmp_path).code == 0
    assert (tmp_path / "r.md").exists()


def test_a_run_that_could_not_be_tested_is_recorded_as_one(tmp_path: Path) -> None:
    with talking(b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\n{}") as url:
        ran = run("run", url, "--record", "r.har", "--retry-budget", "0", cwd=tmp_path)
    assert ran.code == 3
    result = run("judge", "r.har", "--json", "r.json", cwd=tmp_path)
    assert result.code == 3
    assert read_report(tmp_path / "r.json")["verdict"] == "error"
    assert "needs credentials (status 401)" in result.words
    (first, *_) = json.loads((tmp_path / "r.har").read_text("utf-8"))["log"]["entries"]
    assert first["response"]["status"] == 401


def test_a_recording_on_standard_output(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    ran = run("run", url, "--record", "-", "--retry-budget", "0", cwd=tmp_path)
    assert ran.code == 3
    archive = json.loads(ran.out)
    assert archive["log"]["entries"][0]["response"]["_error"]
    assert "nothing listens there" in " ".join(ran.err.split())


@pytest.mark.slow
def test_an_interrupted_run_is_recorded_as_far_as_it_came(tmp_path: Path) -> None:
    words = ("demo", "--record", "r.har", "--profile", "quick", "--rate-limit", "9/s")
    process = running(*words, cwd=tmp_path)
    try:
        errors = process.stderr
        assert errors is not None
        wait_until(lambda: "equivalent queries" in errors.readline())
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=DEADLINE)
    finally:
        process.kill()
    assert process.returncode == 130
    result = run("judge", "r.har", "--json", "r.json", cwd=tmp_path)
    assert result.code == 3
    report = read_report(tmp_path / "r.json")
    assert report["interrupted"] is True
    assert "the run was interrupted" in report["reason"].lower()
    assert len(json.loads((tmp_path / "r.har").read_text("utf-8"))["log"]["entries"]) > 5


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "Judge needs the name of a recording"),
        (("other.har",), "it is an HTTP archive (HAR) that another tool wrote"),
        (("other.har", "--json", "no/r.json"), "does not exist"),
    ],
)
def test_what_cannot_be_judged(tmp_path: Path, words: tuple[str, ...], reason: str) -> None:
    (tmp_path / "other.har").write_text('{"log": {"version": "1.2", "entries": []}}', "utf-8")
    result = run("judge", *words, cwd=tmp_path)
    assert result.code == 2
    assert reason in result.complaint()
