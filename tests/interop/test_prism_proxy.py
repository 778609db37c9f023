"""Prism validates what passes through it: all of the right server, not that of wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from support.processes.command import failed, read_report, run
from support.processes.outside import Serving, serving
from support.servers.clients import Reference, served

from conformance.contract.loader import load
from conformance.contract.query import documented
from conformance.selftest.catalogue import fault

LAW = load()
READY = r"Prism is listening on (http://\S+)"
DOCUMENTED = documented(LAW)


@contextmanager
def proxied(words: list[str], folder: Path) -> Iterator[Serving]:
    with serving(words, READY, log=folder / "log") as running:
        yield running


def ask(url: str, query: str, token: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(
            f"{url}{LAW.path}?{query}", headers={"X-Authorization": token}, timeout=60
        )


@pytest.fixture(scope="module")
def proxy(
    packaged: Callable[..., list[str]],
    reference: Reference,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Serving]:
    words = packaged("prism proxy", upstream=reference.url)
    with proxied(words, tmp_path_factory.mktemp("proxy")) as running:
        yield running


@pytest.mark.parametrize("query", DOCUMENTED, ids=str)
def test_no_documented_query_violates_the_contract(
    proxy: Serving, reference: Reference, query: Any
) -> None:
    through = ask(proxy.url, query.wire, reference.token)
    direct = ask(reference.url, query.wire, reference.token)
    assert (through.status_code, through.content) == (direct.status_code, direct.content)
    assert through.status_code == 200
    assert "sl-violations" not in through.headers


def test_requests_are_validated_as_well(proxy: Serving, reference: Reference) -> None:
    unlisted = ask(proxy.url, "category=FAX", reference.token)
    assert (unlisted.status_code, unlisted.json()["validation"][0]["code"]) == (422, "enum")
    stranger = ask(proxy.url, "", "")
    assert stranger.status_code == 401


def test_nothing_that_the_suite_asks_is_answered_in_violation_of_the_contract(
    packaged: Callable[..., list[str]], reference: Reference, tmp_path: Path
) -> None:
    # Requests are let through as they are, so that answers to unusual ones are validated, too.
    words = packaged("prism proxy", upstream=reference.url)
    with proxied([*words, "--validate-request", "false"], tmp_path) as proxy:
        env = {"CONDUCTOR_AUTH_TOKEN": reference.token}
        done = run("run", proxy.url, "--json", "report.json", cwd=tmp_path, env=env)
        said = proxy.said()
    report = read_report(tmp_path / "report.json")
    assert (done.code, report["verdict"], failed(report)) == (0, "conformant", set()), done.out
    assert not [line for line in said if "VIOLATIONS" in line or "iolation:" in line]
    assert len([line for line in said if "has returned 200" in line]) > len(DOCUMENTED)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "shape-members-with-underscores",
            "Response body property 0 must have required property 'modelsCount'",
        ),
        ("model-apis-always", "Response body property 0.apis must NOT have more than 0 items"),
    ],
)
def test_it_sees_what_a_wrong_server_answers(
    packaged: Callable[..., list[str]], tmp_path: Path, name: str, said: str
) -> None:
    with served(fault(name).make()) as wrong:
        words = packaged("prism proxy", upstream=wrong.url)
        with proxied(words, tmp_path) as proxy:
            answer = ask(proxy.url, "category=AI_MODEL", wrong.token)
    assert answer.status_code == 500
    assert said in [one["message"] for one in answer.json()["validation"]]


def test_it_does_not_see_what_the_filters_mean(
    packaged: Callable[..., list[str]], tmp_path: Path
) -> None:
    with served(fault("filter-category-ignored").make()) as wrong:
        words = packaged("prism proxy", upstream=wrong.url)
        with proxied(words, tmp_path) as proxy:
            answer = ask(proxy.url, "category=GIT", wrong.token)
    assert answer.status_code == 200
    assert {provider["category"] for provider in answer.json()} > {"AI_MODEL"}
