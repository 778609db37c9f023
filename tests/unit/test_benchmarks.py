"""What the comparison with other tools counts, keeps and shows."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from comparison import figures, tables
from comparison.documents import response_schemas, with_inline_parameters
from comparison.judging import clean_environment, target_of
from comparison.keeping import Kept, Result
from comparison.processes import Ended, Processes
from comparison.subjects import FAULT, RIGHT, VARIATION, sampled, subjects
from comparison.tool import (
    ENDPOINT,
    FAILED,
    PASSED,
    SETTINGS,
    UNJUDGED,
    Target,
    Tool,
    Unavailable,
    by_exit_code,
)
from comparison.tools import BASE, TOOLS, dredd, ours, portman, schemathesis, specmatic

from conformance import contract as contracts
from conformance.reference import ReferenceServer
from conformance.reference.faults import FAULTS
from conformance.reference.variations import VARIATIONS
from conformance.reference.variations.entries import Key

DOCUMENT = yaml.safe_load(contracts.default_path().read_text("utf-8"))


def result(name: str, verdict: str, *found: str, **more: Any) -> Result:
    values: dict[str, Any] = {
        "tool": "other",
        "name": name,
        "kind": FAULT,
        "group": "HTTP",
        "verdict": verdict,
        "found": found,
        "requests": {"GET": 10},
        "seconds": 2.0,
        "processor": 1.0,
        "megabytes": 100.0,
    }
    return Result(**{**values, **more})


def right(turn: int, verdict: str = PASSED, *found: str, **more: Any) -> Result:
    return result(f"right-{turn}", verdict, *found, **{"kind": RIGHT, "group": RIGHT, **more})


def ended(exit_code: int | None) -> Ended:
    return Ended(exit_code, 1.0, 0.5, 80.0, "bye")


def target(folder: Path, url: str = "http://host/team/api", **more: Any) -> Target:
    return Target(**{"url": url, "token": "t0k3n", "access_key": None, "folder": folder, **more})


def tool(name: str) -> Tool:
    def refuse(_work: Path) -> Any:
        raise Unavailable("it is not here")

    return Tool(name=name, title=name.title(), shown=f"{name} URL", make_ready=refuse)


# What is counted ----------------------------------------------------------------------------------


def test_what_fails_the_right_server_catches_nothing() -> None:
    members = [result("a", FAILED, "Usual"), result("b", FAILED, "Usual", "Other")]
    fair = figures.line([right(1), *members], "other", BASE)
    assert fair.faults is not None
    assert (fair.faults.failed, fair.faults.beyond) == (2, None)
    unfair = figures.line([right(1, FAILED, "Usual"), *members], "other", BASE)
    assert unfair.faults is not None
    assert (unfair.faults.failed, unfair.faults.beyond) == (0, 1)


def test_failing_the_right_server_once_is_failing_it() -> None:
    here = figures.rights([right(1), right(2, FAILED), right(3)], "other")
    assert not here.usable
    assert not here.telling


def test_servers_are_judged_only_where_a_failure_can_mean_something() -> None:
    assert figures.rights([right(1)], "other").telling
    assert figures.rights([right(1, FAILED, "Usual")], "other").telling
    assert not figures.rights([right(1, FAILED)], "other").telling
    assert not figures.rights([right(1, UNJUDGED, problem="killed")], "other").telling
    assert not figures.rights([], "other").telling


def test_what_was_not_judged_is_neither_caught_nor_passed_over_in_silence() -> None:
    killed = result("a", UNJUDGED, problem="killed at its deadline")
    found = figures.line([right(1), killed, result("c", FAILED)], "other", BASE).faults
    assert found is not None
    assert (found.servers, found.failed, found.unjudged) == (2, 1, 1)


def test_times_are_compared_turn_by_turn() -> None:
    theirs = [right(turn, seconds=time) for turn, time in enumerate((2.0, 9.0, 6.0))]
    ours_too = [
        right(turn, tool=BASE, seconds=time, processor=4.0)
        for turn, time in enumerate((4.0, 3.0, 6.0))
    ]
    found = figures.line([*theirs, *ours_too], "other", BASE)
    assert (found.seconds, found.ratio, found.processor_ratio) == (6.0, 1.0, 0.25)
    assert figures.line(theirs, "other", BASE).ratio is None


def test_reading_is_no_writing() -> None:
    sent = {"GET": 7, "HEAD": 1, "OPTIONS": 1, "DELETE": 2, "POST": 1}
    results = [right(1, requests=sent), result("a", PASSED, requests={"POST": 3})]
    found = figures.line(results, "other", BASE)
    assert (found.requests, found.writes) == (12, 3)
    assert figures.unsafe_methods(results, "other") == {"POST": 2, "DELETE": 1}


# What is shown ------------------------------------------------------------------------------------


def test_the_table_has_a_line_for_each_tool() -> None:
    results = [
        right(1, tool=BASE, seconds=4.0, processor=2.0),
        result("a", FAILED, "HTTP-01", tool=BASE),
        right(1),
        result("a", PASSED),
        result("odd", FAILED, kind=VARIATION, group="answer"),
    ]
    assert tables.main_table([tool(BASE), tool("other")], results, BASE) == (
        "| tool | time | time / ours | processor / ours | requests | writes | memory "
        "| right server | faults caught (of 1) | variations failed (of 1) |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        "| Ours-Standard | 4.0 s | 1.00 | 1.00 | 10 | 0 | 100 MB | passes | 1 |  |\n"
        "| Other | 2.0 s | 0.50 | 0.50 | 10 | 0 | 100 MB | passes | 0 | 1 |\n"
    )
    assert "Variations that it fails: `odd`." in tables.notes([tool("other")], results)


def test_a_tool_that_fails_the_right_server_is_shown_to() -> None:
    silent = [right(1, FAILED)]
    cells = tables.main_table([tool("other")], silent, BASE).splitlines()[-1]
    assert cells.endswith("| fails | not asked | not asked |")
    naming = [right(1, FAILED, "Usual"), result("a", FAILED, "Usual", "New")]
    cells = tables.main_table([tool("other")], naming, BASE).splitlines()[-1]
    assert "| fails | 0 (1 beyond the right server's) |" in cells
    assert "It fails the right server (Usual)." in tables.notes([tool("other")], naming)


def test_families_are_shown_of_tools_that_pass_the_right_server() -> None:
    results = [
        right(1),
        result("a", FAILED),
        result("b", PASSED, group="AUTH"),
        right(1, FAILED, tool="unfair"),
    ]
    assert tables.families_table([tool("other"), tool("unfair")], results) == (
        "| family | faults | Other |\n| --- | ---: | ---: |\n| HTTP | 1 | 1 |\n| AUTH | 1 | 0 |\n"
    )


def test_only_the_generated_part_of_a_document_is_replaced() -> None:
    text = f"# Title\n\n{tables.BEGIN}\nold\n{tables.END}\n\nWords.\n"
    assert tables.replaced(text, "new\n") == (
        f"# Title\n\n{tables.BEGIN}\n\nnew\n\n{tables.END}\n\nWords.\n"
    )
    assert tables.replaced(tables.replaced(text, "new"), "new") == tables.replaced(text, "new")
    with pytest.raises(ValueError, match="no lines"):
        tables.replaced("# Title\n", "new")


def test_the_document_can_be_written_again() -> None:
    document = Path(__file__).parents[2] / "docs" / "comparison.md"
    assert "new" in tables.replaced(document.read_text("utf-8"), "new")


# What is kept -------------------------------------------------------------------------------------


def test_an_interruption_loses_nothing_but_the_line_it_cut(tmp_path: Path) -> None:
    path = tmp_path / "new" / "results.jsonl"
    kept = Kept(path)
    first, second = result("a", FAILED, "Other"), result("b", PASSED)
    kept.add("f1", first)
    kept.add("f1", second)
    path.write_text(path.read_text("utf-8")[:-20], "utf-8")
    again = Kept(path)
    assert again.find("f1", "other", "a") == first
    assert again.find("f1", "other", "b") is None
    again.add("f1", second)
    assert Kept(path).find("f1", "other", "b") == second


def test_another_version_or_configuration_is_judged_anew(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "results.jsonl")
    kept.add("f1", result("a", FAILED))
    assert kept.find("f2", "other", "a") is None
    kept.add("f1", result("a", PASSED))
    found = Kept(tmp_path / "results.jsonl").find("f1", "other", "a")
    assert found is not None
    assert found.verdict == PASSED


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


def test_nothing_starts_once_all_is_ended(tmp_path: Path) -> None:
    processes = Processes(60.0)
    processes.close()
    with pytest.raises(RuntimeError, match="interrupted"):
        processes.run([sys.executable, "-c", ""], tmp_path, {})


# What is in the repository ------------------------------------------------------------------------


def test_tools_have_names_of_their_own_and_one_is_the_measure() -> None:
    names = [one.name for one in TOOLS]
    assert len(set(names)) == len(names)
    assert BASE in names


@pytest.mark.parametrize("name", ["dredd", "portman", "specmatic"])
def test_packages_are_pinned_and_lock_files_name_no_host(name: str) -> None:
    folder = SETTINGS / name
    wanted = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    for package, version in wanted.items():
        assert locked[f"node_modules/{package}"]["version"] == version
    for place, package in locked.items():
        assert not str(package.get("resolved", "")).startswith("http"), place
        assert not place or package.get("inBundle") or package["integrity"], place


def test_the_python_tool_is_pinned_to_the_last_package() -> None:
    lines = (SETTINGS / "schemathesis" / "requirements.txt").read_text("utf-8").splitlines()
    assert all("==" in line for line in lines)
    assert any(line.startswith("schemathesis==") for line in lines)
