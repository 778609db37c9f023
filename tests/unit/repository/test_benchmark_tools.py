"""How the comparison starts other tools, what it tells them, and what it makes of their words."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import compare
import pytest
import yaml
from comparison.documents import response_schemas, with_inline_parameters
from comparison.judging import Contestant, Judges, clean_environment, target_of
from comparison.keeping import Kept, Result
from comparison.processes import Ended, Processes
from comparison.subjects import FAULT, RIGHT, Subject, sampled, subjects
from comparison.subjects import right as the_right_server
from comparison.tool import (
    ENDPOINT,
    FAILED,
    PASSED,
    SETTINGS,
    UNJUDGED,
    Command,
    Ready,
    Target,
    Tool,
    Unavailable,
    by_exit_code,
)
from comparison.tools import BASE, TOOLS, dredd, ours, portman, schemathesis, specmatic

from conformance.contract import loader as contracts
from conformance.reference import ReferenceServer
from conformance.reference.faults import FAULTS
from conformance.reference.variations import VARIATIONS
from conformance.reference.variations.entries import Key

ABSENT = "http-absent"
DOCUMENT = yaml.safe_load(contracts.default_path().read_text("utf-8"))


def ended(exit_code: int | None) -> Ended:
    return Ended(exit_code, 1.0, 0.5, 80.0, "bye")


def target(folder: Path, url: str = "http://host/team/api", **more: Any) -> Target:
    return Target(**{"url": url, "token": "t0k3n", "access_key": None, "folder": folder, **more})


def tool(name: str) -> Tool:
    def refuse(_work: Path) -> Any:
        raise Unavailable("it is not here")

    return Tool(name=name, title=name.title(), shown=f"{name} URL", make_ready=refuse)


# What is judged, and what a tool is told ----------------------------------------------------------


def test_a_sample_is_every_nth_of_what_is_wanted() -> None:
    every = list(subjects(FAULTS, VARIATIONS))
    assert len(every) == len(FAULTS) + len(VARIATIONS)
    some = sampled(every, "trouble-*", 2)
    assert some == [one for one in every if one.name.startswith("trouble-")][::2]


@pytest.mark.parametrize("suffix", ["", "/", "/api", "/api/", "/api/integrations/provider"])
def test_every_name_of_an_api_has_one_base(tmp_path: Path, suffix: str) -> None:
    assert target(tmp_path, f"http://host/team{suffix}").base == "http://host/team"


def test_every_tool_is_given_a_token_where_there_is_one(tmp_path: Path) -> None:
    server = ReferenceServer()
    assert target_of(Key.NONE, server, "http://host", tmp_path).token is None
    with_key = target_of(Key.ACCESS_KEY, server, "http://host", tmp_path)
    assert with_key.token
    assert with_key.access_key == (server.key_id, server.key_secret)
    assert target_of(Key.TOKEN, server, "http://host", tmp_path).access_key is None


def test_the_token_reaches_every_tool_and_the_address(tmp_path: Path) -> None:
    told = target(tmp_path)
    schemas = tmp_path / "made" / "schemas.json"
    schemas.parent.mkdir()
    schemas.write_text("{}", "utf-8")
    commands = [
        ours.command("quick", told),
        schemathesis.command(Path("python"), None, (), told),
        dredd.command(["dredd"], schemas.with_name("openapi.yaml"), True, told),
        portman.command(["portman"], SETTINGS / "portman" / "default.yaml", told),
        specmatic.command("java", SETTINGS / "specmatic" / "default.yaml", told),
    ]
    for one in commands:
        assert "t0k3n" in " ".join((*one.words, *one.environment.values()))
        assert any("http://host/team" in word for word in one.words)
        assert not any("/api/api" in word for word in one.words)


def test_settings_and_proxies_of_the_caller_reach_no_tool(tmp_path: Path) -> None:
    theirs = {"PATH": "/bin", "CONDUCTOR_AUTH_TOKEN": "x", "https_proxy": "x", "NODE_OPTIONS": "x"}
    assert clean_environment(tmp_path, theirs) == {
        "PATH": "/bin",
        "HOME": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def test_dredd_is_given_a_document_without_references_to_parameters() -> None:
    made = with_inline_parameters(DOCUMENT)
    parameters = made["paths"][ENDPOINT]["get"]["parameters"]
    assert [one["name"] for one in parameters] == ["category", "activeOnly"]
    assert "parameters" not in made["components"]
    assert "$ref" in DOCUMENT["paths"][ENDPOINT]["get"]["parameters"][0]


def test_schemas_hold_all_that_the_contract_says_of_answers() -> None:
    schemas = response_schemas(DOCUMENT, ENDPOINT)
    assert set(schemas) == {"200", "400", "401", "403"}
    provider = schemas["200"]["items"]
    assert provider["required"] == DOCUMENT["components"]["schemas"]["Provider"]["required"]
    assert provider["properties"]["tags"]["items"]["required"] == ["key", "value"]
    assert provider["properties"]["modelsCount"]["minimum"] == 0
    written = json.dumps(schemas)
    assert "$ref" not in written
    assert "int64" not in written


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_391"', 8),
        ('openjdk version "25-ea" 2025-09-16', 25),
        ("no such thing", 0),
    ],
)
def test_every_java_says_its_version(said: str, number: int) -> None:
    assert specmatic.java_version(said) == number


def test_every_category_is_asked_for_in_the_variations_of_portman() -> None:
    written = yaml.safe_load((SETTINGS / "portman" / "variations.yaml").read_text("utf-8"))
    asked = {
        (query["category"], query["activeOnly"])
        for group in written["tests"]["variationTests"]
        for variation in group["variations"]
        for change in variation["overwrites"]
        if len(query := _values(change.get("overwriteRequestQueryParams", []))) == 2
    }
    categories = DOCUMENT["components"]["parameters"]["category"]["schema"]["enum"]
    assert asked == {(one, active) for one in categories for active in ("true", "false")}


def _values(parameters: list[dict[str, str]]) -> dict[str, str]:
    return {one["key"]: one["value"] for one in parameters}


# What a tool says ---------------------------------------------------------------------------------


def test_exit_codes_other_than_0_and_1_are_no_verdict(tmp_path: Path) -> None:
    assert by_exit_code(tmp_path, ended(0)).verdict == PASSED
    assert by_exit_code(tmp_path, ended(1)).verdict == FAILED
    assert "bye" in by_exit_code(tmp_path, ended(2)).problem
    assert "deadline" in by_exit_code(tmp_path, ended(None)).problem


@pytest.mark.parametrize(
    ("read", "report", "found"),
    [
        (
            schemathesis.read,
            {"failures": [{"type": "ServerError"}], "errors": []},
            ("ServerError",),
        ),
        (
            ours.read,
            {"requirements": [{"id": "HTTP-01", "outcome": "failed"}]},
            ("HTTP-01",),
        ),
    ],
)
def test_the_exit_code_and_the_report_have_to_agree(
    tmp_path: Path, read: Any, report: Any, found: tuple[str, ...]
) -> None:
    assert "no report" in read(tmp_path, ended(1)).problem
    (tmp_path / "report.json").write_text(json.dumps(report), "utf-8")
    said = read(tmp_path, ended(1))
    assert (said.verdict, said.found, said.problem) == (FAILED, found, "")
    assert "1 findings" in read(tmp_path, ended(0)).problem
    assert "bye" in read(tmp_path, ended(2)).problem
    assert "deadline" in read(tmp_path, ended(None)).problem


def test_a_process_is_measured_and_killed_at_its_deadline(tmp_path: Path) -> None:
    words = [sys.executable, "-S", "-E", "-c"]
    quick = Processes(60.0).run([*words, "print('done'); raise SystemExit(1)"], tmp_path, {})
    assert (quick.exit_code, quick.last_words) == (1, "done")
    assert 1 < quick.megabytes < 1000
    endless = Processes(0.05).run([*words, "import time; time.sleep(600)"], tmp_path, {})
    assert endless.exit_code is None


def test_what_is_under_way_when_all_is_ended_has_no_verdict(tmp_path: Path) -> None:
    processes = Processes(60.0)
    words = [sys.executable, "-S", "-E", "-c", "open('started', 'w'); import time; time.sleep(600)"]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(processes.run, words, tmp_path, {})
        while not (tmp_path / "started").exists() and not running.done():
            time.sleep(0.01)
        processes.close()
        with pytest.raises(RuntimeError, match="interrupted"):
            running.result()
    with pytest.raises(RuntimeError, match="interrupted"):
        processes.run(words, tmp_path, {})


# From end to end ----------------------------------------------------------------------------------

ASKING = """
import sys, urllib.error, urllib.request
for method in ("GET", "DELETE"):
    headers = {"X-Authorization": sys.argv[2]}
    try:
        urllib.request.urlopen(urllib.request.Request(sys.argv[1], method=method, headers=headers))
    except urllib.error.HTTPError as answer:
        if method == "GET":
            raise SystemExit(1)
"""


def asking(fingerprint: str) -> Contestant:
    def command(target: Target) -> Command:
        url = target.base + ENDPOINT
        return Command((sys.executable, "-S", "-E", "-c", ASKING, url, str(target.token)))

    ready = Ready(version="Asking 1", fingerprint=fingerprint, command=command, read=by_exit_code)
    return Contestant(tool("asking"), ready)


def test_requests_are_counted_at_the_server_and_nobody_is_asked_twice(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    absent = next(one for one in FAULTS if one.name == ABSENT)
    wrong = Subject(name=ABSENT, kind=FAULT, group="HTTP", make=absent.make)

    def judgements(fingerprint: str, deadline: float) -> list[Result]:
        judges = Judges([asking(fingerprint)], Kept(path), deadline)
        return [*judges.alternate([the_right_server(1)]), *judges.judge([wrong], 1)]

    found = judgements("f1", 60.0)
    assert [one.verdict for one in found] == [PASSED, FAILED]
    assert found[0].requests == {"GET": 1, "DELETE": 1}
    assert found[0].megabytes > 1
    # With no time at all nothing could be asked: what is said is what was kept.
    assert judgements("f1", 0.0) == found
    assert [one.verdict for one in judgements("f2", 0.0)] == [UNJUDGED, UNJUDGED]


def test_a_tool_that_cannot_be_had_is_left_out_with_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contestants, left_out = compare.made_ready([tool("gone")], tmp_path)
    assert (contestants, left_out) == ([], {"Gone": "it is not here"})
    assert "Gone is left out: it is not here" in capsys.readouterr().err
    judged = Result(tool="asking", name="right-1", kind=RIGHT, group=RIGHT, verdict=PASSED)
    shown = compare.report([asking("f1")], left_out, [judged], 16)
    assert "Gone was left out: it is not here." in shown
    assert "one in 16" in shown
    assert "- Asking: `asking URL`" in shown


def test_a_tool_that_nobody_knows_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        compare.main(["--tools", "ours-quick,nobody"])
    assert ending.value.code == 2
    assert "unknown tool 'nobody'; known are ours-quick" in capsys.readouterr().err


# What is in the repository ------------------------------------------------------------------------


def test_tools_have_names_of_their_own_and_one_is_the_measure() -> None:
    names = [one.name for one in TOOLS]
    assert len(set(names)) == len(names)
    assert BASE in names


def test_the_python_tool_is_pinned_to_the_last_package() -> None:
    lines = (SETTINGS / "schemathesis" / "requirements.txt").read_text("utf-8").splitlines()
    assert all("==" in line for line in lines)
    assert any(line.startswith("schemathesis==") for line in lines)
