"""SECRET-01 on canned responses: violations, legal responses and missing evidence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.canned.exchanges import evidence, exchange, provider
from support.canned.verdicts import UNFILTERED, Broken, answering, label, only, replacing, verdict

from conformance.checks.verdict import Outcome
from conformance.evidence.evidence import Evidence

CLEAR = "sk-live-6f1d0c2b9a8e4f73"
HOW = f"string of {len(CLEAR)} characters"
MASKED = "a mask or a reference"


def configured(configuration: Any) -> Evidence:
    """Return evidence in which the second of two providers has this configuration."""
    return answering([provider("first"), provider("odd", configuration=configuration)])


def clear(setting: str, where: str, configuration: Any) -> Broken:
    return Broken(
        id="SECRET-01",
        gathered=configured(configuration),
        observed=f'the secret setting "{setting}" of provider "odd" is in clear text ({HOW})',
        expected=MASKED,
        pointer=f"/1/configuration{where}",
    )


def open_setting(observed: str, where: str, configuration: Any) -> Broken:
    return Broken(
        id="SECRET-01",
        gathered=configured(configuration),
        observed=observed,
        expected=MASKED,
        pointer=f"/1/configuration{where}",
    )


BROKEN = [
    open_setting(
        f'the setting "Authorization" of provider "odd" holds a credential for authorisation '
        f"(string of {len(CLEAR) + 7} characters)",
        "/headers/Authorization",
        {"headers": {"Authorization": f"Bearer {CLEAR}"}},
    ),
    open_setting(
        'the setting "pat" of provider "odd" holds a credential by its form (string of 40 '
        "characters)",
        "/pat",
        {"pat": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"},
    ),
    open_setting(
        'the setting "brokers" of provider "odd" holds a password in an address (string of 25 '
        "characters)",
        "/brokers/1",
        {"brokers": ["amqp://a.example", "amqp://shop:s3cret@b.test"]},
    ),
    *(
        open_setting(
            f'a "value" beside the name of a secret is in clear text, of provider "odd" ({HOW})',
            "/properties/1/value",
            {"properties": [{key: "user", "value": "a"}, {key: "password", "value": CLEAR}]},
        )
        for key in ("name", "key")
    ),
    *(
        clear(setting, f"/{setting}", {"user": "shop", setting: CLEAR})
        for setting in (
            "api_key",
            "apiKey",
            "API_KEY",
            "password",
            "keyStorePassword",
            "client_secret",
            "schemaRegistryApiSecret",
            "secretAccessKey",
            "access_token",
            "privateKey",
            "connectionString",
            "serviceAccountCredentials",
        )
    ),
    clear("password", "/sasl/jaas/0/password", {"sasl": {"jaas": [{"password": CLEAR}]}}),
    clear("password", "/0/1/password", [[{}, {"password": CLEAR}]]),
    clear("password", "/secret/password", {"secret": {"password": CLEAR, "name": "x"}}),
    clear("a/b~c password", "/a~1b~0c password", {"a/b~c password": CLEAR}),
    # One secret in clear text is enough, even if others are masked.
    clear("token", "/token", {"api_key": "****", "token": CLEAR, "password": "${secrets.x}"}),
    Broken(
        id="SECRET-01",
        gathered=replacing("category=GIT", [provider("hub", configuration={"token": CLEAR})]),
        observed=f'the secret setting "token" of provider "hub" is in clear text ({HOW})',
        expected=MASKED,
        query="category=GIT",
        pointer="/0/configuration/token",
    ),
    # Including responses to undocumented queries.
    Broken(
        id="SECRET-01",
        gathered=evidence(
            exchange([provider("hub", configuration={"token": CLEAR})], "activeOnly=TRUE")
        ),
        observed=f'the secret setting "token" of provider "hub" is in clear text ({HOW})',
        expected=MASKED,
        query="activeOnly=TRUE",
        pointer="/0/configuration/token",
    ),
    Broken(
        id="SECRET-01",
        gathered=answering(
            [{**provider(), "name": None, "configuration": {"password": "hunter2"}}]
        ),
        observed='the secret setting "password" of provider null is in clear text '
        "(string of 7 characters)",
        expected=MASKED,
        pointer="/0/configuration/password",
    ),
]


@pytest.mark.parametrize("case", BROKEN, ids=label)
def test_broken(case: Broken) -> None:
    case.check()
    assert CLEAR not in repr(verdict(case.id, case.gathered))


@pytest.mark.parametrize(
    "value",
    [
        "********",
        "sk-****abcd",
        "sk-...abcd",
        "xxxxx",
        "",
        " ",
        None,
        True,
        12345678,
        1.5,
        "${workflow.secrets.x}",
        "{{ secret.x }}",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:openai",
        "vault:secret/openai#key",
        "<redacted>",
        "[hidden]",
        "REDACTED",
        [],
        {},
        [CLEAR],
        {"value": CLEAR},
    ],
    ids=repr,
)
@pytest.mark.parametrize("setting", ["api_key", "dbPassword", "clientSecret"])
def test_values_that_are_not_secrets_in_clear_text(setting: str, value: Any) -> None:
    result = verdict("SECRET-01", configured({setting: value}))
    assert (result.outcome, result.findings) == (Outcome.PASSED, ())


@pytest.mark.parametrize(
    "configuration",
    [
        {"passwordSet": "yes", "password": "****"},
        {"properties": [{"name": "password", "value": "****"}, {"name": "user", "value": CLEAR}]},
        {"name": "password", "value": "${workflow.secrets.x}"},
        {"headers": {"Authorization": "Bearer ${workflow.secrets.x}"}, "api_key": "****"},
    ],
)
def test_settings_that_only_mention_secrets(configuration: dict[str, Any]) -> None:
    result = verdict("SECRET-01", configured(configuration))
    assert (result.outcome, result.findings) == (Outcome.PASSED, ())


@pytest.mark.parametrize(
    "setting",
    [
        "secretName",
        "tokenUrl",
        "keyId",
        "passwordFile",
        "secretVersion",
        "user",
        "model",
        "max_tokens",
    ],
)
def test_settings_that_are_not_secret(setting: str) -> None:
    result = verdict("SECRET-01", configured({setting: CLEAR}))
    assert (result.outcome, result.findings) == (Outcome.PASSED, ())


@pytest.mark.parametrize(
    "member",
    [{"password": CLEAR}, {"description": CLEAR}, {"tags": [{"key": "password", "value": CLEAR}]}],
)
def test_only_the_configuration_is_searched(member: dict[str, Any]) -> None:
    result = verdict("SECRET-01", answering([provider(**member)]))
    assert (result.outcome, result.findings) == (Outcome.PASSED, ())


NONE = "the target showed no secret setting in a configuration"


@pytest.mark.parametrize(
    "gathered",
    [
        answering([]),
        answering([provider(configuration={})]),
        answering([provider(configuration={"user": "shop", "secretName": CLEAR})]),
        *(answering([provider(configuration=odd)]) for odd in (None, CLEAR, 7, [CLEAR], ...)),
        answering(["api_key", None, [provider(configuration={"api_key": CLEAR})]]),
        answering({"content": [provider(configuration={"api_key": CLEAR})]}),
        answering([provider(configuration={"api_key": CLEAR})], status=500),
        # Only this endpoint is judged.
        only(
            exchange([], UNFILTERED),
            exchange(
                [provider(configuration={"api_key": CLEAR})], UNFILTERED, path="/api/integrations/"
            ),
        ),
    ],
)
def test_inconclusive(gathered: Evidence) -> None:
    result = verdict("SECRET-01", gathered)
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, NONE)


def test_each_setting_of_each_provider_is_counted_once() -> None:
    several = {"password": CLEAR, "old": {"password": CLEAR}, "api_key": "****"}
    names = ("a", "b")
    gathered = answering([provider(name, configuration=several) for name in names])
    result = verdict("SECRET-01", gathered)
    assert result.reason == "4 violations"
    assert result.evidence == "6 secret settings, 2 providers"


def test_the_shortest_query_is_the_example() -> None:
    cluster = [provider(configuration={"token": CLEAR})]
    (finding,) = verdict("SECRET-01", evidence(cluster=cluster)).findings
    assert finding.query == ""
    assert CLEAR not in json.dumps(finding.message)


def test_deep_configurations_are_searched() -> None:
    deep: Any = {"password": CLEAR}
    for _ in range(200):
        deep = {"in": [deep]}
    (finding,) = verdict("SECRET-01", configured(deep)).findings
    assert finding.pointer == f"/1/configuration{'/in/0' * 200}/password"
    assert finding.message.endswith(f"({HOW}); expected {MASKED}")
