"""Judge servers many times: living servers, which must pass, and fickle servers, which must fail.

    python benchmarks/soak.py living --runs 200
    python benchmarks/soak.py fickle --runs 50
    python benchmarks/soak.py power --runs 60 --write docs/proof.md

A living server keeps the contract while its cluster changes at random between any two requests;
the rate differs between runs. A fickle server is wrong in one of twenty responses. The servers of
``power`` lack a random provider in one of N responses; all should be caught up to the N that the
report states.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import generated
from measuring import table
from starlette.requests import Request
from starlette.responses import Response

import conformance
from conformance import Outcome, Target
from conformance.reference import EmbeddedServer, Operation, Provider, ReferenceServer, operation_of
from conformance.reference.faults import FAULTS
from conformance.reference.server import Handler

ONE_IN = (5, 10, 20, 40, 80, 160)
RATES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005)
"""Probabilities of a change between two requests."""


class Living(ReferenceServer):
    """A conformant server whose providers appear, vanish and change at random."""

    def __init__(self, *, seed: int) -> None:
        super().__init__()
        self.everyone = self.providers
        self.random = random.Random(seed)
        self.chance = RATES[seed % len(RATES)]
        # In some runs all providers change, in others always the same few.
        self.movers = self.random.sample(range(len(self.everyone)), (16, 4, 1)[seed // 8 % 3])

    async def respond(self, request: Request, handler: Handler) -> Response:
        if operation_of(request) is not Operation.TOKEN and self.random.random() < self.chance:
            self.change()
        return await super().respond(request, handler)

    def change(self) -> None:
        chosen = self.everyone[self.random.choice(self.movers)]
        present = next((one for one in self.providers if one.name == chosen.name), None)
        others = [one for one in self.providers if one.name != chosen.name]
        if present is None:
            others.insert(self.random.randrange(len(others) + 1), chosen)
        elif self.random.random() < 0.4:
            pass
        else:
            others.append(self.changed(present))
        self.providers = tuple(others)

    def changed(self, provider: Provider) -> Provider:
        kind = self.random.randrange(3)
        if kind == 0:
            return replace(provider, enabled=not provider.enabled)
        if kind == 1:
            return replace(provider, category=self.random.choice(self.everyone).category)
        return replace(provider, description=f"as of {self.random.random()}")


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one run; ``failed`` has the ids of the failed requirements."""

    name: str
    exit_code: int
    failed: tuple[str, ...]
    undecided: int
    requests: int
    example: str


def judge(name: str, server: ReferenceServer, seed: int) -> Result:
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=server.issue_token()) as target,
    ):
        report = conformance.run(target, profile="standard", seed=seed)
    failed = [one for one in report.verdicts if one.outcome is Outcome.FAILED and one.binding]
    return Result(
        name,
        report.exit_code,
        tuple(verdict.requirement.id for verdict in failed),
        sum(verdict.outcome is Outcome.INCONCLUSIVE for verdict in report.verdicts),
        report.requests,
        failed[0].findings[0].message if failed else report.reason,
    )


def living(seed: int) -> Result:
    server = Living(seed=seed)
    return judge(f"rate {server.chance:g}, {len(server.movers)} moving", server, seed)


def fickle(seed: int, names: Sequence[str]) -> Result:
    name = names[seed % len(names)]
    fault = next(fault for fault in FAULTS if fault.name == name)
    return judge(name, fault.make(), seed)


class Rare(ReferenceServer):
    """Lacks a random provider in one of ``one_in`` responses, each by chance."""

    def __init__(self, *, one_in: int, seed: int) -> None:
        super().__init__()
        self.one_in = one_in
        self.random = random.Random(seed)

    async def list_providers(self, request: Request) -> Response:
        query = self.read_query(request)
        chosen = self.select(query)
        if chosen and self.random.random() < 1 / self.one_in:
            chosen.remove(self.random.choice(chosen))
        return self.render([self.represent(provider, query) for provider in chosen], request)


def power(seed: int) -> Result:
    one_in = ONE_IN[seed % len(ONE_IN)]
    return judge(f"wrong in one of {one_in:>3}", Rare(one_in=one_in, seed=seed), seed)


def fickle_names() -> list[str]:
    return sorted(fault.name for fault in FAULTS if fault.name.startswith("now-and-then-"))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kind", choices=("living", "fickle", "power"))
    parser.add_argument(
        "--runs",
        type=int,
        default=0,
        help="number of runs; by default 200, or 50 per fickle server",
    )
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--first", type=int, default=0, metavar="SEED")
    parser.add_argument("--only", nargs="*", metavar="FAULT", help="fickle servers to judge")
    parser.add_argument("--write", type=Path, metavar="F", help="write the table into a document")
    given = parser.parse_args(arguments)
    names = given.only or fickle_names()
    job = {"living": living, "power": power}.get(given.kind) or partial(fickle, names=names)
    runs = given.runs or (50 * len(names) if given.kind == "fickle" else 200)
    wanted = 0 if given.kind == "living" else 1
    context = multiprocessing.get_context("spawn")
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    undecided: Counter[str] = Counter()
    with ProcessPoolExecutor(given.jobs, mp_context=context) as pool:
        for result in pool.map(job, range(given.first, given.first + runs)):
            total[result.name] += 1
            right[result.name] += result.exit_code == wanted
            undecided[result.name] += result.undecided
            if result.exit_code != wanted:
                print(f"exit {result.exit_code}: {result.name}: {result.failed} {result.example}")
    rows = [
        [name, str(total[name]), str(right[name]), f"{undecided[name] / total[name]:.1f}"]
        for name in sorted(total)
    ]
    rows.append(["all", str(total.total()), str(right.total()), ""])
    made = table(("server", "runs", f"exit {wanted}", "undecided on average"), rows)
    print(made)
    if given.write is not None:
        words = f"{given.kind} --runs {runs}" + (
            f" --only {' '.join(given.only)}" if given.only else ""
        )
        line = generated.measured_by(f"python benchmarks/soak.py {words} --write {given.write}")
        generated.write(given.write, {f"soak {given.kind}": f"{line}\n\n{made}"})
    return 0 if right.total() == total.total() else 1


if __name__ == "__main__":
    sys.exit(main())
