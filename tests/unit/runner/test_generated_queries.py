"""Generated queries: the same for a seed, worth asking, and found without asking anyone."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from conformance.contract.filter_oracle import is_documented
from conformance.contract.loader import load
from conformance.contract.query import Query, documented
from conformance.runner.generated_queries import SHRINKING_REQUESTS, Prober

LAW = load()
SUPPORTED = LAW.filter("category").supported
SEED = 7
NUMBER = 40


@pytest.fixture(scope="module")
def prober() -> Prober:
    return Prober(LAW, seed=SEED)


@pytest.fixture(scope="module")
def queries(prober: Prober) -> tuple[Query, ...]:
    return prober.queries(NUMBER)


def test_they_are_many_and_distinct_on_the_wire(queries: tuple[Query, ...]) -> None:
    assert NUMBER // 2 < len(queries) <= NUMBER
    assert len({query.wire for query in queries}) == len(queries)


def test_no_plain_documented_query_is_among_them(queries: tuple[Query, ...]) -> None:
    assert not set(queries) & set(documented(LAW))
    assert sum(is_documented(LAW, query) for query in queries) <= len(queries) // 4


def test_they_can_stand_in_a_url(queries: tuple[Query, ...]) -> None:
    for query in queries:
        assert query.wire.isascii()
        assert query.wire.isprintable()
        assert not set(query.wire) & set(' #"<>')
        unquote_to_bytes(query.wire).decode()


def test_they_try_more_than_one_kind_of_mistake(queries: tuple[Query, ...]) -> None:
    kinds: Counter[str] = Counter()
    for query in queries:
        names = [name for name, _ in query.pairs]
        kinds["repeated"] += len(names) > len(set(names))
        kinds["unknown"] += not set(names) <= {"category", "activeOnly"}
        values = query.values("category")
        kinds["unsupported"] += any(value not in SUPPORTED for value in values)
        kinds["not ascii"] += any(not value.isascii() for value in values)
        kinds["no boolean"] += any(
            value not in ("true", "false") for value in query.values("activeOnly")
        )
    assert set(+kinds) == {"repeated", "unknown", "unsupported", "not ascii", "no boolean"}


def test_they_are_the_same_for_a_seed(prober: Prober, queries: tuple[Query, ...]) -> None:
    assert prober.queries(NUMBER) == queries
    other = Prober(LAW, seed=SEED + 1)
    assert other.queries(12) != prober.queries(12)


@pytest.mark.parametrize("number", [1, 7])
def test_no_more_are_generated_than_asked_for(prober: Prober, number: int) -> None:
    assert 1 <= len(prober.queries(number)) <= number


def test_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was sent")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert Prober(LAW, seed=SEED).queries(4)


SCRIPT = f"""
import json
from conformance.contract.loader import load
from conformance.runner.generated_queries import Prober
queries = Prober(load(), seed={SEED}).queries(12)
print(json.dumps([query.wire for query in queries]))
"""


def test_every_process_generates_the_same_and_leaves_no_file(tmp_path: Path) -> None:
    # Hypothesis takes constants from whatever modules are loaded, so this process would differ.
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", SCRIPT],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    told = [process.communicate(timeout=60) for process in started]
    assert [errors for _, errors in told] == ["", ""]
    one, other = (json.loads(output) for output, _ in told)
    assert one == other
    assert len(one) > 6
    assert list(tmp_path.iterdir()) == []


LONG = Query("activeOnly=maybe&category=%C3%A4%C3%B6%C3%BC-not-a-category&page=2&page=3")


class Asked:
    """A target that fails on some queries, and the queries it was asked."""

    def __init__(self, parameter: str = "category", *, always: bool | None = None) -> None:
        self.queries: list[Query] = []
        self._parameter = parameter
        self._always = always

    def fails(self, query: Query) -> bool:
        self.queries.append(query)
        if self._always is not None:
            return self._always
        supported = LAW.filter(self._parameter).supported
        return any(value not in supported for value in query.values(self._parameter))

    def check_budget(self) -> None:
        assert len(self.queries) <= SHRINKING_REQUESTS
        assert len(set(self.queries)) == len(self.queries)


@pytest.mark.parametrize(("parameter", "most"), [("category", 1), ("activeOnly", 2)])
def test_shrinking_finds_a_small_query(prober: Prober, parameter: str, most: int) -> None:
    asked = Asked(parameter)
    smallest = prober.shrink(LONG, asked.fails)
    asked.check_budget()
    assert asked.fails(smallest)
    assert len(smallest.pairs) <= most
    assert len(smallest.wire) < len(LONG.wire) // 2


@pytest.mark.parametrize("always", [True, False])
def test_shrinking_respects_its_budget(prober: Prober, always: bool) -> None:
    asked = Asked(always=always)
    smallest = prober.shrink(LONG, asked.fails)
    asked.check_budget()
    if always:
        assert len(smallest.wire) < len(LONG.wire)
    else:
        assert smallest == LONG


def test_an_error_while_shrinking_is_not_swallowed(prober: Prober) -> None:
    def breaks(query: Query) -> bool:
        raise LookupError(query.wire)

    with pytest.raises(LookupError):
        prober.shrink(LONG, breaks)
