"""Which order is handed out next, and what an order tells."""

from __future__ import annotations

import pytest
from support.canned.fleets import order

from conformance.errors import UsageError
from conformance.fleet.cluster import check_address, unencrypted
from conformance.fleet.running import Waiting

HOSTS = ("a", "a", "a", "b", "a", "b")
ORDERS = [order(f"t{n}", url=f"https://{host}:1/{n}") for n, host in enumerate(HOSTS)]


def test_without_a_limit_they_come_in_order() -> None:
    waiting = Waiting(ORDERS, None)
    taken = [waiting.take() for _ in range(7)]
    assert taken == [*ORDERS, None]


def test_a_host_has_at_most_so_many_at_once() -> None:
    waiting = Waiting(ORDERS, 2)
    busy = [waiting.take() for _ in range(5)]
    assert busy == [ORDERS[0], ORDERS[1], ORDERS[3], ORDERS[5], None]
    waiting.done(ORDERS[3])
    assert waiting.take() is None
    waiting.done(ORDERS[0])
    assert waiting.take() is ORDERS[2]
    assert waiting.take() is None
    waiting.done(ORDERS[1])
    waiting.done(ORDERS[2])
    assert [waiting.take(), waiting.take()] == [ORDERS[4], None]
    waiting.done(ORDERS[4])
    assert waiting.take() is None


def test_all_that_are_left_can_be_taken_at_once() -> None:
    waiting = Waiting(ORDERS, 1)
    taken = waiting.take()
    assert {one.name for one in (taken, *waiting.rest()) if one} == {one.name for one in ORDERS}
    assert [waiting.take(), *waiting.rest()] == [None]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Conductor.example.com:8443/api", "conductor.example.com:8443"),
        ("conductor.example.com/api", "conductor.example.com"),
        ("http://[::1]:8080", "[::1]:8080"),
    ],
)
def test_the_host_of_an_order(url: str, host: str) -> None:
    assert order("a", url=url).host == host


def test_an_order_does_not_show_its_values() -> None:
    command = {"token_command": "vault read s3cret-path"}
    assert "s3cret" not in repr(order("a", values=command))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (None, False),
        ("tcp://127.0.0.1:8786", False),
        ("localhost:8786", False),
        ("tcp://[::1]:8786", False),
        ("tls://dask.example.com:8786", False),
        ("tcp://dask.example.com:8786", True),
        ("10.0.0.7:8786", True),
    ],
)
def test_a_connection_that_others_can_read(address: str | None, told: bool) -> None:
    assert (unencrypted(address) is not None) is told


@pytest.mark.parametrize("address", ["foo", "", "tcp://host", "tcp://host:", "a b:1", "http:///:1"])
def test_what_is_no_address_of_a_scheduler(address: str) -> None:
    with pytest.raises(UsageError, match="write tcp://HOST:PORT"):
        check_address(address)
