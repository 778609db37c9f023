"""SECRET-01 on canned responses: violations, legal responses and missing evidence."""

from __future__ import annotations

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


def clear(observed: str, where: str, configuration: Any) -> Broken:
    place = f"/1/configuration{where}"
    return Broken("SECRET-01", configured(configuration), observed, MASKED, "", place)


def secret(setting: str, who: str = '"odd"', how: str = HOW) -> str:
    return f'the secret setting "{setting}" of provider {who} is in clear text ({how})'


HUB = provider("hub", configuration={"token": CLEAR})
BROKEN = [
    clear(
        f'the setting "Authorization" of provider "odd" holds a credential for authorisation '
        f"(string of {len(CLEAR) + 7} characters)",
        "/headers/Authorization",
        {"headers": {"Authorization": f"Bearer {CLEAR}"}},
    ),
    clear(
        'the setting "pat" of provider "odd" holds a credential by its form (string of 40 '
        "characters)",
        "/pat",
        {"pat": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"},
    ),
    clear(
        'the setting "brokers" of provider "odd" holds a password in an address (string of 25 '
        "characters)",
        "/brokers/1",
        {"brokers": ["amqp://a.example", "amqp://shop:s3cret@b.test"]},
    ),
    *(
        clear(
            f'a "value" beside the name of a secret is in clear text, of provider "odd" ({HOW})',
            "/properties/1/value",
            {"properties": [{key: "user", "value": "a"}, {key: "password", "value": CLEAR}]},
        )
        for key in ("name", "key")
    ),
    *(
        clear(secret(setting), f"/{setting}", {"user": "shop", setting: CLEAR})
        for setting in ("api_key", "keyStorePassword", "connectionString", "privateKey")
    ),
    *(
        clear(secret(setting), where, configuration)
        for setting, where, configuration in (
            ("password", "/sasl/jaas/0/password", {"sasl": {"jaas": [{"password": CLEAR}]}}),
            ("password", "/0/1/password", [[{}, {"password": CLEAR}]]),
            ("password", "/secret/password", {"secret": {"password": CLEAR, "name": "x"}}),
            ("a/b~c password", "/a~1b~0c password", {"a/b~c password": CLEAR}),
            # One secret in clear text is enough, even if others are masked.
            ("token", "/token", {"api_key": "****", "token": CLEAR, "password": "${secrets.x}"}),
        )
    ),
    # Including responses to undocumented queries.
    *(
        Broken(
            "SECRET-01", gathered, secret("token", '"hub"'), MASKED, query, "/0/configuration/token"
        )
        for query, gathered in (
            ("category=GIT", replacing("category=GIT", [HUB])),
            ("activeOnly=TRUE", evidence(exchange([HUB], "activeOnly=TRUE"))),
        )
    ),
    Broken(
        "SECRET-01",
        answering([{**provider(), "name": None, "configuration": {"password": "hunter2"}}]),
        secret("password", "null", "string of 7 characters"),
        MASKED,
        "",
        "/0/configuration/password",
    ),
]


@pytest.mark.parametrize("case", BROKEN, ids=label)
def test_broken(case: Broken) -> None:
    case.check()
    assert CLEAR not in repr(verdict(case.id, case.gathered))


@pytest.mark.parametrize(
    "configuration",
    [
        *(
            {setting: value}
            for setting in ("api_key", "dbPassword")
            for value in ("********", "", None, 12345678, "${workflow.secrets.x}", [CLEAR])
        ),
        *({"password": "****", other: CLEAR} for other in ("secretName", "keyId", "max_tokens")),
        {"passwordSet": "yes", "password": "****"},
        {"properties": [{"name": "password", "value": "****"}, {"name": "user", "value": CLEAR}]},
        {"name": "password", "value": "${workflow.secrets.x}"},
        {"headers": {"Authorization": "Bearer ${workflow.secrets.x}"}, "api_key": "****"},
    ],
    ids=repr,
)
def test_configurations_without_secrets_in_clear_text(configuration: dict[str, Any]) -> None:
    result = verdict("SECRET-01", configured(configuration))
    assert (result.outcome, result.findings) == (Outcome.PASSED, ())


NONE = "the target showed no secret setting in a configuration"


@pytest.mark.parametrize(
    "gathered",
    [
        answering([]),
        answering([provider(configuration={})]),
        answering([provider(configuration={"user": "shop", "secretName": CLEAR})]),
        *(answering([provider(configuration=odd)]) for odd in (None, CLEAR, 7, [CLEAR], ...)),
        # Only the configuration is searched.
        answering(
            [provider(configuration={}, password=CLEAR, tags=[{"key": "password", "value": CLEAR}])]
        ),
        answering(["api_key", None, [HUB]]),
        answering({"content": [HUB]}),
        answering([HUB], status=500),
        # Only this endpoint is judged.
        only(exchange([], UNFILTERED), exchange([HUB], UNFILTERED, path="/api/integrations/")),
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


def test_deep_configurations_are_searched() -> None:
    deep: Any = {"password": CLEAR}
    for _ in range(200):
        deep = {"in": [deep]}
    (finding,) = verdict("SECRET-01", configured(deep)).findings
    assert finding.pointer == f"/1/configuration{'/in/0' * 200}/password"
    assert finding.message.endswith(f"({HOW}); expected {MASKED}")


@pytest.mark.slow
def test_of_many_settings_the_first_are_searched() -> None:
    settings = {f"s{number}": [number] for number in range(6000)}
    result = verdict("SECRET-01", configured(settings))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.reason == (
        'the configuration of provider "odd" has more than 10,000 settings; '
        "only the first were searched"
    )
    found = verdict("SECRET-01", configured({"password": CLEAR, **settings}))
    assert found.outcome is Outcome.FAILED
