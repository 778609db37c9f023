"""Secrets of configurations are hidden wherever a text repeats them, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.canned.exchanges import evidence, exchange, provider

from conformance.recording.repeated_secrets import RepeatedSecrets, secrets_of

SECRET = "sk-live-Conf1gSecr3tVal"


def of(**members: Any) -> RepeatedSecrets:
    body = [provider("openAI", **members), provider("gpt4-turbo-8k")]
    return secrets_of(evidence(replaced={"activeOnly=false": exchange(body, "activeOnly=false")}))


@pytest.mark.parametrize(
    "members",
    [
        {"configuration": {"api_key": SECRET}},
        {"configuration": {"deep": [{"password": [SECRET]}]}},
        {"configuration": json.dumps({"token": SECRET})},
        {"apiKey": SECRET},
    ],
)
def test_a_secret_is_hidden_in_every_text(members: dict[str, Any]) -> None:
    found = of(**members)
    assert found.hidden(f'"modelsCount" is the string "{SECRET}"') == (
        '"modelsCount" is the string "[setting]"'
    )
    assert found.hidden(f"{SECRET.upper()}, {SECRET[:12]}… and {SECRET}") == (
        "[setting], [setting]… and [setting]"
    )


@pytest.mark.parametrize(
    "members",
    [
        {"configuration": {"region": SECRET}},
        {"configuration": {"api_key": "pinecone"}},
        {"configuration": {"api_key": "gpt4-turbo-8k"}},
        {"configuration": {"api_key": "k3y"}},
        {"configuration": {"api_key": "${workflow.secrets.key1}"}},
        {"description": SECRET},
    ],
)
def test_other_settings_and_names_are_not_hidden(members: dict[str, Any]) -> None:
    text = f"{SECRET} pinecone gpt4-turbo-8k k3y ${{workflow.secrets.key1}}"
    assert of(**members).hidden(text) == text


def test_the_beginning_of_a_secret_alone_is_not_hidden() -> None:
    found = RepeatedSecrets([SECRET])
    for text in ("", "sk-live", f"{SECRET[:12]} and so on", SECRET[1:]):
        assert found.hidden(text) == text


def test_the_longest_secret_is_hidden_and_lengths_do_not_shift() -> None:
    found = RepeatedSecrets([SECRET, f"{SECRET}-2", 'quoted"s3cret\n'])
    assert found.hidden(f"İ {SECRET}-2 İ") == "İ [setting] İ"
    assert found.hidden('quoted"s3cret\\u000a!') == "[setting]!"


def test_without_evidence_nothing_is_hidden() -> None:
    assert secrets_of(None).hidden(SECRET) == SECRET
