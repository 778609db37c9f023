"""The process that generates queries: the only module that uses Schemathesis and Hypothesis.

``generated_queries`` starts it, so that neither library is imported into the process that judges,
and what that process has imported does not affect the queries. Schemathesis loads the contract and
generates its coverage cases, and random positive and negative ones. Nothing here sends a request.

Orders and results are lines of JSON. Hypothesis shrinks a failing query by asking for each
candidate whether it fails, too; the process that judges requests it from the target.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import closing, suppress
from functools import lru_cache
from itertools import islice
from typing import Any, TextIO

import platformdirs

from conformance.contract.query import Query, distinct_queries

ORIGIN = "http://target.invalid"
SHRINKING_REQUESTS = 80
"""Maximum number of requests for shrinking a failing query."""


class _FoundError(Exception):
    """Raised for a failing query, so that Hypothesis shrinks it, and to stop generating."""


class Prober:
    """Generates queries from a contract; the same ``seed`` gives the same queries.

    ``widened`` is the contract's document, with any string allowed where it enumerates values.
    """

    def __init__(
        self, document: Mapping[str, Any], widened: Mapping[str, Any], path: str, *, seed: int
    ) -> None:
        self._seed = seed
        self._closed = _Operation(document, path, seed)
        self._open = _Operation(widened, path, seed)

    def queries(self, number: int, known: Collection[Query] = ()) -> tuple[Query, ...]:
        """Generate at most ``number`` distinct queries, none of the ``known`` ones.

        Coverage cases come first. The rest are random strings for parameters with enumerated values
        and Schemathesis's negative cases.
        """
        with closing(self._closed.coverage()) as coverage:
            new = (query for query in coverage if query not in known)
            kept = dict.fromkeys(islice(new, number // 2))
        for strategy in self._strategies():
            room = len(kept) + (number - len(kept) + 1) // 2

            def keep(query: Query, room: int = room) -> None:
                if len(kept) < room and query not in known:
                    kept[query] = None
                if len(kept) >= room:
                    raise _FoundError

            # Generating more than there is room for takes long.
            with suppress(_FoundError):
                _run(strategy, self._seed, number, keep, shrink=False)
        return tuple(kept)[:number]

    def shrink(self, query: Query, fails: Callable[[Query], bool]) -> Query:
        """Return the smallest generated query that fails like ``query``, or ``query`` itself.

        ``fails`` is called for at most ``SHRINKING_REQUESTS`` distinct queries, and later ones
        count as passing.
        """
        known: dict[Query, bool] = {query: True}

        def judge(candidate: Query) -> None:
            if candidate not in known:
                known[candidate] = len(known) <= SHRINKING_REQUESTS and fails(candidate)
            if known[candidate]:
                raise _FoundError

        for strategy in self._strategies():
            # Without a failing query, the strategy ends by itself.
            with suppress(_FoundError):
                _run(strategy, self._seed, SHRINKING_REQUESTS, judge, shrink=True)
        return min((one for one, fails_too in known.items() if fails_too), key=_rank)

    def _strategies(self) -> Iterator[Any]:
        yield self._open.strategy(negative=False)
        yield self._closed.strategy(negative=True)


def _rank(query: Query) -> tuple[int, int, str]:
    return len(query.pairs), len(query.wire), query.wire


class _Operation:
    """The contract's operation in Schemathesis, with everything that sends switched off."""

    def __init__(self, document: Mapping[str, Any], path: str, seed: int) -> None:
        import schemathesis
        from schemathesis.config import SchemathesisConfig

        self._mode = schemathesis.GenerationMode
        # An explicit configuration keeps Schemathesis from looking for a schemathesis.toml.
        config = SchemathesisConfig(seed=seed)
        plain = {key: value for key, value in document.items() if not key.startswith("x-")}
        self._schema = schemathesis.openapi.from_dict(plain, config=config)
        self._operation = self._schema[path]["GET"]
        self._generation = self._schema.config.generation_for(operation=self._operation)
        self._generation.with_security_parameters = False
        self._generation.codec = None
        phases = self._schema.config.phases_for(operation=self._operation)
        phases.coverage.unexpected_methods = set()

    def coverage(self) -> Generator[Query, None, None]:
        cases = self._schema.iter_coverage_cases(
            self._operation, generation_modes=list(self._mode), generation_config=self._generation
        )
        yield from distinct_queries(filter(None, map(_wire, cases)))

    def strategy(self, *, negative: bool) -> Any:
        mode = self._mode.NEGATIVE if negative else self._mode.POSITIVE
        return self._operation.as_strategy(generation_mode=mode)


def _wire(case: Any) -> Query | None:
    """Return the query of a case as Schemathesis sends it; ``None`` for methods other than GET."""
    import requests

    arguments = case.as_transport_kwargs(base_url=ORIGIN)
    if arguments["method"].upper() != "GET":
        return None
    url = arguments["url"]
    prepared = requests.Request("GET", url, params=arguments.get("params")).prepare()
    return Query(str(prepared.url).partition("?")[2])


def _run(
    strategy: Any, seed: int, examples: int, judge: Callable[[Query], None], *, shrink: bool
) -> None:
    import hypothesis
    from hypothesis import HealthCheck, Phase, Verbosity

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def test(case: Any) -> None:
        query = _wire(case)
        if query is not None:
            judge(query)

    test()


# The last one is kept: shrinking follows generating.
@lru_cache(maxsize=1)
def _prober(contract: str) -> Prober:
    return Prober(**json.loads(contract))


def result(order: dict[str, Any], ask: Callable[[Query], bool]) -> dict[str, Any]:
    """Return the result of an order of ``generated_queries``; ``ask`` is whether a query fails."""
    contract = json.dumps(order.pop("contract"))
    if "shrink" in order:
        return {"smallest": _prober(contract).shrink(Query(order["shrink"]), ask).wire}
    known = frozenset(map(Query, order["known"]))
    queries = _prober(contract).queries(order["number"], known)
    return {"queries": [query.wire for query in queries]}


def serve(orders: TextIO, results: TextIO) -> None:
    """Carry out orders until the stream of orders ends; then the process ends at once."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def receive() -> None:
        for line in orders:
            lines.put(line)
        # Nobody waits for the result of the current order any more.
        os._exit(0)

    def tell(told: Mapping[str, Any]) -> None:
        results.write(json.dumps(told) + "\n")
        results.flush()

    def ask(query: Query) -> bool:
        tell({"candidate": query.wire})
        return bool(json.loads(lines.get()))

    threading.Thread(target=receive, daemon=True).start()
    while True:
        order = json.loads(lines.get())
        try:
            tell(result(order, ask))
        except Exception as error:  # noqa: BLE001 - raised where the queries are needed
            tell({"error": f"{type(error).__name__}: {error}"})


def prepare() -> None:
    """Make this process generate the same queries wherever the package is installed."""
    # Ctrl-C is for the process that judges, which ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Hypothesis would create a folder in the working directory. It keeps Unicode tables there,
    # since building them takes seconds, and does without if it cannot; examples are never stored.
    cache = platformdirs.user_cache_path("conductor-conformance") / "hypothesis"
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(cache)
    # Hypothesis uses constants of modules outside site-packages, such as an editable installation.
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ("conformance", "__main__"):
            module.__file__ = None


def main() -> None:
    """Serve the process that started this one, by standard input and output."""
    prepare()
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What a library prints must not mix with the results.
    os.dup2(2, 1)
    serve(sys.stdin, results)


if __name__ == "__main__":
    main()
