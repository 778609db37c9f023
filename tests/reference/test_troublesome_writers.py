"""Test that the troublesome writers do what their descriptions say."""

from __future__ import annotations

import time

import pytest
import requests
from support.servers.troublesome_writers import SLOW, TROUBLES, Trouble, TroublesomeServer
from support.servers.writing_client import LISTING, WritingClient

from conformance.reference import EmbeddedServer

BODY = {"type": "git", "category": "GIT", "enabled": False}
MODEL = {"description": "", "enabled": False}
ONE, OTHER = f"{LISTING}/one", f"{LISTING}/other"
WRITES: tuple[tuple[str, str, object], ...] = (
    ("POST", ONE, BODY),
    ("POST", f"{ONE}/integration/m", MODEL),
    ("PUT", f"{ONE}/tags", []),
    ("POST", OTHER, BODY),
    ("DELETE", ONE, None),
    ("DELETE", OTHER, None),
)
DROPPED = 0
OUTCOMES: dict[str, tuple[list[int], set[str]]] = {
    "refused": ([403] * 6, set()),
    "removal-refused": ([200] * 4 + [403] * 2, {"one", "other"}),
    "second-refused": ([200, 403, 200, 200, 200, 200], set()),
    "models-refused": ([200, 403, 200, 200, 200, 200], set()),
    "half-done": ([500, 200, 200, 200, 200, 200], set()),
    "each-half-done": ([500] * 6, set()),
    "ignored": ([200] * 6, set()),
    "removal-ignored": ([200] * 6, {"one", "other"}),
    "name-taken": ([400, 200, 200, 400, 200, 200], set()),
    "name-taken-alike": ([200] * 6, set()),
    "dropped-before": ([DROPPED] * 6, set()),
    "dropped-after": ([DROPPED] * 6, set()),
    "creation-dropped-after": ([DROPPED, 200, 200, 200, 200, 200], set()),
    "slow-before": ([200] * 6, set()),
    "slow-after": ([200] * 6, set()),
    "redirected-302": ([302] * 4 + [404] * 2, set()),
    "redirected-307": ([307] * 4 + [404] * 2, set()),
    "redirected-308": ([308] * 4 + [404] * 2, set()),
    "token-expires": ([200, 200, 401, 401, 401, 401], {"one"}),
    "busy": ([429, 404, 429, 200, 429, 200], set()),
    "unavailable": ([503, 404, 404, 503, 404, 404], set()),
    "unavailable-but-done": ([503, 200, 200, 503, 200, 200], set()),
}
"""The status of each write, 0 for a lost connection, and what is left after all of them."""


def sent(client: WritingClient, method: str, path: str, body: object) -> int:
    try:
        return client(method, path, body).status_code
    except requests.ConnectionError:
        return DROPPED


def named(name: str) -> TroublesomeServer:
    return next(trouble for trouble in TROUBLES if trouble.name == name).make()


@pytest.mark.catalogue
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_a_trouble_is_as_described(trouble: Trouble) -> None:
    server = trouble.make()
    statuses, left = OUTCOMES[trouble.name]
    began = time.monotonic()
    with EmbeddedServer(server) as embedded:
        client = WritingClient(server, embedded.url)
        assert [sent(client, *write) for write in WRITES] == statuses
    assert (time.monotonic() - began > len(WRITES) * SLOW) is trouble.name.startswith("slow")
    assert [write.status for write in server.writes] == statuses
    assert server.received.total() == len(WRITES)
    assert server.left == left
    assert server.lost == ({"one", "other"} if trouble.name.startswith("name-taken") else set())
    assert server.touched == server.lost


@pytest.mark.catalogue
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_whoever_tries_again_can_remove_what_is_removable(trouble: Trouble) -> None:
    server = trouble.make()
    with EmbeddedServer(server) as embedded:
        for method in ("POST", "DELETE"):
            for _ in range(3):
                sent(WritingClient(server, embedded.url), method, ONE, BODY)
    assert server.left == (set() if trouble.removable else {"one"})


def test_what_was_dropped_can_be_sent_again() -> None:
    server = named("dropped-before")
    with EmbeddedServer(server) as embedded:
        client = WritingClient(server, embedded.url)
        assert [sent(client, "POST", ONE, BODY) for _ in range(2)] == [DROPPED, 200]
        assert server.left == {"one"}
        assert [sent(client, "DELETE", ONE, None) for _ in range(2)] == [DROPPED, 200]
    assert server.left == frozenset()
    assert max(server.received.values()) == 2


def test_what_was_dropped_after_it_was_processed_is_there() -> None:
    server = named("dropped-after")
    with EmbeddedServer(server) as embedded:
        client = WritingClient(server, embedded.url)
        assert sent(client, "POST", ONE, BODY) == DROPPED
        assert server.left == {"one"}


def test_an_updated_provider_of_someone_else_is_touched_and_not_lost() -> None:
    server = named("name-taken-alike")
    with EmbeddedServer(server) as embedded:
        client = WritingClient(server, embedded.url)
        assert sent(client, "POST", ONE, BODY) == 200
    assert server.touched == {"one"}
    assert server.left == server.lost == frozenset()
