"""A client that creates, changes and removes providers on a server of these tests."""

from __future__ import annotations

import json
from typing import Any

import requests

from conformance.reference import ReferenceServer

LISTING = "/integrations/provider"


class WritingClient:
    """Sends requests with a token of ``server``: ``client("POST", "/path", {…})``."""

    def __init__(self, server: ReferenceServer, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update({"X-Authorization": server.issue_token(), "accept": "*/*"})

    def __call__(self, method: str, path: str, body: object = None) -> requests.Response:
        """Send ``body`` as JSON, unless it is bytes or ``None``."""
        data = body if isinstance(body, bytes | None) else json.dumps(body)
        headers = {"content-type": "application/json"}
        return self._session.request(
            method, self._url + path, data=data, headers=headers, timeout=30, allow_redirects=False
        )

    def names(self, path: str) -> set[str]:
        """Return the names in a result, or the strings themselves."""
        shown: list[Any] = self("GET", path).json()
        return {one if isinstance(one, str) else one["name"] for one in shown}
