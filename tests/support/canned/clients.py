"""Observations of clients, made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.clients import catalogue
from conformance.clients.answer import Answer
from conformance.clients.exchanges import Sent
from conformance.clients.observation import ClientEvidence, Observation, evidence_of
from conformance.clients.scenarios import SCENARIOS
from conformance.core.user_command import Ran

LISTING = "/api/integrations/provider"
TOKEN = "the-token"
SECRET = "the-secret-of-the-key"
PROVIDERS = (
    {
        "name": "a",
        "category": "GIT",
        "configuration": {"k": 1},
        "enabled": True,
        "modelsCount": 3,
        "tags": [{"key": "x", "value": "1"}, {"key": "y", "value": "2"}],
        "createTime": 5,
    },
    {"name": "b", "category": "EMAIL", "configuration": {}, "enabled": True, "modelsCount": 0},
)


def sent(
    query: str = "",
    *,
    path: str = LISTING,
    method: str = "GET",
    token: str | None = TOKEN,
    status: int | None = 200,
    content: Any = PROVIDERS,
    at: float = 1.0,
    origin: int = 0,
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
) -> Sent:
    """Return a request that took a tenth of a second; ``at`` is when it began."""
    own = (("x-authorization", token),) if token is not None else ()
    return Sent(
        origin=origin,
        method=method,
        path=path,
        query=query,
        headers=(*own, *headers),
        body=body,
        begun=at,
        ended=at + 0.1,
        status=status,
        content=content if isinstance(content, bytes) else json.dumps(content).encode(),
    )


def token_request(
    at: float = 0.0, *, issued: str = TOKEN, status: int = 200, path: str = "/api/token"
) -> Sent:
    """Return a token request and its response."""
    return sent(
        path=path, method="POST", token=None, status=status, content={"token": issued}, at=at
    )


def seen(
    scenario: str,
    *exchanges: Sent,
    answer: Answer | None = None,
    code: int | None = 0,
    output: bytes = b"",
    held: tuple[Mapping[str, Any], ...] = PROVIDERS,
) -> Observation:
    """Return what a scenario showed."""
    return Observation(
        scenario=SCENARIOS[scenario],
        held=held,
        sent=exchanges,
        ran=Ran(code, output, 1.0),
        answer=answer,
        unread="" if answer else "the command wrote no answer",
        secrets={SECRET: "key secret"},
    )


def providers(*those: Mapping[str, Any]) -> Answer:
    """Return an answer with providers."""
    return Answer(providers=those)


def evidence(*observations: Observation) -> ClientEvidence:
    """Return the evidence of a run."""
    contract = catalogue.load().contract
    return evidence_of(contract, {one.scenario.name: one for one in observations})
