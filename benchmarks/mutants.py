"""Mutation testing of what judges: does a test notice if a check, detector or comparison changes?

    python benchmarks/mutants.py                          # a sample, the same each time
    python benchmarks/mutants.py --only '*/shape.py' --all
    python benchmarks/mutants.py --write docs/proof.md

A mutant is one small change of one module, made by cosmic-ray. It is killed by the first of these
that fails: the unit tests that import the module, the other unit tests of the judging rooms, the
self-test of the requirements that the code decides. What survives is either equivalent, with a
reason in benchmarks/mutation/equivalent.yaml, or shows that a test is missing.

Each result is stored (--session), so the same command continues after an interruption. Exit codes:
0 if at least 97 % are killed or equivalent, 1 if not, 2 if the tests fail without a mutant, 130 if
interrupted.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from types import FrameType

import generated
from mutation.mutants import Change, Mutant, change, mutants, shuffled
from mutation.selection import Sources
from mutation.session import Session, Trial, opened
from mutation.survivors import Equivalent, Tried, block, equivalents, passed
from mutation.trials import STAGES, Bench

ROOT = Path(__file__).resolve().parents[1]
SESSION = ROOT / ".mutants" / "session.sqlite"
EQUIVALENT = ROOT / "benchmarks" / "mutation" / "equivalent.yaml"
MUTATED = (
    "conformance/checks/**/*.py",
    "conformance/evidence/**/*.py",
    "conformance/contract/filter_oracle.py",
    "conformance/contract/query.py",
    "conformance/contract/schema.py",
)
"""What decides verdicts: the checks with their detectors, what they compare, and the meaning of
filters, queries and schemas. The rest of the contract's room reads documents, which have tests of
their own; the other rooms send, store and show."""
SAMPLE, SEED = 150, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the mutants; print or write the result."""
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    places = shuffled(_everything(given.only), SEED)
    chosen = list(islice(_valid(places), None if given.all else given.sample))
    known = equivalents(EQUIVALENT)
    with opened(given.session, ROOT) as session:
        try:
            trials = _tried(chosen, known, session, given.jobs, again=given.again)
        except KeyboardInterrupt:
            sys.stderr.write("mutants: interrupted; the same command continues from here\n")
            return 130
        except RuntimeError as problem:
            sys.stderr.write(f"mutants: {problem}\n")
            return 2
    made = block(trials, len(places), [stage.name for stage in STAGES])
    print(made)
    if given.write is not None:
        words = "--all" if given.all else f"--sample {given.sample}"
        line = generated.measured_by(f"python benchmarks/mutants.py {words} --write {given.write}")
        generated.write(given.write, {"mutants": f"{line}\n\n{made}"})
    return 0 if passed(trials) else 1


def _everything(only: str) -> Iterator[Mutant]:
    found = sorted({path for pattern in MUTATED for path in ROOT.glob(pattern)})
    for path in found:
        name = path.relative_to(ROOT).as_posix()
        if fnmatch.fnmatchcase(name, only):
            yield from mutants(name, path.read_text("utf-8"))


def _valid(places: Iterable[Mutant]) -> Iterator[tuple[Mutant, Change]]:
    for mutant in places:
        made = change(mutant, (ROOT / mutant.module).read_text("utf-8"))
        if made is not None:
            yield mutant, made


def _tried(
    chosen: Sequence[tuple[Mutant, Change]],
    known: Sequence[Equivalent],
    session: Session,
    jobs: int,
    *,
    again: bool,
) -> list[Tried]:
    """Try the mutants, all at one stage before the next, and return them with their results.

    Raises:
        RuntimeError: a test fails without a mutant.
    """
    fresh = {mutant.key for mutant, _ in chosen if again}
    last: dict[str, Trial] = {}
    for mutant, _ in chosen:
        trial = session.trial(mutant)
        if trial is not None and (trial.killer or mutant.key not in fresh):
            last[mutant.key] = trial
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        benches: SimpleQueue[Bench] = SimpleQueue()
        sources, lock = Sources(ROOT), Lock()
        everyone = [Bench(sources, Path(name) / str(number)) for number in range(jobs)]
        for bench in everyone:
            bench.prepare()
            benches.put(bench)

        def attempt(one: Tried, stage: int) -> None:
            bench = benches.get()
            try:
                killer = bench.killed_by(one.mutant, one.change, STAGES[stage])
            finally:
                benches.put(bench)
            trial = Trial(stage, killer)
            with lock:
                last[one.mutant.key] = trial
                session.keep(one.mutant, one.change, trial)
                outcome = killer or "survived"
                print(STAGES[stage].name, one.mutant.module, one.change.now, outcome, sep=": ")
                sys.stdout.flush()

        for stage in range(len(STAGES)):
            waiting = [one for one in _results(chosen, known, last) if _goes_on(one, stage)]
            with ThreadPoolExecutor(jobs) as pool:
                try:
                    for done in [pool.submit(attempt, one, stage) for one in waiting]:
                        done.result()
                except BaseException:
                    for bench in everyone:
                        bench.stop()
                    pool.shutdown(cancel_futures=True)
                    raise
    return _results(chosen, known, last)


def _goes_on(one: Tried, stage: int) -> bool:
    """Whether a mutant is tried at a stage; what is known as equivalent only at the first."""
    if one.trial is None:
        return stage == 0
    return one.trial.killer is None and one.trial.stage < stage and not one.why


def _results(
    chosen: Iterable[tuple[Mutant, Change]],
    known: Sequence[Equivalent],
    last: dict[str, Trial],
) -> list[Tried]:
    return [
        Tried(mutant, made, last.get(mutant.key), _why(known, mutant, made))
        for mutant, made in chosen
    ]


def _why(known: Sequence[Equivalent], mutant: Mutant, made: Change) -> str:
    return next((one.why for one in known if one.is_about(mutant, made)), "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=SAMPLE, metavar="N", help="(%(default)s)")
    parser.add_argument("--all", action="store_true", help="one mutant of every place: for hours")
    parser.add_argument("--only", default="*", metavar="GLOB", help="paths of modules")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="tried at once")
    parser.add_argument("--again", action="store_true", help="try again what survived")
    parser.add_argument("--session", type=Path, default=SESSION, metavar="F", help="stored results")
    parser.add_argument("--write", type=Path, metavar="F", help="write the result into a document")
    return parser


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
