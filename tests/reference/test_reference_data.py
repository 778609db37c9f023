"""Test that the default cluster has the evidence for all requirements and no secrets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import FrozenInstanceError

import pytest

from conformance.reference import Model, Provider, Tag, default_cluster

DOCUMENTED_CATEGORIES = {
    "AI_MODEL",
    "VECTOR_DB",
    "MESSAGE_BROKER",
    "CLOUD",
    "RELATIONAL_DB",
    "GIT",
    "EMAIL",
}
DOCUMENTED_TYPES = set(
    re.findall(
        r"\w+",
        "ollama azure_openai openai perplexity grok cohere mistral anthropic vertex_ai "
        "vertex_ai_gemini huggingface aws_bedrock_anthropic aws_bedrock_cohere aws_bedrock_titan "
        "pineconedb weaviatedb pgvectordb mongovectordb amqp kafka nats aws_sqs azure_service_bus "
        "gcp_pubsub ibm_mq aws gcp relational_db sendgrid git",
    )
)
SECRET_FIELDS = re.compile("key$|password$|secret$|token$|^file$|credentials$", re.IGNORECASE)
SAFE_SECRET = re.compile(r"\$\{workflow\.secrets\.\w+\}|\*{8}")

CLUSTER = default_cluster()


def test_every_category_has_what_the_filters_need() -> None:
    active = {provider.category for provider in CLUSTER if provider.enabled}
    inactive = {provider.category for provider in CLUSTER if not provider.enabled}
    assert len(CLUSTER) == 16
    assert inactive == DOCUMENTED_CATEGORIES
    assert active == DOCUMENTED_CATEGORIES - {"GIT"}


def test_providers_vary_in_what_they_hold() -> None:
    assert {len(provider.models) for provider in CLUSTER} == {0, 1, 2, 3, 5}
    assert any(0 < provider.models_count < len(provider.models) for provider in CLUSTER)
    assert any(not provider.enabled and provider.models_count for provider in CLUSTER)
    assert {bool(provider.tags) for provider in CLUSTER} == {True, False}
    assert sum(not provider.name.isascii() for provider in CLUSTER) >= 2
    assert any(not (provider.description or "").isascii() for provider in CLUSTER)
    for member in ("description", "created_by", "updated_by", "owner_app", "create_time"):
        assert {getattr(provider, member) is None for provider in CLUSTER} == {True, False}, member


def test_names_are_unique_and_types_documented() -> None:
    assert max(Counter(provider.name for provider in CLUSTER).values()) == 1
    assert {provider.type for provider in CLUSTER} <= DOCUMENTED_TYPES


def test_times_are_plausible_and_ordered() -> None:
    timed: list[Provider | Model] = [*CLUSTER]
    timed += [model for provider in CLUSTER for model in provider.models]
    pairs = [(item.create_time, item.update_time) for item in timed]
    known = [(created, updated) for created, updated in pairs if created and updated]
    assert len(known) >= len(pairs) - 2
    for created, updated in known:
        # From the beginning of 2023 to the end of 2025, in milliseconds.
        assert 1_672_531_200_000 <= created <= updated < 1_767_225_600_000
    assert sum(created == updated for created, updated in known) == 1


def test_secret_values_are_references_or_masks() -> None:
    secrets = [
        value
        for provider in CLUSTER
        for name, value in provider.configuration.items()
        if SECRET_FIELDS.search(name)
    ]
    assert len(secrets) > 10
    for value in secrets:
        assert SAFE_SECRET.fullmatch(str(value)), value
    # No other value is long and random enough to look like a key.
    everything = json.dumps([provider.as_dict() for provider in CLUSTER])
    assert not re.search(r"sk-|AKIA|ghp_|SG\.|eyJ|-----BEGIN|[A-Za-z0-9]{24}", everything)


def test_an_absent_member_is_absent_not_null() -> None:
    bare = Provider(name="n", type="git", category="GIT")
    assert bare.as_dict() == {
        "name": "n",
        "type": "git",
        "category": "GIT",
        "configuration": {},
        "enabled": True,
        "tags": [],
        "modelsCount": 0,
    }
    full = Provider(
        name="n",
        type="openai",
        category="AI_MODEL",
        enabled=False,
        description="",
        configuration={"endpoint": "e"},
        models=(Model(api="on"), Model(api="off", enabled=False)),
        tags=(Tag(key="k", value="v"),),
        create_time=0,
        update_time=1,
        created_by="a",
        updated_by="b",
        owner_app="c",
    )
    assert full.as_dict() == {
        "createTime": 0,
        "updateTime": 1,
        "createdBy": "a",
        "updatedBy": "b",
        "name": "n",
        "type": "openai",
        "description": "",
        "category": "AI_MODEL",
        "configuration": {"endpoint": "e"},
        "enabled": False,
        "tags": [{"key": "k", "value": "v"}],
        "modelsCount": 1,
        "ownerApp": "c",
    }
    assert full.models[1].as_dict("n") == {
        "integrationName": "n",
        "api": "off",
        "configuration": {},
        "enabled": False,
    }


def test_a_provider_cannot_be_changed() -> None:
    given = {"endpoint": "e"}
    provider = Provider(name="n", type="git", category="GIT", configuration=given)
    given["endpoint"] = "changed"
    shown = provider.as_dict()["configuration"]
    assert isinstance(shown, dict)
    shown["endpoint"] = "changed"
    assert provider.configuration == {"endpoint": "e"}
    with pytest.raises(TypeError):
        provider.configuration["endpoint"] = "changed"  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        provider.name = "changed"  # type: ignore[misc]
    assert len({provider, *CLUSTER}) == len(CLUSTER) + 1


def test_importing_the_package_starts_no_server_library() -> None:
    program = (
        "import sys, conformance; before = set(sys.modules)\n"
        "import conformance.reference as r; r.default_cluster()\n"
        "print({'starlette', 'uvicorn'} & (set(sys.modules) - before))\n"
        "r.ReferenceServer; r.serve; assert not hasattr(r, 'nonsense')\n"
        "assert all(hasattr(r, name) for name in r.__all__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")
