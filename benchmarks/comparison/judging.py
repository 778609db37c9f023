"""Run tools on servers: over a real socket, each by its own process in its own folder."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from comparison.keeping import Kept, Result
from comparison.processes import Processes
from comparison.subjects import Subject
from comparison.tool import ROOT, UNJUDGED, Ready, Target, Tool, fingerprint
from conformance.contract import loader as contracts

LEFT_OUT = ("CONDUCTOR_", "SCHEMATHESIS_", "HYPOTHESIS_", "PORTMAN_", "POSTMAN_", "NODE_", "JAVA_")


@dataclass(frozen=True, slots=True)
class Contestant:
    """An installed tool; ``fingerprint`` also changes with the contract and the catalogue."""

    tool: Tool
    ready: Ready

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.ready.fingerprint, catalogue_fingerprint())


def catalogue_fingerprint() -> str:
    """Return a digest of the contract and of the servers."""
    contract = contracts.default_path()
    servers = (ROOT / "conformance" / "reference").rglob("*.py")
    foreign = [one for one in (ROOT / "tests" / "foreign").rglob("*") if one.is_file()]
    return fingerprint(files=[contract, contracts.beside(contract), *servers, *foreign])


class Judges:
    """Run tools and store their results; closing ends the running processes."""

    def __init__(self, contestants: Sequence[Contestant], kept: Kept, deadline: float) -> None:
        """Give each process ``deadline`` seconds."""
        self._contestants = [(one, one.fingerprint) for one in contestants]
        self._kept = kept
        self._processes = Processes(deadline)
        self._writing = threading.Lock()

    def alternate(self, turns: Iterable[Subject]) -> Generator[Result, None, None]:
        """Judge each server by all tools in turn, one process at a time; yield the results.

        Stored results are used only if all tools judged the server, because times are compared
        within a turn.
        """
        for subject in turns:
            known = self._known(subject)
            if len(known) == len(self._contestants):
                yield from known.values()
                continue
            for contestant, digest in self._contestants:
                yield self._ask(subject, contestant, digest)

    def judge(self, everything: Sequence[Subject], jobs: int) -> Generator[Result, None, None]:
        """Judge every server by every tool, ``jobs`` servers at once; yield the results."""

        def job(subject: Subject) -> list[Result]:
            known = self._known(subject)
            return [
                known.get(contestant.tool.name) or self._ask(subject, contestant, digest)
                for contestant, digest in self._contestants
            ]

        with ThreadPoolExecutor(jobs) as pool:
            futures: list[Future[list[Result]]] = []
            try:
                futures += [pool.submit(job, subject) for subject in everything]
                for future in as_completed(futures):
                    yield from future.result()
            finally:
                self.close()
                for future in futures:
                    future.cancel()

    def close(self) -> None:
        """End the running processes; nothing can be judged afterwards."""
        self._processes.close()

    def _known(self, subject: Subject) -> dict[str, Result]:
        names = [
            (contestant.tool.name, self._kept.find(digest, contestant.tool.name, subject.name))
            for contestant, digest in self._contestants
        ]
        return {name: result for name, result in names if result is not None}

    def _ask(self, subject: Subject, contestant: Contestant, digest: str) -> Result:
        try:
            result = judged(subject, contestant, self._processes)
        except Exception as error:  # noqa: BLE001 - the other servers are judged anyway
            return Result(
                tool=contestant.tool.name,
                name=subject.name,
                kind=subject.kind,
                group=subject.group,
                verdict=UNJUDGED,
                problem=f"{type(error).__name__}: {error}",
            )
        with self._writing:
            self._kept.add(digest, result)
        return result


def judged(subject: Subject, contestant: Contestant, processes: Processes) -> Result:
    """Start a server, run a tool on it, and return the result."""
    with (
        tempfile.TemporaryDirectory(prefix="comparison-") as place,
        tempfile.TemporaryDirectory(prefix="comparison-") as name,
        subject.served(Path(place)) as served,
    ):
        folder = Path(name)
        target = Target(
            url=served.url,
            token=served.token,
            access_key=served.access_key,
            strict=subject.strict,
            folder=folder,
        )
        command = contestant.ready.command(target)
        environment = {**clean_environment(folder), **command.environment}
        ended = processes.run(command.words, folder, environment)
        outcome = contestant.ready.read(folder, ended)
    return Result(
        tool=contestant.tool.name,
        name=subject.name,
        kind=subject.kind,
        group=subject.group,
        verdict=outcome.verdict,
        found=outcome.found,
        requests=dict(served.requests),
        seconds=ended.seconds,
        processor=ended.processor,
        megabytes=ended.megabytes,
        problem=outcome.problem,
    )


def clean_environment(folder: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return an environment without proxies and settings of the tools; ``folder`` is its home."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(LEFT_OUT) and not name.lower().endswith("_proxy")
    }
    # An installed package is compiled, so this one has to be, too.
    return {**kept, "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": ""}
