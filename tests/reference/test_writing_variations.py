"""Test that servers which are written in unusual ways are as unusual as they say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.servers.writing_client import LISTING, WritingClient

from conformance.reference import EmbeddedServer
from conformance.reference.variations.writing import WRITING

ONE = f"{LISTING}/one"
BODY = {
    "type": "git",
    "category": "GIT",
    "description": "made for a test",
    "enabled": True,
    "configuration": {"user": "nobody", "api_key": "not-a-key"},
}
MODEL = {"description": "", "enabled": True}


@contextmanager
def written_to(name: str) -> Iterator[WritingClient]:
    """Run the variation ``writing-NAME`` and yield a client of it."""
    (variation,) = (one for one in WRITING if one.name == f"writing-{name}")
    server = variation.make()
    with EmbeddedServer(server) as embedded:
        yield WritingClient(server, embedded.url)


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("created-201", [201, 201, 200, 200, 200]),
        ("removed-204", [200, 200, 200, 204, 204]),
        ("tagged-204", [200, 204, 204, 200, 200]),
        ("accepted", [202] * 5),
        ("removed-later", [200, 200, 200, 200, 202]),
    ],
)
def test_the_statuses_of_writes(name: str, statuses: list[int]) -> None:
    with written_to(name) as client:
        answers = [
            client("POST", ONE, BODY),
            client("POST", f"{ONE}/integration/m", MODEL),
            client("PUT", f"{ONE}/tags", []),
            client("DELETE", f"{ONE}/integration/m"),
            client("DELETE", ONE),
        ]
    assert [answer.status_code for answer in answers] == statuses


@pytest.mark.parametrize(("name", "body"), [("without-body", ""), ("as-text", "OK")])
def test_the_bodies_of_writes(name: str, body: str) -> None:
    with written_to(name) as client:
        assert client("POST", ONE, BODY).text == body
        assert client("DELETE", ONE).text == body


def test_a_provider_with_its_tags_is_returned() -> None:
    with written_to("with-tags") as client:
        assert client("POST", ONE, BODY).json()["tags"] == []
        assert client("PUT", f"{ONE}/tags", []).json() is None
    with written_to("whole-provider") as client:
        client("POST", ONE, BODY)
        tags = [{"key": "a", "value": "b"}]
        assert client("PUT", f"{ONE}/tags", tags).json()["tags"] == tags
        assert client("DELETE", ONE).json() == {}


def test_what_is_missing_is_nothing_special() -> None:
    with written_to("missing-removed") as client:
        for path in (ONE, f"{ONE}/integration/m"):
            assert client("DELETE", path).status_code == 200
    with written_to("missing-is-empty") as client:
        answer = client("GET", ONE)
        assert (answer.status_code, answer.content) == (200, b"")
        client("POST", ONE, BODY)
        assert client("GET", ONE).json()["name"] == "one"


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("owner-added", "ownerApp", "conductor"),
        ("tag-added", "tags", [{"key": "created-by", "value": "api"}]),
        ("settings-dropped", "configuration", {"user": "nobody"}),
        ("times-left-out", "createTime", None),
        ("fields-added", "region", "eu"),
    ],
)
def test_a_new_provider_differs_from_what_was_sent(name: str, field: str, value: object) -> None:
    with written_to(name) as client:
        client("POST", ONE, BODY)
        listed = {one["name"]: one for one in client("GET", f"{LISTING}?category=GIT").json()}
        assert listed["one"].get(field) == value
        assert client("GET", ONE).json().get(field) == value


def test_settings_are_added() -> None:
    with written_to("settings-added") as client:
        client("POST", ONE, BODY)
        added = client("GET", ONE).json()["configuration"].keys() - BODY["configuration"]
    assert added == {"endpoint", "timeoutSeconds"}


def test_the_newest_is_first() -> None:
    with written_to("newest-first") as client:
        client("POST", ONE, BODY)
        assert client("GET", LISTING).json()[0]["name"] == "one"


def test_an_update_loses_what_it_leaves_out() -> None:
    with written_to("update-replaces") as client:
        client("POST", ONE, BODY)
        client("PUT", f"{ONE}/tags", [{"key": "a", "value": "b"}])
        assert client("GET", ONE).json()["description"] == BODY["description"]
        client("POST", ONE, {"enabled": False})
        shown = client("GET", ONE).json()
    assert "description" not in shown
    assert (shown["configuration"], shown["enabled"]) == ({}, False)


def test_a_hundred_providers_can_be_created() -> None:
    with written_to("limited") as client:
        statuses = [
            client("POST", f"{LISTING}/{n}", {"type": "git"}).status_code for n in range(101)
        ]
    assert statuses == [200] * 100 + [400]


@pytest.mark.parametrize(
    ("name", "listed", "single"),
    [
        ("shown-after-1", {False}, {False}),
        ("lists-late", {False}, {True}),
        ("single-late", {True}, {False}),
        ("two-replicas", {True, False}, {True, False}),
    ],
)
def test_where_a_write_is_shown_at_once(name: str, listed: set[bool], single: set[bool]) -> None:
    with written_to(name) as client:
        client("POST", ONE, BODY)
        # With two replicas, each of two requests in a row goes to another.
        assert {"one" in client.names(LISTING) for _ in range(2)} == listed
        assert {client("GET", ONE).ok for _ in range(2)} == single


def test_a_count_is_late() -> None:
    with written_to("count-late") as client:
        client("POST", ONE, BODY)
        client("POST", f"{ONE}/integration/m", MODEL)
        listed = {one["name"]: one for one in client("GET", LISTING).json()}
        assert listed["one"]["modelsCount"] == 0
        assert client("GET", ONE).json()["modelsCount"] == 1
