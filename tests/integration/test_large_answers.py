"""What the transport holds of answers that are large and come to nothing."""

from __future__ import annotations

from support.plain_servers import talking

from conformance.exchange import TroubleKind
from conformance.transport import BEGINNING, LARGE, LARGEST_BODY, Settings, Transport

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def test_little_is_kept_of_an_answer_that_broke_off() -> None:
    """Each attempt at it would keep as much."""
    with talking(HEAD % (20 << 20) + b"[" * (5 << 20)) as url:
        transport = Transport(Settings(url, frozenset(), "test"))
        answer = transport.send("GET", f"{url}/", {})
        transport.close()
    assert answer.trouble is not None
    assert answer.trouble.kind is TroubleKind.CUT_SHORT
    assert answer.body == b"[" * BEGINNING


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
