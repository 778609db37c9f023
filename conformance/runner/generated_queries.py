"""Generated queries: the only module that uses Schemathesis and Hypothesis.

Schemathesis loads the contract and generates its coverage cases, and random positive and negative
ones. Nothing here sends a request, so neither its transport nor its checks nor unexpected methods
can reach the target. The target reads the generated queries like any other.
"""

from __future__ import annotations

import copy
import gc
import tempfile
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, overload

from conformance.contract.model import Contract, Operator
from conformance.contract.query import Query, distinct_queries, documented

ORIGIN = "http://target.invalid"
SHRINKING_REQUESTS = 80
"""Maximum number of requests for shrinking a failing query."""


class Generated(Sequence[Query]):
    """Queries generated in the background; accessing them waits until they are ready.

    Args:
        contract: the contract to generate from.
        number: the maximum number of queries.
        seed: the same seed gives the same queries.
        known: queries to leave out, because the plan has them anyway.
    """

    def __init__(
        self, contract: Contract, number: int, *, seed: int, known: Collection[Query] = ()
    ) -> None:
        self._found: tuple[Query, ...] = ()
        self._error: BaseException | None = None

        def generate() -> None:
            try:
                self._found = Prober(contract, seed=seed, known=known).queries(number)
            except BaseException as error:  # noqa: BLE001 - raised where the queries are needed
                self._error = error

        self._thread = threading.Thread(target=generate, name="generating", daemon=True)
        self._thread.start()

    @property
    def queries(self) -> tuple[Query, ...]:
        """All of them."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._found

    @overload
    def __getitem__(self, place: int) -> Query: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Query]: ...

    def __getitem__(self, place: int | slice) -> Query | Sequence[Query]:
        """Return one or some of them."""
        return self.queries[place]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.queries)


class _FoundError(Exception):
    """Raised for a failing query, so that Hypothesis shrinks it, and to stop generating."""


class Prober:
    """Generates queries from a contract; the same ``seed`` gives the same queries.

    ``known`` are queries to leave out, besides the documented ones.
    """

    def __init__(self, contract: Contract, *, seed: int, known: Collection[Query] = ()) -> None:
        self._seed = seed
        self._known = frozenset((*documented(contract), *known))
        self._document = dict(contract.document)
        self._path = contract.path
        self._closed = _Operation(self._document, self._path, seed)
        self._open = _Operation(_widened(contract), self._path, seed)

    def queries(self, number: int) -> tuple[Query, ...]:
        """Generate at most ``number`` distinct queries, none of them a documented one.

        Coverage cases come first. The rest are random strings for parameters with enumerated values
        and Schemathesis's negative cases.
        """
        with closing(self._closed.coverage()) as coverage:
            kept = dict.fromkeys(islice(filter(self._wanted, coverage), number // 2))
        for strategy in self._strategies():
            room = len(kept) + (number - len(kept) + 1) // 2
            self._draw(strategy, kept, room, examples=number)
        return tuple(kept)[:number]

    def _draw(self, strategy: Any, kept: dict[Query, None], room: int, *, examples: int) -> None:
        """Add queries until there are ``room``, then stop: generating more takes long."""

        def keep(query: Query) -> None:
            if len(kept) < room and self._wanted(query):
                kept[query] = None
            if len(kept) >= room:
                raise _FoundError

        with suppress(_FoundError):
            _run(strategy, self._seed, examples, keep, shrink=False)

    def shrink(self, query: Query, fails: Callable[[Query], bool]) -> Query:
        """Return the smallest generated query that fails like ``query``, or ``query`` itself.

        ``fails`` requests a query from the target; it is called for at most ``SHRINKING_REQUESTS``
        distinct queries, and later ones count as passing.
        """
        known: dict[Query, bool] = {query: True}

        def failing(candidate: Query) -> bool:
            if candidate not in known:
                known[candidate] = len(known) <= SHRINKING_REQUESTS and fails(candidate)
            return known[candidate]

        for strategy in self._strategies():
            smallest = _smallest(strategy, self._seed, failing)
            if smallest is not None and _rank(smallest) < _rank(query):
                query = smallest
        return query

    def _strategies(self) -> Iterator[Any]:
        yield self._open.strategy(negative=False)
        yield self._closed.strategy(negative=True)

    def _wanted(self, query: Query) -> bool:
        return query not in self._known


def _rank(query: Query) -> tuple[int, int, str]:
    return len(query.pairs), len(query.wire), query.wire


class _Operation:
    """The contract's operation in Schemathesis, with everything that sends switched off."""

    def __init__(self, document: dict[str, Any], path: str, seed: int) -> None:
        import schemathesis
        from schemathesis.config import SchemathesisConfig

        # An explicit configuration keeps Schemathesis from looking for a schemathesis.toml.
        config = SchemathesisConfig(seed=seed)
        with _no_traces():
            self._schema = schemathesis.openapi.from_dict(
                _without_extensions(document), config=config
            )
            self._operation = self._schema[path]["GET"]
        self._generation = self._schema.config.generation_for(operation=self._operation)
        self._generation.with_security_parameters = False
        self._generation.codec = None
        phases = self._schema.config.phases_for(operation=self._operation)
        phases.coverage.unexpected_methods = set()

    def coverage(self) -> Generator[Query, None, None]:
        import schemathesis

        with _no_traces():
            cases = self._schema.iter_coverage_cases(
                self._operation,
                generation_modes=list(schemathesis.GenerationMode),
                generation_config=self._generation,
            )
            yield from distinct_queries(filter(None, map(_wire, cases)))

    def strategy(self, *, negative: bool) -> Any:
        import schemathesis

        mode = schemathesis.GenerationMode
        return self._operation.as_strategy(
            generation_mode=mode.NEGATIVE if negative else mode.POSITIVE
        )


def _wire(case: Any) -> Query | None:
    """Return the query of a case as sent; ``None`` for methods other than GET."""
    import requests

    arguments = case.as_transport_kwargs(base_url=ORIGIN)
    if arguments["method"].upper() != "GET":
        return None
    url = arguments["url"]
    prepared = requests.Request("GET", url, params=arguments.get("params")).prepare()
    return Query(str(prepared.url).partition("?")[2])


def _smallest(strategy: Any, seed: int, fails: Callable[[Query], bool]) -> Query | None:
    failing: list[Query] = []

    def judge(query: Query) -> None:
        if fails(query):
            failing.append(query)
            raise _FoundError

    try:
        _run(strategy, seed, SHRINKING_REQUESTS, judge, shrink=True)
    except _FoundError:
        return min(failing, key=_rank)
    return None


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

    with _no_traces():
        test()


def _widened(contract: Contract) -> dict[str, Any]:
    """Return the document with any string allowed where the contract enumerates values."""
    document = copy.deepcopy(dict(contract.document))
    enumerated = {item.parameter for item in contract.filters if item.operator is Operator.EQUALS}
    shared = document["components"].get("parameters", {}).values()
    inline = document["paths"][contract.path]["get"]["parameters"]
    for parameter in (*shared, *inline):
        if parameter.get("name") in enumerated:
            parameter["schema"] = {"type": "string", "minLength": 1, "maxLength": 40}
            parameter["required"] = True
            parameter.pop("example", None)
    return document


def _without_extensions(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if not key.startswith("x-")}


@contextmanager
def _no_traces() -> Iterator[None]:
    """Keep Hypothesis from creating a folder in the working directory.

    Its Unicode tables go to the user's cache, since building them takes seconds; examples are never
    stored.
    """
    from hypothesis import configuration

    configuration.set_hypothesis_home_dir(_storage())
    with _own_words():
        yield
    # Hypothesis's callback of the garbage collector would swallow an interrupt.
    gc.callbacks[:] = [
        callback
        for callback in gc.callbacks
        if not getattr(callback, "__module__", "").startswith("hypothesis.")
    ]


@contextmanager
def _own_words() -> Iterator[None]:
    """Keep Hypothesis from using constants in the code of the user who runs the suite.

    It would otherwise take them from all their modules, even passwords or commands.
    """
    from hypothesis.internal.conjecture import providers

    empty = type(providers._get_local_constants())
    constants, cache = providers._get_local_constants, providers.CONSTANTS_CACHE
    providers._get_local_constants = empty
    providers.CONSTANTS_CACHE = type(cache)(cache.max_size)
    try:
        yield
    finally:
        providers._get_local_constants, providers.CONSTANTS_CACHE = constants, cache


@cache
def _storage() -> Path:
    import platformdirs

    folder = platformdirs.user_cache_path("conductor-conformance") / "hypothesis"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        _TEMPORARY.append(tempfile.TemporaryDirectory(prefix="conductor-conformance-"))
        return Path(_TEMPORARY[-1].name)
    return folder


_TEMPORARY: list[tempfile.TemporaryDirectory[str]] = []
"""Removed when the process ends."""
