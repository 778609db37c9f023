"""Prism mocks the contract from its examples, and the suite says why that is not conformant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from support.processes.command import Result, read_report, run
from support.processes.outside import Serving, serving

from conformance.contract.loader import load
from conformance.contract.query import documented

LAW = load()
READY = r"Prism is listening on (http://\S+)"
SETTINGS = {"CONDUCTOR_AUTH_TOKEN": "any-token"}


@pytest.fixture(scope="module")
def mock(
    packaged: Callable[..., list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    log = tmp_path_factory.mktemp("mock") / "log"
    with serving(packaged("prism mock"), READY, log=log) as running:
        yield running


@pytest.fixture(scope="module")
def judged(mock: Serving, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Any]:
    """Judge the mock; return what the command showed, and its report."""
    folder = tmp_path_factory.mktemp("judged")
    result = run("run", mock.url, "--json", "report.json", cwd=folder, env=SETTINGS)
    return result, read_report(folder / "report.json")


def ask(mock: Serving, query: str, **headers: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{mock.url}{LAW.path}?{query}", headers=headers or None, timeout=60)


@pytest.mark.parametrize("query", documented(LAW), ids=str)
def test_it_answers_every_documented_query_by_an_example(mock: Serving, query: Any) -> None:
    answer = ask(mock, query.wire, **{"X-Authorization": "any-token"})
    assert answer.status_code == 200
    assert "sl-violations" not in answer.headers
    assert [provider["name"] for provider in answer.json()] == ["openAI", "SendGrid", "Pinecone"]


def test_another_example_can_be_asked_for(mock: Serving) -> None:
    headers = {"X-Authorization": "any-token", "Prefer": "example=modelProviders"}
    answer = ask(mock, "category=AI_MODEL&activeOnly=false", **headers)
    assert [provider["name"] for provider in answer.json()] == ["openAI"]


def test_it_refuses_as_the_examples_say(mock: Serving) -> None:
    stranger = ask(mock, "")
    assert (stranger.status_code, stranger.json()["error"]) == (401, "INVALID_TOKEN")
    unknown = ask(mock, "category=FAX", **{"X-Authorization": "any-token"})
    assert unknown.status_code == 400
    assert (
        "must be equal to one of the allowed values: AI_MODEL" in unknown.headers["sl-violations"]
    )


MEMBERS = "category, configuration, enabled, modelsCount, name, type"
WHY = {
    "FILTER-01": (
        "category=GIT",
        'provider "openAI" of category "AI_MODEL"',
        'only providers of category "GIT"',
    ),
    "FILTER-02": (
        "category=GIT&activeOnly=false",
        'provider "Pinecone", which it should leave out',
        'all providers of category "GIT" and no others',
    ),
    "FILTER-08": (
        "category=GIT",
        'provider "Pinecone", which it should leave out',
        'all active providers of category "GIT" and no others',
    ),
    "AUTH-03": ("", "status 200 with 3 providers", "status 401 or 403"),
    "AUTH-04": ("", "status 200 with 3 providers", "status 401 or 403"),
    "AUTH-06": (
        "",
        f"status 200 with an object with the members {MEMBERS}",
        "no provider data",
    ),
}
"""What a mock breaks that answers any token and any category alike: query, seen, expected."""
NO_INACTIVE = "the target showed no inactive provider"
UNDECIDED = {
    "SHAPE-08": "the target showed no tag",
    "FILTER-04": NO_INACTIVE,
    "FILTER-05": NO_INACTIVE,
    "FILTER-06": NO_INACTIVE,
    "FILTER-07": NO_INACTIVE,
}
"""What the examples have no evidence of, for they are those of the documentation."""


def of(report: Any, outcome: str) -> dict[str, Any]:
    return {one["id"]: one for one in report["requirements"] if one["outcome"] == outcome}


def test_the_suite_finds_it_not_conformant_for_these_reasons(judged: tuple[Result, Any]) -> None:
    result, report = judged
    assert (result.code, report["verdict"]) == (1, "non-conformant")
    failed = of(report, "failed")
    assert sorted(failed) == sorted(WHY)
    for name, (query, observed, expected) in WHY.items():
        found = [
            (one["query"], one["observed"], one["expected"]) for one in failed[name]["findings"]
        ]
        assert (query, observed, expected) in found, name


def test_the_suite_says_what_the_mock_has_no_evidence_of(judged: tuple[Result, Any]) -> None:
    _, report = judged
    undecided = of(report, "inconclusive")
    assert {name: one["reason"] for name, one in undecided.items()} == UNDECIDED
    assert {name: one["reason"] for name, one in of(report, "not-applicable").items()} == {
        "MODEL-06": "the server has no endpoint that lists a provider's models",
        "AUTH-05": "the server does not offer HEAD",
    }
    # Everything else is right about a mock made from examples, and is not blamed.
    assert len(of(report, "passed")) == len(LAW.requirements) - len(WHY) - len(UNDECIDED) - 2


def test_a_reader_of_the_terminal_sees_it_too(judged: tuple[Result, Any]) -> None:
    result, _ = judged
    assert 'response provider "openAI" of category "AI_MODEL"' in result.words
    assert 'expected only providers of category "GIT"' in result.words
    assert f"NOT CONFORMANT {len(WHY)} requirements are broken: {', '.join(WHY)}." in result.words
