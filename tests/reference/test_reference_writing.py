"""Test that providers, models and tags are created, changed and removed as documented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest
from support.servers.writing_client import LISTING, WritingClient

from conformance.reference import EmbeddedServer, Provider, ReferenceServer, Tag, default_cluster
from conformance.reference.entities import MASK, Model
from conformance.reference.reading import Refusal
from conformance.reference.writing import (
    CATEGORIES,
    Author,
    Write,
    add_tags,
    delete_model,
    delete_provider,
    find,
    save_model,
    save_provider,
)

CLUSTER = default_cluster()
ANA = Author(name="ana", time=1_000)
BEN = Author(name="ben", time=2_000)
NEW = {
    "type": "openai",
    "category": "AI_MODEL",
    "description": "made for a test",
    "enabled": False,
    "configuration": {"api_key": "not-a-key", "endpoint": "https://example.com"},
}
MODEL = {"description": "a model", "enabled": True, "configuration": {}}


# What a write makes of a cluster ------------------------------------------------------------


def test_the_types_of_the_cluster_have_its_categories() -> None:
    assert {one.type: one.category for one in CLUSTER}.items() <= CATEGORIES.items()


def test_a_new_provider_comes_last_and_its_secrets_are_masked() -> None:
    *others, new = save_provider(CLUSTER, "new", NEW, ANA)
    assert tuple(others) == CLUSTER
    assert new == Provider(
        name="new",
        type="openai",
        category="AI_MODEL",
        description="made for a test",
        enabled=False,
        configuration={"api_key": MASK, "endpoint": "https://example.com"},
        create_time=1_000,
        update_time=1_000,
        created_by="ana",
        updated_by="ana",
    )


def test_the_type_alone_is_enough() -> None:
    (new,) = save_provider((), "new", {"type": "git", "category": None}, ANA)
    assert (new.category, new.enabled, new.description) == ("GIT", True, None)


def test_an_update_stays_in_its_place_and_keeps_what_it_leaves_out() -> None:
    cluster = save_provider(CLUSTER, "anthropic", {"enabled": False, "type": "anthropic"}, BEN)
    old = CLUSTER[1]
    changed = replace(old, enabled=False, update_time=2_000, updated_by="ben")
    assert cluster == (CLUSTER[0], changed, *CLUSTER[2:])


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("new", {"type": "unheard of"}, 404),
        ("openAI", {"type": "unheard of"}, 404),
        ("openAI", {"type": "anthropic"}, 400),
        ("new", {}, 400),
        ("new", [NEW], 400),
        ("new", None, 400),
        *(("new", {**NEW, name: 1}, 400) for name in NEW),
        ("new", {**NEW, "configuration": {"nested": {}}}, 400),
        ("new", {**NEW, "configuration": {"none": None}}, 400),
        ("new", {**NEW, "configuration": {"\ud800": 1}}, 400),
        ("new", {**NEW, "description": "\ud800"}, 400),
    ],
)
def test_a_provider_that_cannot_be_saved_is_refused(name: str, body: object, status: int) -> None:
    with pytest.raises(Refusal) as refused:
        save_provider(CLUSTER, name, body, ANA)
    assert refused.value.status == status


def test_models_are_added_and_updated_and_removed() -> None:
    cluster = save_model(CLUSTER, "Pinecone", "x", MODEL, ANA)
    new = Model(
        api="x",
        description="a model",
        create_time=1_000,
        update_time=1_000,
        created_by="ana",
        updated_by="ana",
    )
    assert find(cluster, "Pinecone").models == (*find(CLUSTER, "Pinecone").models, new)
    assert find(cluster, "Pinecone").models_count == 2
    cluster = save_model(cluster, "Pinecone", "x", {**MODEL, "enabled": False}, BEN)
    changed = replace(new, enabled=False, update_time=2_000, updated_by="ben")
    assert find(cluster, "Pinecone").models[1:] == (changed,)
    assert delete_model(cluster, "Pinecone", "x") == CLUSTER


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("nobody", MODEL, 404),
        *(("openAI", {**MODEL, field: None}, 400) for field in ("description", "enabled")),
        *(("openAI", {**MODEL, field: 1}, 400) for field in MODEL),
        ("openAI", [], 400),
    ],
)
def test_a_model_that_cannot_be_saved_is_refused(name: str, body: object, status: int) -> None:
    with pytest.raises(Refusal) as refused:
        save_model(CLUSTER, name, "x", body, ANA)
    assert refused.value.status == status


def test_tags_are_added_and_replace_those_of_their_key() -> None:
    cluster = add_tags(
        CLUSTER, "openAI", [{"key": "env", "value": "test"}, {"key": "a", "value": ""}]
    )
    assert find(cluster, "openAI").tags == (
        Tag(key="team", value="platform"),
        Tag(key="env", value="test"),
        Tag(key="a", value=""),
    )
    assert add_tags(CLUSTER, "openAI", []) == CLUSTER


@pytest.mark.parametrize("body", [{}, ["x"], [{"key": "x"}], [{"key": "x", "value": 1}], None])
def test_tags_of_a_wrong_kind_are_refused(body: object) -> None:
    with pytest.raises(Refusal) as refused:
        add_tags(CLUSTER, "openAI", body)
    assert refused.value.status == 400


def test_a_removed_provider_is_gone() -> None:
    assert delete_provider(CLUSTER, "openAI") == CLUSTER[1:]


@pytest.mark.parametrize(
    "attempt",
    [
        partial(delete_provider, CLUSTER, "nobody"),
        partial(delete_model, CLUSTER, "nobody", "gpt-4o"),
        partial(delete_model, CLUSTER, "openAI", "nothing"),
        partial(add_tags, CLUSTER, "nobody", []),
    ],
)
def test_what_is_missing_cannot_be_removed_or_tagged(attempt: Callable[[], object]) -> None:
    with pytest.raises(Refusal) as refused:
        attempt()
    assert refused.value.status == 404


# Over HTTP ----------------------------------------------------------------------------------


@pytest.fixture
def server() -> ReferenceServer:
    return ReferenceServer(clock=lambda: 1_700_000_000.5)


@pytest.fixture
def client(server: ReferenceServer) -> Iterator[WritingClient]:
    with EmbeddedServer(server) as embedded:
        yield WritingClient(server, embedded.url)


def test_what_is_created_is_in_every_result_it_belongs_to_until_it_is_removed(
    server: ReferenceServer, client: WritingClient
) -> None:
    created = client("POST", f"{LISTING}/new", {**NEW, "enabled": True})
    shown = created.json()
    assert created.status_code == 200
    assert "tags" not in shown
    assert (shown["createTime"], shown["updateTime"]) == (1_700_000_000_500,) * 2
    assert shown["configuration"]["api_key"] == MASK
    assert client("GET", f"{LISTING}/new").json() == {**shown, "tags": []}
    everywhere = (
        *(LISTING, f"{LISTING}?category=AI_MODEL", f"{LISTING}?activeOnly=false"),
        *("/integrations", "/integrations/all"),
    )
    assert all("new" in client.names(path) for path in everywhere)
    assert "new" not in client.names(f"{LISTING}?category=GIT&activeOnly=false")

    assert client("POST", f"{LISTING}/new/integration/m", MODEL).content == b""
    assert client("PUT", f"{LISTING}/new/tags", [{"key": "a", "value": "b"}]).status_code == 200
    (listed,) = (one for one in client("GET", LISTING).json() if one["name"] == "new")
    assert (listed["modelsCount"], listed["tags"]) == (1, [{"key": "a", "value": "b"}])
    assert "new:m" in client.names("/integrations/all")

    assert client("POST", f"{LISTING}/new", {"enabled": False}).status_code == 200
    assert "new" not in client.names(LISTING)
    assert "new" in client.names(f"{LISTING}?activeOnly=false")

    assert client("DELETE", f"{LISTING}/new/integration/m").status_code == 200
    assert client("GET", f"{LISTING}/new/integration?activeOnly=false").json() == []
    assert client("DELETE", f"{LISTING}/new").status_code == 200
    assert client("DELETE", f"{LISTING}/new").status_code == 404
    assert client("GET", f"{LISTING}/new").status_code == 404
    assert "new" not in client.names(f"{LISTING}?activeOnly=false")
    assert server.providers == CLUSTER


def test_every_write_is_recorded_with_its_status(
    server: ReferenceServer, client: WritingClient
) -> None:
    client("GET", LISTING)
    client("POST", f"{LISTING}/a b", NEW)
    client("POST", f"{LISTING}/a b", {"type": "git"})
    client("DELETE", f"{LISTING}/a%20b/integration/m")
    client("PATCH", f"{LISTING}/a b")
    path = f"/api{LISTING}/a%20b"
    assert server.writes == [
        Write("POST", path, "a b", 200),
        Write("POST", path, "a b", 400),
        Write("DELETE", f"{path}/integration/m", "a b", 404),
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{LISTING}/openAI"),
        ("DELETE", f"{LISTING}/openAI"),
        ("POST", f"{LISTING}/openAI/integration/m"),
        ("DELETE", f"{LISTING}/openAI/integration/gpt-4o"),
        ("PUT", f"{LISTING}/openAI/tags"),
    ],
)
def test_no_one_writes_without_a_valid_token(method: str, path: str) -> None:
    server = ReferenceServer()
    with EmbeddedServer(server) as embedded:
        client = WritingClient(ReferenceServer(), embedded.url)
        answer = client(method, path, {"enabled": False})
    assert (answer.status_code, server.writes[0].status) == (401, 401)
    assert server.providers == CLUSTER


def test_a_body_that_is_not_json_changes_nothing(
    server: ReferenceServer, client: WritingClient
) -> None:
    for body in (b"", b"{", b"\xff", b"type=git"):
        answer = client("POST", f"{LISTING}/openAI", body)
        assert answer.status_code == 400
    assert server.providers == CLUSTER
