"""Judge faulty servers with baselines of other seeds: each baseline has to fit every run.

    python benchmarks/baselines.py --faults 50 --seeds 12
    python benchmarks/baselines.py --only robust- auth-any-token --seeds 12

A seed decides which queries are generated. The failures of the first seed make the baseline.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from conformance.contract.loader import load
from conformance.reference.faults import FAULTS
from conformance.report.baseline import Baseline, parse
from conformance.report.baseline_update import updated
from conformance.report.conclusion import gate
from conformance.report.report import Conclusion, FailOn, Report, binding_levels
from conformance.runner.generated_queries import QueryGenerator
from conformance.selftest.catalogue import fault
from conformance.selftest.server_run import judged

PROFILE = "standard"
"""The smallest profile that generates queries."""


def misfits(reports: Sequence[Report]) -> dict[int, str]:
    """Return why the baseline of the first report does not fit others, by their seeds."""
    law, first = load(), reports[0]
    levels = binding_levels(FailOn.MUST)
    text = updated(Baseline("known.toml"), first.verdicts, law, binding=levels).text
    results = {
        report.seed: gate(
            report.verdicts,
            law,
            fail_on=FailOn.MUST,
            require_evidence=False,
            baseline=parse(text, "known.toml"),
            today=report.started.date(),
        )
        for report in reports
    }
    return {
        seed: result.reason
        for seed, result in results.items()
        if result.conclusion is not Conclusion.CONFORMANT
    }


def swept(name: str, seeds: int) -> dict[int, str]:
    """Judge one fault with each seed, and return the seeds that its baseline does not fit."""
    with QueryGenerator() as generator:
        return misfits(
            [
                judged(fault(name), profile=PROFILE, seed=seed, generator=generator)
                for seed in range(1, seeds + 1)
            ]
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=len(FAULTS), metavar="N")
    parser.add_argument("--seeds", type=int, default=12, metavar="N")
    parser.add_argument("--only", nargs="+", default=("",), metavar="BEGINNING")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    options = parser.parse_args()
    names = [one.name for one in FAULTS if one.name.startswith(tuple(options.only))]
    # Spread over the catalogue, whose order is by subject.
    step = max(1, len(names) // options.faults)
    chosen = names[::step][: options.faults]
    context = multiprocessing.get_context("spawn")
    print("| fault | seeds | do not fit |\n| --- | ---: | --- |")
    bad = 0
    with ProcessPoolExecutor(options.workers, mp_context=context) as pool:
        results = pool.map(partial(swept, seeds=options.seeds), chosen)
        for name, found in zip(chosen, results, strict=True):
            bad += bool(found)
            text = "; ".join(f"{seed}: {reason}" for seed, reason in found.items())
            print(f"| {name} | {options.seeds} | {text} |", flush=True)
    print(f"\n{bad} of {len(chosen)} baselines do not fit every seed.")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
