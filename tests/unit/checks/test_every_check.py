"""No check discloses values of a configuration, and no response causes an error in a check."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.canned.exchanges import evidence, exchange, provider
from support.canned.json_values import json_values
from support.canned.verdicts import LAW, UNFILTERED, answering, everywhere

from conformance.checks.judging import judge
from conformance.checks.registry import all_checks
from conformance.checks.verdict import Finding, Outcome
from conformance.evidence.evidence import Evidence
from conformance.target.refused_credentials import forms

CANARY = "CANARY-7d1f"
MODEL = {"integrationName": CANARY, "api": CANARY, "enabled": CANARY, "description": CANARY}
SECRET: tuple[Any, ...] = (
    CANARY,
    [CANARY, CANARY],
    [[CANARY]],
    {"api_key": CANARY},
    {"deep": [{"er": {"api_key": CANARY}}]},
    {"models": [MODEL, MODEL]},
    {"models": json.dumps([MODEL])},
    {"apis": [CANARY]},
    {"gpt-4o": MODEL},
    MODEL,
    json.dumps({"configuration": {"models": [MODEL]}}),
    {"configuration": CANARY, "name": CANARY},
)
"""Valid and invalid configurations, in which every value is secret."""


def holding(configuration: Any, name: str = "odd") -> dict[str, Any]:
    """Return a provider with as many errors as possible, and secrets in its configuration."""
    return {
        "name": name,
        "type": None,
        "category": "GIT",
        "configuration": configuration,
        "enabled": False,
        "modelsCount": -1,
        "createTime": 1,
        "updateTime": 0,
        "tags": [{"configuration": configuration}],
        "apis": [{"api": "gpt-4o", "configuration": configuration}],
        "details": {"configuration": configuration},
    }


def everything_wrong(configuration: Any) -> Evidence:
    """Return evidence with as many violations as possible, different ones in every result."""
    views = {}
    for number, query in enumerate(everywhere([])):
        # The secret differs between results, as if the server had generated it.
        secret = json.loads(json.dumps(configuration).replace(CANARY, f"{CANARY}-{number}"))
        views[query] = exchange([holding(secret), holding(secret, "even")], query)
    body = json.dumps([holding(configuration)])
    doubled = body.replace('"configuration": ', f'"configuration": "{CANARY}", "configuration": ')
    access = forms("an-opaque-token")[0].access
    return evidence(
        exchange(doubled.encode(), "activeOnly=maybe"),
        exchange(body[:-4].encode(), "category=NONE&activeOnly=false"),
        exchange([holding(configuration)], UNFILTERED, path="/api/integrations/"),
        exchange([holding(configuration)], path="/api/integrations/provider/odd/integration"),
        replaced=views,
        refusals=(replace(exchange([holding(configuration)], access=access), leaks=("body",)),),
        head_requests=(exchange(b"", access=access, method="HEAD"),),
    )


def findings(gathered: Evidence) -> list[Finding]:
    return [found for check in all_checks().values() for found in check(gathered).findings]


def test_no_value_of_a_configuration_is_in_any_verdict() -> None:
    concerned: set[str] = set()
    for configuration in SECRET:
        for verdict in judge(everything_wrong(configuration), LAW.requirements):
            assert CANARY not in repr(verdict), (verdict.requirement.id, configuration)
            if verdict.findings:
                concerned.add(verdict.requirement.id)
            if verdict.requirement.id == "FILTER-09":
                assert any('"configuration" of' in one.observed for one in verdict.findings)
    # Their checks examine values that may be part of a configuration.
    assert concerned >= {"HTTP-04", "SHAPE-08", "MODEL-01", "MODEL-02", "FILTER-09", "AUTH-06"}


ODD_VALUES = (
    *("1e400", "-1e400", "-0.0", "9" * 400, "9" * 5000, "NaN", "-Infinity", "null", "true", '""'),
    '"\\ud800"',
    '"\\u0000\\u001b[31m"',
    "[" * 300 + "]" * 300,
    '{"a":[' * 200 + "]}" * 200,
    '{"k": 1, "k": 2}',
    '[{"api": "x", "integrationName": "y"}]',
)
MEMBERS = (*LAW.element_schema["properties"], "unknown")


@pytest.mark.slow
@pytest.mark.parametrize("value", ODD_VALUES, ids=map(str, range(len(ODD_VALUES))))
def test_no_value_breaks_a_check(value: str) -> None:
    odd = [{**provider(f"odd-{member}"), member: "HERE"} for member in MEMBERS]
    for body in (json.dumps(odd).replace('"HERE"', value), value, f"[{value}]", f"[[{value}]]"):
        for finding in findings(answering(body.encode())):
            assert finding.message.isprintable()


JSON = json_values(MEMBERS)
PROVIDERS = st.lists(
    JSON | st.dictionaries(st.sampled_from(MEMBERS), JSON).map(lambda odd: {**provider(), **odd}),
    max_size=3,
)


@pytest.mark.slow
@settings(max_examples=30)
@given(PROVIDERS, PROVIDERS, st.sampled_from([200, 204, 400, 500]))
def test_no_answers_break_a_check(first: Any, second: Any, status: int) -> None:
    def body(value: Any) -> bytes:
        return json.dumps(value).encode()

    views = everywhere(body(first)) | {"": exchange(body(second), status=status)}
    verdicts = judge(evidence(replaced=views), LAW.requirements)
    assert len(verdicts) == len(LAW.requirements)
    for verdict in verdicts:
        assert verdict.reason.isprintable()
        assert (verdict.outcome is Outcome.FAILED) == bool(verdict.findings)


def test_a_correct_cluster_has_no_violations() -> None:
    assert findings(evidence()) == []


@pytest.mark.parametrize("insecure", [True, False])
def test_the_command_of_a_finding_has_the_options_of_the_run(insecure: bool) -> None:
    gathered = evidence(
        replaced={"": exchange(b"", status=500)}, insecure=insecure, headers=("X-Tenant",)
    )
    (finding,) = all_checks()["HTTP-01"](gathered).findings
    assert ("-k" in finding.curl.split()) is insecure
    assert "'X-Tenant: [value given by --header]'" in finding.curl
    assert "$CONDUCTOR_AUTH_TOKEN" in finding.curl
