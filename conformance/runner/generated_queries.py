"""Generated queries: from a worker process, so that Schemathesis stays out of this one.

The worker starts early and generates while other requests are sent.
"""

from __future__ import annotations

import copy
import json
import re
import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, BinaryIO, Self, cast

from conformance.contract.model import Contract, Filter, Operator
from conformance.contract.query import Query, documented
from conformance.core import own_process

COMMAND = own_process.command("conformance.runner.generation_worker")


class QueryGenerator:
    """A worker process that generates queries; it starts when first needed.

    It can serve several runs, one after the other. Whoever creates it must close it.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._pending: GeneratedQueries | None = None
        self._begun: tuple[Contract, object, GeneratedQueries] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the process, unless it runs; importing what it needs takes it a second."""
        if self._process is None:
            self._process = own_process.start(COMMAND)

    def begin(
        self, contract: Contract, number: int, *, seed: int, known: Collection[Query] = ()
    ) -> GeneratedQueries:
        """Begin to generate at most ``number`` queries, none of the documented or ``known`` ones.

        The same seed gives the same queries.
        """
        wires = sorted({query.wire for query in (*documented(contract), *known)})
        settings = number, seed, wires
        # Runs with the same contract and seed need the same queries.
        if self._begun is None or self._begun[0] is not contract or self._begun[1] != settings:
            self._send(_order(contract, seed) | {"number": number, "known": wires})
            self._pending = GeneratedQueries(self._receive)
            self._begun = contract, settings, self._pending
        return self._begun[2]

    def shrink(
        self, contract: Contract, query: Query, fails: Callable[[Query], bool], *, seed: int
    ) -> Query:
        """Return the smallest generated query that fails like ``query``, or ``query`` itself.

        ``fails`` requests a query from the target; it is called for a bounded number of queries.

        Raises:
            RuntimeError: the process failed.
        """
        self._send(_order(contract, seed) | {"shrink": query.wire})
        try:
            while "candidate" in (result := self._receive()):
                self._send(fails(Query(result["candidate"])))
        except BaseException:
            # The process still waits for an answer.
            self.close()
            raise
        return Query(result["smallest"])

    def close(self) -> None:
        """End the process."""
        process, self._process, self._pending, self._begun = self._process, None, None, None
        if process is not None:
            own_process.end(process)

    def _send(self, order: Mapping[str, Any] | bool) -> None:
        self.start()
        if self._pending is not None:
            # Results arrive in the order of the orders.
            pending, self._pending = self._pending, None
            len(pending)
        stream = self._stream("stdin")
        stream.write(json.dumps(order).encode() + b"\n")
        stream.flush()

    def _receive(self) -> dict[str, Any]:
        line = self._stream("stdout").readline()
        result: dict[str, Any] = json.loads(line) if line else {"error": "its process ended"}
        if "error" in result:
            raise RuntimeError(f"queries could not be generated: {result['error']}")
        return result

    def _stream(self, name: str) -> BinaryIO:
        return cast("BinaryIO", getattr(self._process, name))


class GeneratedQueries(Iterable[Query]):
    """Queries that are being generated; accessing them waits until they are ready."""

    def __init__(self, receive: Callable[[], Mapping[str, Any]]) -> None:
        self._receive = receive

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """All of them; a ``RuntimeError`` says why the process failed."""
        return tuple(map(Query, self._receive()["queries"]))

    def __iter__(self) -> Iterator[Query]:
        """Return an iterator over them."""
        return iter(self.queries)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.queries)


def _order(contract: Contract, seed: int) -> dict[str, Any]:
    documents = {"document": _closed(contract), "widened": _widened(contract)}
    return {"contract": documents | {"path": contract.path, "seed": seed}}


def _closed(contract: Contract) -> dict[str, Any]:
    """Return the document with only the documented values allowed where it lists values."""
    document = copy.deepcopy(dict(contract.document))
    for parameter, item in _listing(document, contract):
        # For an enum, Schemathesis rejects hundreds of candidates until one is not in it.
        values = "|".join(map(re.escape, item.supported))
        parameter["schema"] = {"type": "string", "pattern": f"^({values})$"}
    return document


def _widened(contract: Contract) -> dict[str, Any]:
    """Return the document with any string allowed where it lists values."""
    document = copy.deepcopy(dict(contract.document))
    for parameter, _ in _listing(document, contract):
        parameter["schema"] = {"type": "string", "minLength": 1, "maxLength": 40}
        parameter["required"] = True
        parameter.pop("example", None)
        parameter.pop("examples", None)
    return document


def _listing(
    document: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[dict[str, Any], Filter]]:
    filters = {i.parameter: i for i in contract.filters if i.operator is Operator.EQUALS}
    shared = document["components"].get("parameters", {}).values()
    inline = document["paths"][contract.path]["get"]["parameters"]
    for parameter in (*shared, *inline):
        if parameter.get("name") in filters:
            yield parameter, filters[parameter["name"]]
