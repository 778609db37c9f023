"""Shared fixtures for tests of the reference server: a running server and a client."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from conformance.reference import EmbeddedServer, ReferenceServer

Get = Callable[..., requests.Response]


@pytest.fixture(scope="session")
def server() -> ReferenceServer:
    return ReferenceServer()


@pytest.fixture(scope="session")
def api(server: ReferenceServer) -> Iterator[str]:
    with EmbeddedServer(server) as embedded:
        yield embedded.url


@pytest.fixture(scope="session")
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def get(server: ReferenceServer, api: str, client: requests.Session) -> Get:
    """Send an authorised request: ``get("/integrations/provider?category=GIT")``."""
    token = server.issue_token()

    def send(path: str, *, method: str = "GET") -> requests.Response:
        headers = {"X-Authorization": token}
        return client.request(
            method, api + path, headers=headers, timeout=30, allow_redirects=False
        )

    return send
