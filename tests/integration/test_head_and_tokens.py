"""HEAD requests with a body, and expired tokens, over real sockets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.servers.plain import talking

from conformance import Outcome, Target, run
from conformance.contract.query import Query
from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.runner.generated_queries import QueryGenerator


@pytest.mark.parametrize("body", [b"[]", b""])
def test_what_follows_the_headers_of_head_is_kept(body: bytes) -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + body
    with talking(reply) as url, Target(url) as target:
        head = target.ask(replace(target.request(Query()), method="HEAD"))
    assert (head.status, head.trouble, head.body) == (200, None, body)


@pytest.mark.parametrize("given", [True, False])
def test_an_expired_token_is_sent_if_it_is_given(given: bool, generator: QueryGenerator) -> None:
    server = ReferenceServer()
    old = server.issue_token(expired=True) if given else None
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=server.issue_token(), expired_token=old) as target,
    ):
        report = run(target, profile="quick", only=["AUTH-11", "AUTH-12"], generator=generator)
    outcomes = {verdict.outcome for verdict in report.verdicts}
    assert outcomes == {Outcome.PASSED if given else Outcome.NOT_APPLICABLE}
