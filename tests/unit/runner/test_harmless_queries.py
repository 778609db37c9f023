"""Nothing that is asked could do harm, whoever wrote it or generated it, or lead elsewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from support.canned.harmful import HARMS, harm_in
from support.canned.verdicts import LAW
from support.processes.command import DEADLINE, environment
from support.servers.plain import answering

import conformance
from conformance import Target
from conformance.contract.query import Query, documented
from conformance.report.run_metadata import Profile
from conformance.runner.cluster import Words
from conformance.runner.gathering import Gatherer
from conformance.runner.generated_queries import Prober
from conformance.runner.opening import Opening
from conformance.runner.plan import PROBES, Part, Plan
from conformance.runner.unusual_queries import (
    EXPANSION_PARAMETERS,
    NO_BOOLEANS,
    STRANGE,
    UNKNOWN,
    near_miss_categories,
    respelled,
    strange,
    unusual,
)

JSON = {"Content-Type": "application/json"}
LISTING = LAW.path
SUPPORTED = LAW.filter("category").supported
WORDS = Words.of(LAW)


# --------------------------------------------------------------------------- the search itself


@pytest.mark.parametrize(
    ("kind", "sample"), [(kind, one) for kind, harm in HARMS.items() for one in harm.samples]
)
def test_an_attack_is_recognised(kind: str, sample: str) -> None:
    around = Query.of([("category", f"AI_MODEL {sample}"), ("activeOnly", "false")])
    for query in (
        Query.of([("category", sample)]),
        Query.of([(sample, "")]),
        around,
        # For servers that decode what they are sent more often than they should.
        Query.of([("category", Query.of([("x", sample)]).wire)]),
    ):
        assert any(found.startswith(kind) for found in harm_in(query.wire)), query


@pytest.mark.parametrize("value", [*SUPPORTED, "not a category", "openAI", "1,2", "a & b"])
def test_a_plain_word_is_not(value: str) -> None:
    assert harm_in(Query.of([("category", value), ("activeOnly", "true")]).wire) == []


# ------------------------------------------------------------------------------- what is asked


def hand_written() -> list[Query]:
    """Return every query that is written by hand, from the table it stands in."""
    return [
        *unusual(LAW),
        *(Query.of([("category", value)]) for value in near_miss_categories(WORDS)),
        *map(Query, (*EXPANSION_PARAMETERS, *UNKNOWN)),
        *(Query(f"category={value}") for value in {*STRANGE, *strange(WORDS)}),
        *(Query(f"activeOnly={value}") for value in NO_BOOLEANS),
        *(one for query in documented(LAW) for one in respelled(query)),
    ]


@pytest.mark.parametrize("query", hand_written(), ids=lambda query: query.wire[:40])
def test_no_query_written_by_hand_could_do_harm(query: Query) -> None:
    assert harm_in(query.wire) == []


@cache
def generated(seed: int) -> tuple[Query, ...]:
    return Prober(LAW, seed=seed).queries(PROBES[Profile.THOROUGH] // 2)


@pytest.mark.parametrize("seed", [0, 4_294_967_295])
def test_no_generated_query_could_do_harm(seed: int) -> None:
    queries = generated(seed)
    assert len(queries) > 100
    assert {query.wire: harm for query in queries if (harm := harm_in(query.wire))} == {}


SCRIPT = """
import json, project
from conformance.contract.loader import load
from conformance.runner.generated_queries import Prober
print(json.dumps([query.wire for query in Prober(load(), seed=1).queries(200)]))
"""


def test_nothing_is_taken_from_the_code_of_whoever_runs_it(tmp_path: Path) -> None:
    """Hypothesis takes constants from the modules of a project, which may hold anything."""
    constants = (f"$(rm secret {number})" for number in range(400))
    (tmp_path / "project.py").write_text(f"WORDS = {list(constants)!r}\n")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(tmp_path)}),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )
    wires = json.loads(done.stdout)
    assert len(wires) > 100
    assert [wire for wire in wires if "$(rm" in unquote(wire)] == []


# ----------------------------------------------------------------------------- where it is asked

NAMES = (
    *("../../x?y#z", "a/b", "..", ".", "../..", "%2e%2e", "..%2f..", "%2e%2e%2fx", "a%2Fb"),
    *("x?category=GIT", "x#y", "x;y=z", "//elsewhere.example.com/x", "\\..\\x", "@elsewhere", ""),
    *(
        "http://elsewhere.example.com/",
        "a b",
        "a\tb",
        "x\r\nX-Other: y",
        "\x00",
        "\x7f",
        "ü",
        "\ud800",
    ),
    *("*", "~", "x" * 3000, "&=+", "'\"<>", "{name}", "integration", "openAI"),
)


def providers(names: tuple[str, ...]) -> bytes:
    """Return an answer with a provider of each name, all of them with models."""
    return json.dumps(
        [
            {
                "name": name,
                "type": "openai",
                "category": "AI_MODEL",
                "configuration": {},
                "enabled": True,
                "modelsCount": 1,
                "tags": [],
            }
            for name in names
        ]
    ).encode()


def check_place(path: str, names: tuple[str, ...]) -> None:
    """Make sure that a path is one of the contract's, as a careless server reads it, too."""
    parts = urlsplit(path)
    assert not parts.fragment
    related = LAW.related
    if parts.path in (LISTING, related["allIntegrations"], related["token"]):
        return
    below = parts.path.removeprefix(f"{LISTING}/")
    assert below != parts.path, path
    segments = below.split("/")
    assert segments[1:] in ([], ["integration"]), path
    assert re.fullmatch(r"[A-Za-z0-9._~%-]+", segments[0]), path
    name = unquote(segments[0], errors="surrogatepass")
    assert name not in (".", ".."), path
    assert name in names or name.replace("?", "\ud800") in names, path


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name[:20]))
def test_a_name_leads_nowhere_else(name: str) -> None:
    with answering(lambda *_: (200, JSON, providers((name, "another")))) as (url, journal):
        with Target(url) as target:
            opening = Opening(target.read(active_only=False))
            Gatherer(target, opening, Plan(frozenset({Part.MODELS})), None).gather()
        for _, path, headers in journal.requests:
            check_place(path, (name, "another"))
            assert "x-other" not in headers
            assert headers["host"] == url.removeprefix("http://")
    asked = {urlsplit(path).path for _, path, _ in journal.requests}
    assert f"{LISTING}/another/integration" in asked


@pytest.mark.parametrize("profile", ["quick", "standard"])
def test_a_whole_run_asks_for_paths_of_the_contract_only(profile: str) -> None:
    def respond(
        method: str, path: str, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        known = headers.get("x-authorization") == "a-token-of-this-test"
        return 200 if known else 401, JSON, providers(NAMES)

    with (
        answering(respond) as (url, journal),
        Target(url, credential="a-token-of-this-test") as target,
    ):
        conformance.run(target, profile=profile, seed=1, skip=["FILTER", "STABLE"])
    assert len(journal.requests) > 100
    for _, path, _ in journal.requests:
        check_place(path, NAMES)
    queries = {urlsplit(path).query for _, path, _ in journal.requests}
    assert {query.wire for query in documented(LAW)} <= queries
    assert {query: harm for query in queries if (harm := harm_in(query))} == {}
