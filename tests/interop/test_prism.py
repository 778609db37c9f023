"""Prism, as a mock of the contract and as a proxy that validates what passes through it.

The suite says why a mock of the examples is not conformant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import requests
from support.processes.command import Result, failed, read_report, run
from support.processes.outside import Serving, serving
from support.servers.clients import Reference, served

from conformance.contract.loader import load
from conformance.contract.query import documented
from conformance.selftest.catalogue import fault

LAW = load()
DOCUMENTED = documented(LAW)
ANY = "any-token"


def prism(words: list[str], folder: Path) -> AbstractContextManager[Serving]:
    return serving(words, r"Prism is listening on (http://\S+)", log=folder / "log")


def ask(url: str, query: str, token: str, **headers: str) -> requests.Response:
    headers["X-Authorization"] = token
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{url}{LAW.path}?{query}", headers=headers, timeout=60)


# ----------------------------------------------------------------------------------- the mock


@pytest.fixture(scope="module")
def mock(
    packaged: Callable[..., list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with prism(packaged("prism mock"), tmp_path_factory.mktemp("mock")) as running:
        yield running.url


@pytest.fixture(scope="module")
def judged(mock: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Any]:
    """Judge the mock; return what the command showed, and its report."""
    folder = tmp_path_factory.mktemp("judged")
    env = {"CONDUCTOR_AUTH_TOKEN": ANY}
    result = run("run", mock, "--json", "report.json", cwd=folder, env=env)
    return result, read_report(folder / "report.json")


@pytest.mark.parametrize("query", [*(one.wire for one in DOCUMENTED), "category=QUANTUM"])
def test_it_responds_to_every_category_with_an_example(mock: str, query: str) -> None:
    answer = ask(mock, query, ANY)
    assert answer.status_code == 200
    assert "sl-violations" not in answer.headers
    assert [provider["name"] for provider in answer.json()] == ["openAI", "SendGrid", "Pinecone"]


@pytest.mark.parametrize("name", ["allProviders", "activeProviders", "modelProviders"])
def test_it_shows_every_example(mock: str, name: str) -> None:
    answer = ask(mock, "", ANY, Prefer=f"example={name}")
    assert answer.json() == LAW.document["components"]["examples"][name]["value"]


FIELDS = "category, configuration, enabled, modelsCount, name, type"
LEFT_IN = 'provider "Pinecone", which it should leave out'
LISTED = "status 200 with 3 providers"
WHY = {
    "FILTER-01": (
        "category=GIT",
        'provider "openAI" of category "AI_MODEL"',
        'only providers of category "GIT"',
    ),
    "FILTER-02": (
        "category=GIT&activeOnly=false",
        LEFT_IN,
        'all providers of category "GIT" and no others',
    ),
    "FILTER-03": (
        "category=0&activeOnly=false",
        '3 providers, such as "openAI" of category "AI_MODEL"',
        "[] or a 4xx status, for no provider has this category",
    ),
    "FILTER-08": ("category=GIT", LEFT_IN, 'all active providers of category "GIT" and no others'),
    "AUTH-03": ("", LISTED, "status 401 or 403"),
    "AUTH-04": ("", LISTED, "status 401 or 403"),
    "AUTH-06": ("", f"status 200 with an object with the fields {FIELDS}", "no provider data"),
}
"""What a mock breaks that answers any token and any category alike: query, seen, expected."""
NO_EXPIRED_TOKEN = "no expired token was given in the variable CONDUCTOR_EXPIRED_TOKEN"
UNDECIDED = {
    "SHAPE-08": "the target showed no tag",
    "MODEL-02": "the target showed no provider with models that are recognisable under any name",
    # Queries whose results are mostly wrong are not compared.
    "STABLE-01": (
        "the target showed only 42 responses that could be compared with each other (72 needed)"
    ),
    **dict.fromkeys(
        ("FILTER-04", "FILTER-05", "FILTER-06", "FILTER-07"),
        "the target showed no inactive provider",
    ),
}
"""What the examples have no evidence of, for they are those of the documentation."""


def of(report: Any, outcome: str) -> dict[str, Any]:
    return {one["id"]: one for one in report["requirements"] if one["outcome"] == outcome}


def test_the_suite_finds_it_not_conformant_for_these_reasons(judged: tuple[Result, Any]) -> None:
    result, report = judged
    assert (result.code, report["verdict"]) == (1, "non-conformant")
    broken = of(report, "failed")
    assert sorted(broken) == sorted(WHY)
    for name, shown in WHY.items():
        found = broken[name]["findings"]
        assert shown in [(one["query"], one["observed"], one["expected"]) for one in found], name


def test_the_suite_says_what_the_mock_has_no_evidence_of(judged: tuple[Result, Any]) -> None:
    _, report = judged
    undecided = of(report, "inconclusive")
    assert {name: one["reason"] for name, one in undecided.items()} == UNDECIDED
    assert {name: one["reason"] for name, one in of(report, "not-applicable").items()} == {
        "MODEL-06": "the server has no endpoint that lists a provider's models",
        **dict.fromkeys(("AUTH-05", "HTTP-06"), "the server does not offer HEAD"),
        **dict.fromkeys(("AUTH-11", "AUTH-12"), NO_EXPIRED_TOKEN),
        **{name: "read-only run" for name in of(report, "not-applicable") if "LIFECYCLE" in name},
    }
    # Everything else is right about a mock made from examples, and is not blamed.
    others = len(WHY) + len(UNDECIDED) + len(of(report, "not-applicable"))
    assert len(of(report, "passed")) == len(LAW.requirements) - others


# ---------------------------------------------------------------------------------- the proxy


@pytest.fixture(scope="module")
def proxy(
    packaged: Callable[..., list[str]],
    reference: Reference,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    words = packaged("prism proxy", upstream=reference.url)
    with prism(words, tmp_path_factory.mktemp("proxy")) as running:
        yield running.url


@pytest.mark.parametrize("query", DOCUMENTED, ids=str)
def test_no_documented_query_violates_the_contract(
    proxy: str, reference: Reference, query: Any
) -> None:
    through = ask(proxy, query.wire, reference.token)
    direct = ask(reference.url, query.wire, reference.token)
    assert (through.status_code, through.content) == (direct.status_code, direct.content)
    assert through.status_code == 200
    assert "sl-violations" not in through.headers


def test_requests_are_validated_as_well(mock: str, proxy: str, reference: Reference) -> None:
    malformed = "activeOnly=maybe"
    assert ask(mock, malformed, ANY).status_code == 400
    refused = ask(proxy, malformed, reference.token)
    assert (refused.status_code, refused.json()["validation"][0]["code"]) == (422, "type")
    assert [ask(url, "", "").status_code for url in (mock, proxy)] == [401, 401]


def test_the_proxy_leaves_unlisted_categories_to_the_server(
    proxy: str, reference: Reference
) -> None:
    through = ask(proxy, "category=QUANTUM", reference.token)
    assert (through.status_code, through.json()) == (200, [])


def test_the_server_is_conformant_through_the_proxy(
    packaged: Callable[..., list[str]], reference: Reference, tmp_path: Path
) -> None:
    with prism(packaged("prism proxy", upstream=reference.url), tmp_path) as proxy:
        env = {"CONDUCTOR_AUTH_TOKEN": reference.token}
        done = run("run", proxy.url, "--json", "report.json", cwd=tmp_path, env=env)
        said = proxy.said()
    report = read_report(tmp_path / "report.json")
    assert (done.code, report["verdict"], failed(report)) == (0, "conformant", set()), done.out
    assert not [line for line in said if "VIOLATIONS" in line or "iolation:" in line]
    assert len([line for line in said if "has returned 200" in line]) > len(DOCUMENTED)


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        (
            "shape-members-with-underscores",
            "category=AI_MODEL",
            "Response body property 0 must have required property 'modelsCount'",
        ),
        # What is embedded, and what filters mean, it does not see.
        ("model-apis-always", "category=AI_MODEL", ""),
        ("filter-category-ignored", "category=GIT", ""),
    ],
)
def test_it_sees_the_shape_of_what_a_wrong_server_answers(
    packaged: Callable[..., list[str]], tmp_path: Path, name: str, query: str, said: str
) -> None:
    with served(fault(name).make()) as wrong:
        words = packaged("prism proxy", upstream=wrong.url)
        with prism(words, tmp_path) as proxy:
            answer = ask(proxy.url, query, wrong.token)
        direct = ask(wrong.url, query, wrong.token)
    if said:
        assert answer.status_code == 500
        assert said in [one["message"] for one in answer.json()["validation"]]
    else:
        assert (answer.status_code, answer.json()) == (200, direct.json())
        assert answer.json()
