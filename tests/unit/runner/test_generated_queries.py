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


def test_they_are_distinct_not_documented_and_fit_into_a_url(queries: tuple[Query, ...]) -> None:
    assert NUMBER // 2 < len(queries) <= NUMBER
    assert len({query.wire for query in queries}) == len(queries)
    assert not set(queries) & set(documented(LAW))
    assert sum(is_documented(LAW, query) for query in queries) <= len(queries) // 4
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_last_queries_are_generated_once() -> None:
    with QueryGenerator() as own:
        first = own.begin(LAW, NUMBER, seed=SEED)
        assert own.begin(LAW, NUMBER, seed=SEED) is first
        assert own.begin(LAW, NUMBER, seed=SEED + 1).queries != first.queries
        again = own.begin(LAW, NUMBER, seed=SEED)
        assert again is not first
        assert again.queries == first.queries


def test_which_queries_are_returned(generator: QueryGenerator, queries: tuple[Query, ...]) -> None:
    for number in (1, 7):
        assert 1 <= len(generator.begin(LAW, number, seed=SEED)) <= number
    known = queries[:10]
    assert not set(known) & set(generator.begin(LAW, NUMBER, seed=SEED, known=known))
    # Queries that nobody read do not mix with later ones.
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parameter", "always", "most"),
    [("category", None, 1), ("activeOnly", None, 2), ("", True, 4), ("", False, 4)],
)
def test_shrinking_finds_a_small_query_within_its_budget(
    generator: QueryGenerator, parameter: str, always: bool | None, most: int
) -> None:
    asked: list[Query] = []

    def fails(query: Query) -> bool:
        asked.append(query)
        if always is not None:
            return always
        supported = LAW.filter(parameter).supported
        return any(value not in supported for value in query.values(parameter))

    smallest = generator.shrink(LAW, LONG, fails, seed=SEED)
    assert len(asked) <= 80
    assert len(set(asked)) == len(asked)
    assert len(smallest.pairs) <= most
    if always is False:
        assert smallest == LONG
    else:
        assert fails(smallest)
        assert len(smallest.wire) < len(LONG.wire) // (1 if always else 2)


def test_an_error_while_shrinking_is_not_swallowed(generator: QueryGenerator) -> None:
    def breaks(query: Query) -> bool:
        raise LookupError(query.wire)

    with pytest.raises(LookupError):
        generator.shrink(LAW, LONG, breaks, seed=SEED)
