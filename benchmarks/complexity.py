"""Measure how the time of functions that touch text of a target grows with that text.

    python benchmarks/complexity.py
    python benchmarks/complexity.py --only 'redact*'

Each function runs on inputs of size n, 2n and 4n that are made to be hard for it. The exponent is
the slope of time over size on logarithmic axes: 1 is linear, 2 is quadratic. It may be at most
1.2; the command ends with 1 if one is higher.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.checks.detectors import model_details, secret_values, server_internals
from conformance.contract.loader import load
from conformance.contract.query import unfiltered
from conformance.core import json_walk, media_type, strict_json, text, toml_document, yaml_document
from conformance.core.json_place import ROOT
from conformance.evidence import churn
from conformance.evidence.exchange import Access, AccessKind, Exchange, Request
from conformance.recording.redaction import BodyRedactor
from conformance.report.render.differences import marked
from conformance.target.response_store import ResponseStore
from conformance.target.secret_search import Secrets

MOST = 1.2
"""The highest exponent; caches and the allocator cost up to 0.1 more than linear growth."""
REPEATS = 3
"""Times that each size is measured, in seconds of the processor; the fastest counts."""
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjb25kdWN0b3IifQ.Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA"  # noqa: S105
FIELDS = frozenset({"enabled"})
WORDS = model_details.Vocabulary.of(load())


@dataclass(frozen=True, slots=True)
class Case:
    """A function, and how to make an input of a size for it; ``size`` takes milliseconds."""

    make: Callable[[int], Any]
    act: Callable[[Any], object]
    size: int


def exponent(case: Case, size: int) -> float:
    """Return the exponent of a function between the sizes n and 4n."""
    given = [case.make(factor * size) for factor in (1, 2, 4)]
    # One size after the other, so that a busy moment of the machine concerns all of them.
    rounds = [[_seconds(case, one) for one in given] for _ in range(REPEATS)]
    fastest = [min(times) for times in zip(*rounds, strict=True)]
    return math.log(fastest[2] / fastest[0], 4)


def steady_exponent(case: Case, size: int) -> float:
    """Return the lowest of a few exponents: noise does not recur."""
    return min(exponent(case, size) for _ in range(REPEATS))


def _seconds(case: Case, given: Any) -> float:
    begin = time.process_time()
    case.act(given)
    return time.process_time() - begin


def _masked(data: bytes) -> bytes:
    secrets = Secrets()
    secrets.add(TOKEN)
    return secrets.masked(data)


def _found(data: bytes) -> tuple[bytes, bool]:
    secrets = Secrets()
    secrets.add(TOKEN)
    return secrets.redacted(data)


def _recorded(body: bytes) -> bytes:
    return BodyRedactor([f"model-{one}" for one in range(100)]).redacted(body)


def _details(element: Mapping[str, Any]) -> list[object]:
    known = [f"model-{one}" for one in range(10)]
    return [*model_details.in_element(element, WORDS, known)]


def _named(names: Sequence[str]) -> list[object]:
    element = {"name": "a", "extra": [f"{name} is here" for name in names]}
    return [*model_details.in_element(element, WORDS, names)]


def _deep(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = {"n" * 100: [value]}
    return value


def _body(rows: int) -> bytes:
    row = {"name": "x", "configuration": {"token": "abc-1234567"}, "extra": "model-1, model-2"}
    return json.dumps([row | {"number": one} for one in range(rows)]).encode()


def _listed(numbers: range) -> Exchange:
    body = json.dumps([{"name": f"p{one}", "enabled": True} for one in numbers]).encode()
    request = Request(unfiltered(load()), Access(AccessKind.GRANTED, "the token", None))
    return Exchange(request=request, url="http://localhost", status=200, headers=(), body=body)


def _text(unit: str) -> Callable[[int], str]:
    return lambda size: unit * size


def _repeat(unit: str) -> Callable[[int], bytes]:
    return lambda size: (unit * size).encode()


CASES: dict[str, Case] = {
    **{
        f"content-type-{name}": Case(_text(f"a/b{unit}"), media_type.parse.__wrapped__, 5000)
        for name, unit in {
            "parameters": ";a=b",
            "charsets": ";charset",
            "quotes": ';a="\\',
            "spaces": "; ",
        }.items()
    },
    **{
        f"{what}-{name}": Case(_repeat(unit), act, size)
        for what, act, size in (("redact-report", _masked, 3000), ("redact-body", _found, 20_000))
        for name, unit in {
            "tokens": f"{TOKEN} ",
            "beginnings": TOKEN[:30],
            "ellipses": f"{TOKEN[:20]}…",
            "percent": "%65",
            "hex": "65:",
            "backslashes": "\\",
            "entities": "&amp;amp;",
        }.items()
    },
    "decode-list": Case(_body, strict_json.decode, 300),
    "decode-list-by-element": Case(_body, lambda body: ResponseStore().read(body), 300),
    "decode-repeated": Case(
        lambda size: b"[%b0]" % (b'{"a":1,"a":2},' * size), strict_json.decode, 500
    ),
    "decode-long-names": Case(
        lambda size: b'{"%b": [%b0]}' % (b"n" * 100 * size, b'{"a":1},' * size),
        strict_json.decode,
        200,
    ),
    "walk-long-names": Case(
        lambda size: {"n" * 100 * size: [{"a": one} for one in range(size)]},
        lambda value: [*json_walk.walk(value, ROOT)],
        500,
    ),
    "walk-deep": Case(_deep, lambda value: [*json_walk.walk(value, ROOT)], 100),
    "walk-json-in-strings": Case(
        lambda size: [json.dumps([{"a": 1}] * 10)] * size,
        lambda value: [*json_walk.walk(value)],
        150,
    ),
    "show": Case(lambda size: "a\x1b##vso[" * size, text.visible, 3000),
    "models-in-lists": Case(
        lambda size: {"name": "a", "extra": [{"k": f"model-{one}"} for one in range(size)]},
        _details,
        200,
    ),
    "models-by-name": Case(lambda size: [f"m-{one}" for one in range(size)], _named, 60),
    "secrets-in-text": Case(
        lambda size: "https://a:" * size + "password=" * size,
        secret_values._secret_within.__wrapped__,
        300,
    ),
    "internals": Case(
        lambda size: ("at a.b.c(d.java" * size).encode(), server_internals._exposed.__wrapped__, 300
    ),
    "record-list": Case(_body, _recorded, 100),
    "record-tokens": Case(_repeat("eyJaaaaaaaaa."), _recorded, 500),
    "record-no-json": Case(_repeat('{"configuration": "a", token=b '), _recorded, 200),
    "toml-keys": Case(
        lambda size: "".join(f"{'a.' * 20}b{one} = 1\n" for one in range(size)),
        toml_document.read_toml,
        30,
    ),
    "differences": Case(
        lambda size: ("a b " * size, "b a 1 " * size), lambda texts: marked(*texts), 400
    ),
    "churn": Case(
        lambda size: [_listed(range(shift, shift + size)) for shift in range(6)],
        lambda reads: churn.observed_changes(reads, FIELDS, FIELDS),
        200,
    ),
    "names-that-come-and-go": Case(
        lambda size: [_listed(range(first, 2 * size, 2)) for first in (0, 1) * 3],
        lambda reads: churn.observed_changes(reads, FIELDS, FIELDS),
        200,
    ),
    "yaml-aliases": Case(
        lambda size: ("a: &a [1]\n" + "".join(f"b{one}: *a\n" for one in range(size))).encode(),
        yaml_document.read_yaml,
        100,
    ),
}
"""Functions by name."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="*", metavar="PATTERN", help="names of the functions")
    parser.add_argument("--scale", type=int, default=4, help="multiple of the sizes of the tests")
    given = parser.parse_args(arguments)
    steep = 0
    for name, case in CASES.items():
        if fnmatch.fnmatchcase(name, given.only):
            found = steady_exponent(case, case.size * given.scale)
            steep += found > MOST
            print(f"{name:<32} {found:5.2f}{'  STEEP' if found > MOST else ''}", flush=True)
    return 1 if steep else 0


if __name__ == "__main__":
    sys.exit(main())
