"""What the transport holds of answers that are large and come to nothing."""

from __future__ import annotations

import gc
import weakref

from support.servers.plain import talking

from conformance import Target
from conformance.contract.query import Query
from conformance.evidence.exchange import Exchange, TroubleKind
from conformance.target.response_store import LARGE as LARGE_LISTING
from conformance.target.transport import KEPT_WHEN_CUT, LARGE, LARGEST_BODY, Settings, Transport

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def test_little_is_kept_of_an_answer_that_broke_off() -> None:
    """Each attempt at it would keep as much."""
    with talking(HEAD % (20 << 20) + b"[" * (5 << 20)) as url:
        transport = Transport(Settings(url, frozenset(), "test"))
        answer = transport.send("GET", f"{url}/", {})
        transport.close()
    assert answer.trouble is not None
    assert answer.trouble.kind is TroubleKind.CUT_SHORT
    assert answer.body == b"[" * KEPT_WHEN_CUT


def test_a_large_answer_is_read_whole_again_and_again() -> None:
    """The turn to read one is given back."""
    body = b"[" + b" " * LARGE + b"]"
    assert len(body) < LARGEST_BODY
    with talking(HEAD % len(body) + body) as url:
        transport = Transport(Settings(url, frozenset(), "test"))
        for _ in range(2):
            answer = transport.send("GET", f"{url}/", {})
            assert answer.trouble is None
            assert answer.body == body
        transport.close()


def test_a_body_that_was_read_is_gone() -> None:
    """What holds itself would stay until garbage is collected, as large as it is."""
    body = b'[{"name":"a"},' + b" " * (1 << 20) + b'{"name":"b"}]'
    gone: list[weakref.ref[Exchange]] = []

    def watched(exchange: Exchange) -> Exchange:
        gone.append(weakref.ref(exchange))
        return exchange

    gc.disable()
    try:
        with (
            talking(HEAD % len(body) + body) as url,
            Target(url, credential="a-token-of-this-test") as target,
        ):
            record = target._record
            target._record = lambda *given: watched(record(*given))  # type: ignore[method-assign]
            exchange = target.ask(target.request(Query()))
            assert [provider["name"] for provider in exchange.providers] == ["a", "b"]
            assert (exchange.body, exchange.length) == (b"", len(body))
            assert [reference() for reference in gone] == [None]
    finally:
        gc.enable()


def test_equal_large_answers_that_are_no_list_are_kept_once() -> None:
    """Otherwise each of hundreds of answers would be kept."""
    body = b'{"a":"' + b" " * LARGE_LISTING + b'"}'
    with talking(HEAD % len(body) + body) as url, Target(url) as target:
        requests = [target.request(Query(f"category={number}")) for number in range(4)]
        exchanges = target.ask_all(requests)
    assert {exchange.body for exchange in exchanges} == {body}
    assert len({id(exchange.body) for exchange in exchanges}) == 1
