"""Exchanges and evidence made by hand, for unit tests of checks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.contract.loader import load
from conformance.contract.model import Contract
from conformance.contract.query import Query, documented, unfiltered
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Access, AccessKind, Exchange, Request
from conformance.evidence.spans import Span

NOW = 1_770_000_000_000
"""Milliseconds since 1970 at which canned runs take place."""

GRANTED = Access(
    AccessKind.GRANTED, "the accepted token", '"X-Authorization: $CONDUCTOR_AUTH_TOKEN"'
)


def provider(name: str = "openAI", **members: Any) -> dict[str, Any]:
    """Return a provider that keeps the contract; a member given as ``...`` is left out."""
    whole: dict[str, Any] = {
        "name": name,
        "type": "openai",
        "category": "AI_MODEL",
        "configuration": {"api_key": "********"},
        "enabled": True,
        "modelsCount": 3,
        "createTime": 1_700_000_000_000,
        "updateTime": 1_700_000_000_000,
        "tags": [{"key": "team", "value": "docs"}],
    } | members
    return {member: value for member, value in whole.items() if value is not ...}


CLUSTER: tuple[dict[str, Any], ...] = (
    provider("openAI"),
    provider("old-openAI", enabled=False, modelsCount=1),
    provider("pinecone", type="pineconedb", category="VECTOR_DB", modelsCount=0),
    provider("kafka", type="kafka", category="MESSAGE_BROKER", enabled=False, modelsCount=0),
)
"""Two active and two inactive providers in three categories."""


PROPER = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "www-authenticate": "Token",
}
"""Headers with which no requirement finds fault."""


def exchange(
    body: Any,
    query: Query | str = "",
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    access: Access = GRANTED,
    method: str = "GET",
    path: str = "",
    accept: str = "application/json",
) -> Exchange:
    """Return an exchange whose body is given as bytes or as a JSON value."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    asked = query if isinstance(query, Query) else Query(query)
    wire = f"?{asked.wire}" if asked.wire else ""
    sent = PROPER if headers is None else headers
    return Exchange(
        request=Request(asked, access, method=method, path=path, accept=accept),
        url=f"https://conductor.example.com/api/integrations/provider{wire}",
        status=status,
        headers=tuple((name.lower(), value) for name, value in sent.items()),
        body=content,
    )


def select(query: Query, cluster: Sequence[Mapping[str, Any]] = CLUSTER) -> list[Mapping[str, Any]]:
    """Return what a right server selects from a cluster, written without the oracle's help."""
    wanted = dict(query.pairs)
    return [
        element
        for element in cluster
        if wanted.get("category") in (None, element["category"])
        and (wanted.get("activeOnly") == "false" or element["enabled"])
    ]


def evidence(
    *extra: Exchange,
    cluster: Sequence[Mapping[str, Any]] = CLUSTER,
    replaced: Mapping[str, Exchange] | None = None,
    contract: Contract | None = None,
    **members: Any,
) -> Evidence:
    """Return the evidence of a run in which every documented query was asked once.

    ``replaced`` gives other exchanges for some queries, by their wire form; ``extra`` exchanges
    are added to the same steady span, which stands there as often as it takes to believe it.
    """
    law = contract or load()
    answers = {query.wire: exchange(select(query, cluster), query) for query in documented(law)}
    answers |= replaced or {}
    everything = answers.pop(unfiltered(law).wire)
    span = Span(everything, (*answers.values(), *extra), everything)
    whole: dict[str, Any] = {
        "opening": everything,
        "now": NOW,
        "spans": (span,) * 5,
    } | members
    return Evidence(contract=law, **whole)
