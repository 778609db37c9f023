"""The command: fuzz some targets, or all, and show what was reached.

Exit codes: 0 nothing was found, 1 something was, 2 usage error.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click
import generated

from fuzzing import found, seeds
from fuzzing.targets import TARGETS, Target

LONGEST_INPUT_SECONDS = 25
MOST_MEGABYTES = 600
FOUND = Path("fuzz-found")
"""Where inputs that break something are put."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a target fared; ``crashes`` are the inputs that broke it."""

    target: Target
    seconds: int
    inputs: int
    covered: int
    megabytes: int
    code: int
    crashes: tuple[bytes, ...]
    log: str

    @property
    def fine(self) -> bool:
        """Whether nothing was found, and inputs were tried at all."""
        return self.code == 0 and not self.crashes and self.inputs > 0


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(TARGETS)), metavar="[TARGET]...")
@click.option(
    "--seconds", type=click.IntRange(1), default=600, show_default=True, help="In all targets."
)
@click.option("--runs", type=click.IntRange(1), help="Try so many inputs of each target instead.")
@click.option("--seed", type=click.IntRange(1), default=1, show_default=True)
@click.option(
    "--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, help="Targets fuzzed at once."
)
@click.option(
    "--corpus",
    type=click.Path(file_okay=False, path_type=Path),
    help="Start from the inputs in this folder, too, and keep there what reaches further.",
)
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="A document.")
def main(
    names: tuple[str, ...],
    seconds: int,
    runs: int | None,
    seed: int,
    jobs: int,
    corpus: Path | None,
    write: Path | None,
) -> None:
    """Fuzz what reads answers: TARGETs, or all of them."""
    targets = [TARGETS[name] for name in names or TARGETS]
    # Each job gets its share of the processors' time, so the whole takes as long as asked for.
    second = seconds * min(jobs, len(targets)) / sum(target.share for target in targets)

    def fuzz(target: Target) -> Result:
        limit = max(1, round(second * target.share))
        return _fuzz(target, limit, runs, seed, corpus)

    with ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(fuzz, sorted(targets, key=lambda target: -target.share)))
    made = _table(results)
    click.echo(made)
    if write is not None:
        words = f"--seconds {seconds} --seed {seed} --write {write}"
        line = generated.measured_by(f"python3 bootstrap.py fuzz {words}")
        generated.write(write, {"fuzz": f"{line}\n\n{made}"})
    for result in results:
        if not result.fine:
            click.echo(f"\n{result.target.name}: exit {result.code}\n{result.log[-6000:]}")
        for crash in result.crashes:
            FOUND.mkdir(exist_ok=True)
            path = FOUND / found.name_of(result.target.name, crash)
            path.write_bytes(crash)
            click.echo(f"{result.target.name}: kept as {path}")
    sys.exit(0 if all(result.fine for result in results) else 1)


def _fuzz(target: Target, seconds: int, runs: int | None, seed: int, corpus: Path | None) -> Result:
    with tempfile.TemporaryDirectory(prefix="fuzzing-") as name:
        folder = Path(name)
        start, crashes = folder / "start", folder / "crashes"
        grown = corpus / target.name if corpus else folder / "grown"
        for each in (start, crashes, grown):
            each.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate((*target.seeds(), *found.inputs(target.name))):
            (start / f"{number:03}").write_bytes(data)
        (folder / "words").write_text(seeds.dictionary())
        command = [
            *(sys.executable, "-m", "fuzzing.worker", target.name),
            f"-runs={runs}" if runs else f"-max_total_time={seconds}",
            f"-seed={seed}",
            f"-dict={folder / 'words'}",
            f"-timeout={LONGEST_INPUT_SECONDS}",
            f"-report_slow_units={LONGEST_INPUT_SECONDS}",
            f"-rss_limit_mb={MOST_MEGABYTES}",
            f"-artifact_prefix={crashes}{os.sep}",
            "-print_final_stats=1",
            *(str(grown), str(start)),
        ]
        done = subprocess.run(command, capture_output=True, check=False)
        log = done.stderr.decode("utf-8", "backslashreplace")
        out = done.stdout.decode("utf-8", "backslashreplace")
        return Result(
            target,
            seconds,
            inputs=_last(r"stat::number_of_executed_units:\s*(\d+)", log),
            covered=_last(r"\bcov: (\d+)", log),
            megabytes=_last(r"stat::peak_rss_mb:\s*(\d+)", log),
            code=done.returncode,
            crashes=tuple(path.read_bytes() for path in sorted(crashes.iterdir())),
            log=log + out,
        )


def _last(pattern: str, text: str) -> int:
    numbers = re.findall(pattern, text)
    return int(numbers[-1]) if numbers else 0


def _table(results: Sequence[Result]) -> str:
    lines = [
        "| target | reads | inputs | edges reached | MB | found |",
        "|---|---|---:|---:|---:|---|",
    ]
    for result in sorted(results, key=lambda result: list(TARGETS).index(result.target.name)):
        outcome = "nothing" if result.fine else f"{len(result.crashes)}, exit {result.code}"
        lines.append(
            f"| {result.target.name} | {result.target.description} | {result.inputs:,} "
            f"| {result.covered:,} | {result.megabytes:,} | {outcome} |"
        )
    total = sum(result.inputs for result in results)
    lines.append(f"\n{total:,} inputs.")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
