"""``x-fixtures``: the requests that write, and what is refused in a contract."""

from __future__ import annotations

from typing import Any

import pytest
from support.canned.contracts import GONE, Path, changed, complaint, law_with, short, written

from conformance.contract.fixtures import Action
from conformance.contract.loader import load

FIXTURES = load().fixtures
REQUESTS: Path = ("x-fixtures", "requests")


def test_the_shipped_contract_names_every_request_and_inert_kinds() -> None:
    assert FIXTURES is not None
    assert [(one.method, one.path_of("a/b", "m n")) for one in FIXTURES.requests.values()] == [
        ("GET", "/api/integrations/provider/a%2Fb"),
        ("POST", "/api/integrations/provider/a%2Fb"),
        ("POST", "/api/integrations/provider/a%2Fb/integration/m%20n"),
        ("PUT", "/api/integrations/provider/a%2Fb/tags"),
        ("DELETE", "/api/integrations/provider/a%2Fb/integration/m%20n"),
        ("DELETE", "/api/integrations/provider/a%2Fb"),
    ]
    assert {one.type for one in FIXTURES.kinds} == {"openai", "git", "sendgrid"}
    assert all(one.source.startswith("documentation: ") for one in FIXTURES.requests.values())


def test_a_body_is_filled_with_values_of_any_type() -> None:
    assert FIXTURES is not None
    tag = FIXTURES.requests[Action.TAG].body_of({"key": "a", "value": "{key}"})
    assert tag == [{"key": "a", "value": "{key}"}]
    model = FIXTURES.requests[Action.ADD_MODEL].body_of({"description": "d", "enabled": False})
    assert model == {"description": "d", "enabled": False, "configuration": {}}
    assert FIXTURES.requests[Action.REMOVE].body_of({}) is None


def test_a_contract_without_fixtures_has_none() -> None:
    assert law_with(("x-fixtures",), GONE).fixtures is None


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("x-fixtures",), [], "x-fixtures is a list, not a mapping"),
        (("x-fixtures", "requests"), GONE, "x-fixtures.requests is missing"),
        ((*REQUESTS, "tag"), GONE, "x-fixtures.requests.tag is missing"),
        (
            (*REQUESTS, "drop"),
            {},
            f"x-fixtures.requests.drop is not one of {', '.join(Action)}",
        ),
        (
            (*REQUESTS, "create", "method"),
            "DELETE",
            "x-fixtures.requests.create.method is 'DELETE', not POST or PUT",
        ),
        (
            (*REQUESTS, "remove", "path"),
            "/api/integrations/provider",
            "x-fixtures.requests.remove.path must start with /api/ and contain {name} only",
        ),
        (
            (*REQUESTS, "addModel", "path"),
            "/api/integrations/provider/{name}",
            (
                "x-fixtures.requests.addModel.path must start with /api/ and contain {name} and "
                "{model} only"
            ),
        ),
        ((*REQUESTS, "create", "body"), GONE, "x-fixtures.requests.create.body is missing"),
        (
            (*REQUESTS, "remove", "body"),
            {"a": 1},
            "x-fixtures.requests.remove.body is not sent with DELETE; remove it",
        ),
        (
            (*REQUESTS, "tag", "body"),
            [{"owner": "{owner}"}],
            "x-fixtures.requests.tag.body names {owner}, which has no value",
        ),
        (
            ("x-fixtures", "providers", 0, "configuration"),
            {"port": 1},
            "x-fixtures.providers[0].configuration.port is a number, not a string",
        ),
        (
            ("x-fixtures", "providers"),
            [],
            "x-fixtures.providers must have one entry each for two categories or more",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(path: Path, value: Any, problem: str) -> None:
    assert complaint(*written(changed(path, value, short))) == f"is not usable: {problem}"
