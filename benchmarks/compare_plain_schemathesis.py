"""Run plain Schemathesis against the catalogue: the faults it catches, the variations it fails.

    python benchmarks/compare_plain_schemathesis.py --configuration tuned --ours
    python benchmarks/compare_plain_schemathesis.py --only 'filter-*' --json results.json

Each fault and variation is started here, and ``schemathesis run`` judges it by the same contract
as a process of its own, in a temporary directory. The tables are printed as Markdown.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from importlib import metadata
from pathlib import Path
from statistics import median
from types import FrameType
from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send

from conformance import contract as contracts
from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.faults import FAULTS, Fault
from conformance.reference.variations import VARIATIONS, Variation
from conformance.reference.variations.entries import Key

ENDPOINT = "/api/integrations/provider"
READS = ("GET", "HEAD")
RIGHT = "right"
OURS = "ours"
SETTINGS = "schemathesis.toml"
REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class Configuration:
    """A way to use Schemathesis: arguments of ``schemathesis run``, and a ``schemathesis.toml``."""

    name: str
    arguments: tuple[str, ...] = ()
    settings: str = ""

    def command(self, contract: str, base: str, token: str | None) -> list[str]:
        """Return the arguments of ``schemathesis`` that judge the server at ``base``."""
        header = () if token is None else ("-H", f"X-Authorization: {token}")
        before = ("--config-file", SETTINGS) if self.settings else ()
        return [*before, "run", contract, "--url", base, *header, *self.arguments]

    def shown(self) -> str:
        """Return the command as a person would type it."""
        command = self.command("spec/openapi.yaml", "URL", "TOKEN")
        return shlex.join(["schemathesis", *command]).replace("'", '"')


CONFIGURATIONS = (
    Configuration("untuned"),
    Configuration(
        "tuned",
        (
            # The contract permits `[]` for a category that it does not know, and is silent about
            # methods other than GET.
            "--exclude-checks",
            "negative_data_rejection,unsupported_method",
            "--generation-database",
            "none",
            "--seed",
            "1",
        ),
        # Without the check there is no use in sending DELETE and the like, and there is harm.
        "[phases.coverage]\nunexpected-methods = []\n",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A server to judge: ``kind`` is fault, variation or right, ``group`` its line in the table."""

    name: str
    kind: str
    group: str
    make: Callable[[], ReferenceServer]
    published: Callable[[str], AbstractContextManager[str]] = nullcontext
    key: Key = Key.TOKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a tool (a configuration of Schemathesis, or ours) said of one server.

    ``found`` are the kinds of failure it reports, or the requirements it calls broken. Requests are
    those that reached the server, by method. ``problem`` says why there is no judgement, if so.
    """

    tool: str
    name: str
    kind: str
    group: str
    exit_code: int | None
    found: tuple[str, ...]
    requests: Mapping[str, int]
    seconds: float
    problem: str = ""

    @property
    def failed(self) -> bool:
        """Whether it said that the server is wrong."""
        return self.exit_code == 1 and not self.problem

    @property
    def others(self) -> tuple[str, ...]:
        """The methods other than GET and HEAD."""
        return tuple(sorted(method for method in self.requests if method not in READS))

    def beyond(self, right: Result) -> bool:
        """Whether it said something of the server that it does not say of the right one, too."""
        return self.failed and bool(set(self.found) - set(right.found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table: what one tool said of the servers of a group; medians are ``None`` of 0.

    ``failed`` is the number of those it called wrong, ``beyond`` of those that it said more of than
    of the right server, ``ours`` of those that our command called wrong (``None`` if it did not
    run). ``others`` counts those to which it sent other methods than GET and HEAD.
    """

    group: str
    servers: int
    failed: int
    beyond: int
    ours: int | None
    unjudged: int
    others: int
    requests: float | None
    seconds: float | None
    ratio: float | None


# What is judged ----------------------------------------------------------------------------------


def subjects(faults: Iterable[Fault], variations: Iterable[Variation]) -> Iterator[Subject]:
    """Return the servers of the catalogues; a fault's group is the first family it breaks."""
    families = list(contracts.load().families)
    for fault in faults:
        first = min(fault.families, key=families.index)
        yield Subject(name=fault.name, kind="fault", group=first, make=fault.make)
    for variation in variations:
        yield Subject(
            name=variation.name,
            kind="variation",
            group=variation.name.partition("-")[0],
            make=variation.make,
            published=variation.published,
            key=variation.key,
        )


def sampled(everything: Sequence[Subject], only: str | None, step: int) -> list[Subject]:
    """Return every ``step``-th of the servers whose name matches the pattern."""
    return [one for one in everything if only is None or fnmatchcase(one.name, only)][::step]


def base_of(url: str) -> str:
    """Return what the contract's paths are appended to, for a URL that names the API somehow."""
    url = url.rstrip("/")
    return url.removesuffix(ENDPOINT).removesuffix("/api")


# Judging one -------------------------------------------------------------------------------------


class Recorded:
    """A server in the eyes of ``EmbeddedServer``, which counts the requests by method."""

    def __init__(self, server: ReferenceServer) -> None:
        """Record what reaches ``server``, whether it has a route or not."""
        self.prefix = server.prefix
        self.requests: Counter[str] = Counter()
        self._app = server.app

    @property
    def app(self) -> ASGIApp:
        """The application of the server, with a count before it."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                self.requests[scope["method"]] += 1
            await self._app(scope, receive, send)

        return counted


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: ``None`` is the exit code of one that was killed at its deadline."""

    exit_code: int | None
    seconds: float
    last_words: str


class Processes:
    """The processes under way; all of them can be killed, and then no other starts."""

    def __init__(self, deadline: float) -> None:
        """Give each process ``deadline`` seconds."""
        self._deadline = deadline
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def run(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Ended:
        """Run a command to its end or its deadline, in a folder; raises ``RuntimeError`` if closed.

        It gets a session of its own, so that its children end with it.
        """
        with (folder / "output").open("w+b") as output:
            started = time.perf_counter()
            with self._lock:
                if self._closed:
                    raise RuntimeError("interrupted")
                process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=dict(environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                self._running.add(process)
            code: int | None = None
            try:
                with suppress(subprocess.TimeoutExpired):
                    code = process.wait(self._deadline)
            finally:
                seconds = time.perf_counter() - started
                _kill(process)
                with self._lock:
                    self._running.discard(process)
            output.seek(0)
            lines = output.read().decode(errors="replace").split("\n")
            return Ended(code, seconds, " ".join(line.strip() for line in lines[-6:]).strip())

    def close(self) -> None:
        """Kill all of them."""
        with self._lock:
            self._closed = True
            for process in self._running:
                _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def judged(subject: Subject, configuration: Configuration | None, processes: Processes) -> Result:
    """Start the server and have it judged by Schemathesis, or by our command if ``None``."""
    server = subject.make()
    recorded = Recorded(server)
    with (
        tempfile.TemporaryDirectory(prefix="comparison-") as name,
        EmbeddedServer(cast(ReferenceServer, recorded)) as embedded,
        subject.published(embedded.url) as url,
    ):
        folder = Path(name)
        environment = _clean_environment(folder)
        if configuration is None:
            command = _our_command(url)
            environment |= _our_credential(subject.key, server)
        else:
            command = _their_command(configuration, base_of(url), subject.key, server)
            (folder / SETTINGS).write_text(configuration.settings, "utf-8")
        ended = processes.run(command, folder, environment)
        read = _their_findings if configuration else _our_findings
        found, problem = _findings(read, folder / REPORT, ended)
    return Result(
        tool=configuration.name if configuration else OURS,
        name=subject.name,
        kind=subject.kind,
        group=subject.group,
        exit_code=ended.exit_code,
        found=found,
        requests=dict(recorded.requests),
        seconds=ended.seconds,
        problem=problem,
    )


def _judged_or_not(
    subject: Subject, configuration: Configuration | None, processes: Processes
) -> Result:
    try:
        return judged(subject, configuration, processes)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
        return Result(
            tool=configuration.name if configuration else OURS,
            name=subject.name,
            kind=subject.kind,
            group=subject.group,
            exit_code=None,
            found=(),
            requests={},
            seconds=0.0,
            problem=f"{type(error).__name__}: {error}",
        )


def _clean_environment(folder: Path) -> dict[str, str]:
    ours = ("CONDUCTOR_", "SCHEMATHESIS_", "HYPOTHESIS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def _their_command(
    configuration: Configuration, base: str, key: Key, server: ReferenceServer
) -> list[str]:
    token = None if key is Key.NONE else server.issue_token()
    command = configuration.command(str(contracts.default_path()), base, token)
    return [sys.executable, "-m", "schemathesis.cli", *command, "--report-json-path", REPORT]


def _our_command(url: str) -> list[str]:
    options = ["--profile", "standard", "--seed", "1", "--fail-on", "should", "--json", REPORT]
    return [sys.executable, "-m", "conformance", "run", url, *options]


def _our_credential(key: Key, server: ReferenceServer) -> dict[str, str]:
    match key:
        case Key.NONE:
            return {}
        case Key.ACCESS_KEY:
            return {
                "CONDUCTOR_AUTH_KEY": server.key_id,
                "CONDUCTOR_AUTH_SECRET": server.key_secret,
            }
        case Key.TOKEN:
            return {"CONDUCTOR_AUTH_TOKEN": server.issue_token()}


def _findings(
    read: Callable[[Mapping[str, object]], tuple[str, ...]], report: Path, ended: Ended
) -> tuple[tuple[str, ...], str]:
    if ended.exit_code is None:
        return (), "killed at its deadline"
    if ended.exit_code not in (0, 1):
        return (), f"exit code {ended.exit_code}: {ended.last_words}"
    try:
        found = read(json.loads(report.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return (), f"no report ({type(error).__name__}): {ended.last_words}"
    if (ended.exit_code == 1) != bool(found):
        return found, f"exit code {ended.exit_code}, but {len(found)} findings"
    return found, ""


def _their_findings(report: Mapping[str, object]) -> tuple[str, ...]:
    failures = cast(list[Mapping[str, str]], report["failures"])
    errors = cast(list[Mapping[str, str]], report["errors"])
    names = {failure["type"] for failure in failures} | {error["title"] for error in errors}
    return tuple(sorted(names))


def _our_findings(report: Mapping[str, object]) -> tuple[str, ...]:
    verdicts = cast(list[Mapping[str, str]], report["requirements"])
    return tuple(verdict["id"] for verdict in verdicts if verdict["outcome"] == "failed")


# Judging all -------------------------------------------------------------------------------------


def compared(
    everything: Sequence[Subject],
    tools: Sequence[Configuration | None],
    *,
    jobs: int,
    deadline: float,
) -> Generator[Result, None, None]:
    """Have every server judged by every tool, one tool after the other; yield what comes of it.

    Whatever is under way is killed when this ends early.
    """
    processes = Processes(deadline)

    def job(subject: Subject) -> list[Result]:
        return [_judged_or_not(subject, tool, processes) for tool in tools]

    with ThreadPoolExecutor(jobs) as pool:
        futures: list[Future[list[Result]]] = []
        try:
            futures += [pool.submit(job, subject) for subject in everything]
            for future in as_completed(futures):
                yield from future.result()
        finally:
            processes.close()
            for future in futures:
                future.cancel()


# Tables ------------------------------------------------------------------------------------------


def rows(results: Iterable[Result], tool: str, kind: str) -> list[Row]:
    """Return the lines of a table, the groups in the order they come in and all of them last."""
    everything = list(results)
    right = next(one for one in everything if one.tool == tool and one.kind == RIGHT)
    ours = {one.name: one for one in everything if one.tool == OURS}
    groups: defaultdict[str, list[Result]] = defaultdict(list)
    for one in everything:
        if one.tool == tool and one.kind == kind:
            groups[one.group].append(one)
    lines = [_row(group, members, right, ours) for group, members in groups.items()]
    whole = [one for members in groups.values() for one in members]
    return [*lines, _row("all", whole, right, ours)] if lines else []


def _row(group: str, members: Sequence[Result], right: Result, ours: Mapping[str, Result]) -> Row:
    ratios = [
        one.seconds / ours[one.name].seconds
        for one in members
        if one.name in ours and not one.problem and not ours[one.name].problem
    ]
    judgements = [one for one in members if not one.problem]
    return Row(
        group=group,
        servers=len(members),
        failed=sum(one.failed for one in members),
        beyond=sum(one.beyond(right) for one in members),
        ours=sum(ours[one.name].failed for one in members if one.name in ours) if ours else None,
        unjudged=len(members) - len(judgements),
        others=sum(bool(one.others) for one in members),
        requests=median(sum(one.requests.values()) for one in judgements) if judgements else None,
        seconds=median(one.seconds for one in judgements) if judgements else None,
        ratio=median(ratios) if ratios else None,
    )


def table(lines: Sequence[Row], kind: str) -> str:
    """Return a Markdown table; ``kind`` is fault or variation."""
    heads = {"fault": ("family", "faults", "caught"), "variation": ("kind", "variations", "failed")}
    group, servers, verdict = heads[kind]
    columns: list[tuple[str, Callable[[Row], str]]] = [
        (group, lambda line: line.group),
        (servers, lambda line: str(line.servers)),
        (verdict, lambda line: str(line.beyond)),
    ]
    if any(line.failed != line.beyond for line in lines):
        columns[2:2] = [("exit 1", lambda line: str(line.failed))]
    if any(line.ours is not None for line in lines):
        columns.append((f"{verdict} by ours", lambda line: str(line.ours)))
    if any(line.unjudged for line in lines):
        columns.append(("not judged", lambda line: str(line.unjudged)))
    columns += [
        ("other methods", lambda line: str(line.others)),
        ("requests", lambda line: _figure(line.requests, "{:.0f}")),
        ("time", lambda line: _figure(line.seconds, "{:.1f} s")),
    ]
    if any(line.ratio is not None for line in lines):
        columns.append(("time / ours", lambda line: _figure(line.ratio, "{:.2f}")))
    made = [[title for title, _ in columns], ["---", *["---:"] * (len(columns) - 1)]]
    made += [[cell(line) for _, cell in columns] for line in lines]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in made)


def _figure(value: float | None, pattern: str) -> str:
    return "" if value is None else pattern.format(value)


def report(results: Sequence[Result], configuration: Configuration) -> str:
    """Return what came of a configuration, as Markdown."""
    mine = [one for one in results if one.tool == configuration.name]
    right = next((one for one in mine if one.kind == RIGHT), None)
    parts = [f"### {configuration.name.capitalize()}\n", f"    {configuration.shown()}\n"]
    if configuration.settings:
        indented = "\n".join(f"    {line}" for line in configuration.settings.splitlines())
        parts.append(f"with this `{SETTINGS}`:\n\n{indented}\n")
    if right is None or right.problem:
        parts.append(f"The right server could not be judged: {right.problem if right else ''}\n")
        return "\n".join(parts)
    parts.append(
        f"It fails the right server ({', '.join(right.found)}): caught and failed count what it "
        "reports beyond that.\n"
        if right.failed
        else "It finds nothing wrong with the right server.\n"
    )
    for kind in ("fault", "variation"):
        lines = rows(results, configuration.name, kind)
        if lines:
            parts.append(table(lines, kind))
    methods = Counter(method for one in mine for method in one.others)
    if methods:
        sent = ", ".join(f"{method} ({number})" for method, number in sorted(methods.items()))
        parts.append(f"Methods other than GET and HEAD, and how many servers got them: {sent}.\n")
    blamed = [one for one in mine if one.kind == "variation" and one.beyond(right)]
    if blamed:
        parts.append("Variations that it fails, and by what:\n")
        parts.append("".join(f"- `{one.name}`: {', '.join(one.found)}\n" for one in blamed))
    unjudged = [one for one in mine if one.problem]
    if unjudged:
        parts.append("Not judged:\n")
        parts.append("".join(f"- `{one.name}`: {one.problem}\n" for one in unjudged))
    return "\n".join(parts)


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    packages = ("schemathesis", "hypothesis", "conductor-conformance")
    return {
        "python": platform.python_version(),
        **{package: metadata.version(package) for package in packages},
    }


# The command -------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print the tables and write the results."""
    given = _parser().parse_args(arguments)
    logging.disable()  # of servers that err on purpose
    signal.signal(signal.SIGTERM, _interrupt)
    chosen = [one for one in CONFIGURATIONS if given.configuration in (one.name, "both")]
    tools: list[Configuration | None] = [*chosen, *([None] if given.ours else [])]
    catalogue = sampled(list(subjects(FAULTS, VARIATIONS)), given.only, given.sample)
    right = Subject(name=RIGHT, kind=RIGHT, group=RIGHT, make=ReferenceServer)
    everything = [right, *catalogue]
    results: list[Result] = []
    interrupted = False
    total = len(everything) * len(tools)
    try:
        with closing(
            compared(everything, tools, jobs=given.jobs, deadline=given.deadline)
        ) as judgements:
            for one in judgements:
                results.append(one)
                said = one.problem or ", ".join(one.found) or "nothing found"
                place = f"[{len(results)}/{total}]"
                print(place, one.tool, one.name, f"{one.seconds:.1f} s:", said, file=sys.stderr)
    except KeyboardInterrupt:
        interrupted = True
    # In the order of the catalogues, whichever ended first.
    order = {subject.name: place for place, subject in enumerate(everything)}
    results.sort(key=lambda one: order[one.name])
    if interrupted:
        print(f"Interrupted: {len(results)} of {total} judgements.\n")
    for configuration in chosen:
        print(report(results, configuration))
    for one in results:
        if one.tool == OURS and (one.problem or (one.failed and one.kind != "fault")):
            print(f"{OURS}: {one.name}: {one.problem or ', '.join(one.found)}")
    if given.json:
        raw = {"versions": versions(), "results": [asdict(one) for one in results]}
        Path(given.json).write_text(json.dumps(raw, indent=1) + "\n", "utf-8")
    return 130 if interrupted else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = [one.name for one in CONFIGURATIONS]
    parser.add_argument("--configuration", choices=(*names, "both"), default="both")
    parser.add_argument("--jobs", type=_number, default=1, help="tools under way at once")
    parser.add_argument("--sample", type=_number, default=1, metavar="N", help="every Nth server")
    parser.add_argument("--only", metavar="GLOB", help="servers with such a name")
    parser.add_argument("--ours", action="store_true", help="run our command on each, too")
    parser.add_argument("--deadline", type=float, default=120.0, help="seconds for each process")
    parser.add_argument("--json", metavar="F", help="write the raw results")
    return parser


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
