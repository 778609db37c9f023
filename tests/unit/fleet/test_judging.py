"""What the process of a worker makes of an order: a report, whatever is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.canned.fleets import order

from conformance.cli.fleet import OF_RUN
from conformance.core.own_json import check
from conformance.fleet.judging import judged
from conformance.fleet.order import Order
from conformance.reference import EmbeddedServer, ReferenceServer

VALUES: dict[str, Any] = {
    **dict.fromkeys(str(one.name) for one in OF_RUN.values()),
    "headers": (),
    "header_variables": (),
    "only": ("HTTP-01",),
    "skip": (),
    "profile": "quick",
    "seed": 7,
    "fail_on": "must",
    "require_evidence": False,
    "timeout": 5.0,
    "retry_budget": 0.0,
    "wait": 0.0,
    "parallel": 8,
    "resolve": (),
    "insecure": False,
}
SERVER = ReferenceServer()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with EmbeddedServer(SERVER) as embedded:
        yield embedded.url


def ordered(url: str, *variables: tuple[str, str], **values: Any) -> Order:
    return order("a", url=url, variables=variables, values=VALUES | values)


@pytest.mark.slow
def test_credentials_are_those_that_the_order_names(url: str) -> None:
    token = SERVER.issue_token()
    one = ordered(url, ("CONDUCTOR_AUTH_TOKEN", "EU_TOKEN"))
    # The one for all is not sent to a target that has its own.
    result = judged(one, {"EU_TOKEN": token, "CONDUCTOR_AUTH_TOKEN": "wrong"})
    assert result.entry.exit_code == 0
    report = json.loads(result.texts["json"])
    check(report, "report.schema.json")
    assert (report["seed"], report["profile"]) == (7, "quick")
    assert result.entry.digest == one.digest
    pair = ordered(url, ("CONDUCTOR_AUTH_KEY", "K"), ("CONDUCTOR_AUTH_SECRET", "S"))
    keys = {"K": SERVER.key_id, "S": SERVER.key_secret}
    assert judged(pair, keys).entry.exit_code == 0
    assert judged(ordered(url), {"CONDUCTOR_AUTH_TOKEN": token}).entry.exit_code == 0


def test_what_is_wrong_is_the_result(url: str, tmp_path: Path) -> None:
    named = ("CONDUCTOR_AUTH_TOKEN", "NOT_SET")
    for one, told in (
        (ordered(url, named), "The variable NOT_SET is not set for the worker on "),
        (ordered(url, token_file=tmp_path / "none"), "Cannot read the token file"),
        (ordered(url, baseline_file=str(tmp_path / "none")), "There is no baseline"),
        (ordered(url, ca_bundle=tmp_path / "none"), ""),
        (ordered("http://127.0.0.1:9"), "http://127.0.0.1:9/api could not be tested"),
    ):
        result = judged(one, {})
        assert result.entry.exit_code == 3
        assert result.entry.reason.startswith(told), result.entry.reason
        check(json.loads(result.texts["json"]), "report.schema.json")


def test_other_formats(url: str) -> None:
    formats = ("json", "html", "markdown", "junit", "badge")
    one = order("a", url=url, values=VALUES, formats=formats)
    result = judged(one, {"CONDUCTOR_AUTH_TOKEN": SERVER.issue_token()})
    assert tuple(result.texts) == tuple(result.entry.reports) == formats
    assert result.entry.reports["junit"] == "targets/a.xml"
