"""The command: judge the whole corpus, and write how often it was misjudged into docs/proof.md.

Exit codes: 0 every verdict was right, 1 at least one was not.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path

import click
import generated
from support.repository import ROOT

from foreign.conditions import CONDITIONS, Condition, under
from foreign.corpus import STACKS
from foreign.judging import judge
from foreign.rates import Trial, rates
from foreign.serving import missing, running
from foreign.stack import Mistake, Stack

PROFILES = ("quick", "standard")
PAGE = ROOT / "docs" / "proof.md"


@click.command(help=__doc__.partition("\n")[0])
@click.option("--stack", "stacks", multiple=True, help="Only this stack; may be repeated.")
@click.option("--condition", "conditions", multiple=True, help="Only this condition.")
@click.option("--profile", "profiles", multiple=True, help="Only this profile.")
@click.option("--jobs", default=1, help="Servers at a time.")
@click.option("--misjudged", type=click.Path(path_type=Path), help="Folder for their reports.")
@click.option("--write", is_flag=True, help="Write the table into docs/proof.md.")
def main(
    *,
    stacks: Sequence[str],
    conditions: Sequence[str],
    profiles: Sequence[str],
    jobs: int,
    misjudged: Path | None,
    write: bool,
) -> None:
    """Judge everything that was asked for."""
    # Whoever ends this ends the servers with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    chosen = [one for one in STACKS if not stacks or one.name in stacks]
    if lacking := sorted({package for one in chosen for package in missing(one)}):
        raise click.ClickException(f"missing: apt-get install {' '.join(lacking)}")
    under_these = [one for one in CONDITIONS if not conditions or one.name in conditions]
    ended = threading.Event()
    job = partial(_trials, ended=ended, conditions=under_these, profiles=profiles or PROFILES)
    servers = [(stack, mistake) for stack in chosen for mistake in (None, *stack.mistakes)]
    trials: list[Trial] = []
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for found in pool.map(lambda server: list(job(*server)), servers):
                for trial in found:
                    _report(trial, misjudged)
                trials += found
        finally:
            ended.set()
    order = {one.name: place for place, one in enumerate(CONDITIONS)}
    trials.sort(key=lambda one: order[one.condition])
    words = " ".join(["python3 bootstrap.py foreign-rates", *sys.argv[1:]])
    text = f"{rates(trials)}\n\n{generated.measured_by(words)}"
    click.echo(text)
    if write:
        generated.write(PAGE, {"foreign": text})
    sys.exit(0 if all(one.right for one in trials) else 1)


def _trials(
    stack: Stack,
    mistake: Mistake | None,
    *,
    ended: threading.Event,
    conditions: Sequence[Condition],
    profiles: Sequence[str],
) -> Iterator[Trial]:
    """Judge one server under each condition that suits it; a mistake only where nothing happens."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(stack, folder / "server", mistake) as server:
            for condition, profile in product(conditions, profiles):
                if ended.is_set():
                    return
                if not condition.suits(stack) or (mistake and condition.eventful):
                    continue
                with under(condition, server) as port:
                    judgement = judge(port, profile, folder)
                yield Trial(
                    stack=stack.name,
                    mistake=mistake,
                    profile=profile,
                    condition=condition.name,
                    judgement=judgement,
                )


def _report(trial: Trial, folder: Path | None) -> None:
    name = trial.mistake.name if trial.mistake else "correct"
    words = f"{trial.stack}, {name}, {trial.profile}, {trial.condition}"
    found = f"exit {trial.judgement.exit_code}, {' '.join(sorted(trial.judgement.failed))}"
    click.echo(f"{'right' if trial.right else 'WRONG'}: {words}: {found}", err=True)
    if folder is not None and not trial.right:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{words.replace(', ', '-')}.txt").write_text(trial.judgement.said, "utf-8")


if __name__ == "__main__":
    main()
