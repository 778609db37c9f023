"""Generated queries: the same for a seed, worth asking, and found without asking anyone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from conformance.contract.filter_oracle import is_documented
from conformance.contract.loader import load
from conformance.contract.query import Query, documented
from conformance.runner import generated_queries
from conformance.runner.generated_queries import QueryGenerator

LAW = load()
SUPPORTED = LAW.filter("category").supported
SEED = 7
NUMBER = 40


@pytest.fixture(scope="module")
def queries(generator: QueryGenerator) -> tuple[Query, ...]:
    return generator.begin(LAW, NUMBER, seed=SEED).queries


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


def test_they_are_the_same_for_a_seed(
    generator: QueryGenerator, queries: tuple[Query, ...], tmp_path: Path
) -> None:
    """Hypothesis takes constants from the modules of a project, which may hold anything."""
    (tmp_path / "project.py").write_text(f"WORDS = {[f'$(rm {n})' for n in range(400)]!r}\n")
    done = subprocess.run(
        [sys.executable, "-c", f"import project\n{SCRIPT}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines() == [query.wire for query in queries]
    assert [path.name for path in tmp_path.iterdir()] == ["project.py"]
    assert generator.begin(LAW, 12, seed=SEED + 1).queries != queries[:12]


SCRIPT = f"""
from conformance.contract.loader import load
from conformance.runner.generated_queries import QueryGenerator
with QueryGenerator() as generator:
    for query in generator.begin(load(), {NUMBER}, seed={SEED}):
        print(query.wire)
"""


@pytest.mark.parametrize("number", [1, 7])
def test_no_more_are_generated_than_asked_for(generator: QueryGenerator, number: int) -> None:
    assert 1 <= len(generator.begin(LAW, number, seed=SEED)) <= number


def test_known_queries_are_left_out(generator: QueryGenerator, queries: tuple[Query, ...]) -> None:
    known = queries[:10]
    assert not set(known) & set(generator.begin(LAW, NUMBER, seed=SEED, known=known))


def test_queries_that_nobody_read_do_not_mix_with_later_ones(generator: QueryGenerator) -> None:
    unread = generator.begin(LAW, 5, seed=1)
    later = generator.begin(LAW, 6, seed=1)
    assert (len(unread), len(later)) == (5, 6)


def test_a_process_that_fails_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated_queries, "COMMAND", (sys.executable, "-c", "input()"))
    with (
        QueryGenerator() as own,
        pytest.raises(RuntimeError, match=r"could not be generated: its process ended"),
    ):
        len(own.begin(LAW, 5, seed=1))


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
        assert len(self.queries) <= 80
        assert len(set(self.queries)) == len(self.queries)


@pytest.mark.parametrize(("parameter", "most"), [("category", 1), ("activeOnly", 2)])
def test_shrinking_finds_a_small_query(
    generator: QueryGenerator, parameter: str, most: int
) -> None:
    asked = Asked(parameter)
    smallest = generator.shrink(LAW, LONG, asked.fails, seed=SEED)
    asked.check_budget()
    assert asked.fails(smallest)
    assert len(smallest.pairs) <= most
    assert len(smallest.wire) < len(LONG.wire) // 2


@pytest.mark.parametrize("always", [True, False])
def test_shrinking_respects_its_budget(generator: QueryGenerator, always: bool) -> None:
    asked = Asked(always=always)
    smallest = generator.shrink(LAW, LONG, asked.fails, seed=SEED)
    asked.check_budget()
    if always:
        assert len(smallest.wire) < len(LONG.wire)
    else:
        assert smallest == LONG


def test_an_error_while_shrinking_is_not_swallowed(generator: QueryGenerator) -> None:
    def breaks(query: Query) -> bool:
        raise LookupError(query.wire)

    with pytest.raises(LookupError):
        generator.shrink(LAW, LONG, breaks, seed=SEED)
