"""Fixtures are created and removed on a real server, whatever goes wrong."""

from __future__ import annotations

import asyncio
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from support.servers.troublesome_writers import TROUBLES, Trouble
from support.servers.writable import WritableServer, documented_cluster

import conformance
from conformance import AccessKey, Conclusion, Report, Target
from conformance.checks.verdict import Outcome
from conformance.core.interruption import OutOfTime
from conformance.fixtures import observing, removing
from conformance.fixtures.client import FixtureClient, writing
from conformance.fixtures.keeping import Kept
from conformance.fixtures.planning import planned
from conformance.fixtures.receipt import ReceiptFile
from conformance.fixtures.whole_run import run_with_fixtures
from conformance.reference import EmbeddedServer
from conformance.reference.entities import Provider
from conformance.reference.faults.entries import Fault
from conformance.reference.server import ReferenceServer
from conformance.reference.writing import Cluster
from conformance.selftest import server_run

FOREIGN = {provider.name for provider in documented_cluster()}
CONTRACT = conformance.load_contract()
FEW = ("FILTER-04", "SHAPE-08", "LIFECYCLE")
"""Requirements for which a run sends few requests."""


@contextmanager
def targets_of(server: ReferenceServer) -> Iterator[Callable[..., Target]]:
    """Yield what opens targets for a server that is running."""
    with EmbeddedServer(server) as embedded:
        yield partial(
            Target,
            embedded.url,
            credential=server.issue_token(),
            expired_token=server.issue_token(expired=True),
            retry_budget=2.0,
        )


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again soon: nothing comes back in these servers unless a test says so."""
    monkeypatch.setattr(observing, "AGAIN", 0.1)


def judged(server: ReferenceServer, receipt: Path, **arguments: Any) -> Report:
    """Judge a server with fixtures."""
    with targets_of(server) as targets, targets() as target:
        whole: dict[str, Any] = {"profile": "quick", "seed": 1, "only": FEW} | arguments
        return run_with_fixtures(target, targets=targets, receipt=receipt, **whole)


def removed(server: ReferenceServer, receipt: Path) -> None:
    """Remove what a receipt lists, as `fixtures remove --receipt` does."""
    file = ReceiptFile(receipt)
    found = file.read()
    with (
        targets_of(server) as targets,
        targets(sender=writing(CONTRACT, found.run, removing=True)) as target,
    ):
        done = removing.remove(FixtureClient.opened(target), found, file, patience=1.0)
    assert done.open == ()


def outcomes(report: Report) -> dict[str, Outcome]:
    return {one.requirement.id: one.outcome for one in report.verdicts}


@pytest.mark.slow
def test_the_example_of_the_documentation_is_decided(tmp_path: Path) -> None:
    server = WritableServer(documented_cluster())
    with targets_of(server) as targets, targets() as target:
        assert len(conformance.run(target, seed=1).undecided) == 6
        assert server.writes == []
    report = judged(server, tmp_path / "r.json", profile="standard", only=())
    assert (report.conclusion, report.undecided) == ("conformant", ())
    assert {one: outcomes(report)[one] for one in outcomes(report) if "LIFE" in one} == {
        f"LIFECYCLE-0{number}": Outcome.PASSED for number in (1, 2, 3, 4)
    }
    assert report.fixtures is not None
    assert len(report.fixtures.created) == 2
    assert report.fixtures.left == ()
    assert server.names() == FOREIGN
    assert all(write.name in report.fixtures.created for write in server.writes)
    assert not any(tmp_path.iterdir())


@pytest.mark.slow
def test_a_cluster_that_decides_everything_gets_only_the_providers_of_the_lifecycle(
    tmp_path: Path,
) -> None:
    report = judged(WritableServer(), tmp_path / "r.json")
    assert report.fixtures is not None
    assert len(report.fixtures.created) == 2
    server = WritableServer()
    report = judged(server, tmp_path / "r.json", only=("FILTER-04",))
    assert report.fixtures is not None
    assert (report.fixtures.created, server.writes) == ((), [])


class _Counting:
    """Does something at one of the requests that write, the first of which is number 0."""

    def __init__(self, place: int, act: Callable[[], int | None]) -> None:
        self.place, self.act, self.count = place, act, 0

    def __call__(self, _method: str, _name: str) -> int | None:
        self.count += 1
        return self.act() if self.count - 1 == self.place else None


class Killed(BaseException):
    """Stands for SIGKILL: nothing is handled after it."""


def _killed(*_: object) -> None:
    raise Killed


@pytest.mark.catalogue
@pytest.mark.parametrize("handled", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("place", range(8))
def test_the_receipt_removes_everything_after_a_kill_at_any_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int, *, handled: bool
) -> None:
    server = WritableServer(documented_cluster())
    change = Target.change
    count = 0

    def killing(self: Target, *arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count > place and not handled:
            raise Killed
        answer = change(self, *arguments)
        if count > place:
            raise Killed
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Target, "change", killing)
        # A process that is killed does not clean up.
        patched.setattr(Kept, "finish", _killed)
        with pytest.raises(Killed):
            judged(server, tmp_path / "r.json")
    assert count == place + 1
    removed(server, tmp_path / "r.json")
    assert server.names() == FOREIGN


@pytest.mark.slow
@pytest.mark.parametrize("status", [0, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("place", range(8))
@pytest.mark.parametrize("handled", [False, True], ids=["before", "after"])
@pytest.mark.catalogue
def test_trouble_at_any_write_leaves_nothing(
    tmp_path: Path, place: int, status: int, *, handled: bool
) -> None:
    trouble = _Counting(place, partial(int, status))
    server = WritableServer(documented_cluster(), **{"after" if handled else "before": trouble})
    report = judged(server, tmp_path / "r.json")
    assert report.fixtures is not None
    assert report.fixtures.left == ()
    assert trouble.count > place
    assert server.names() == FOREIGN
    assert not any(write.name in FOREIGN for write in server.writes)
    assert not any(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.catalogue
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_no_trouble_leaves_more_than_it_must(tmp_path: Path, trouble: Trouble) -> None:
    server = trouble.make()
    receipt = tmp_path / "r.json"
    with EmbeddedServer(server) as embedded:
        key = AccessKey(server.key_id, server.key_secret)
        targets = partial(Target, embedded.url, credential=key)
        whole: dict[str, Any] = {"profile": "quick", "seed": 1, "only": FEW, "patience": 2.0}
        with targets() as target:
            report = run_with_fixtures(target, targets=targets, receipt=receipt, **whole)
            assert report.fixtures is not None
            assert {one.name for one in report.fixtures.left} == server.left
    assert receipt.exists() == bool(server.left) != trouble.removable
    assert not server.lost
    # One whose name somebody takes between the check and the creation is updated once.
    assert not server.touched or trouble.name == "name-taken-alike"


def test_a_refusal_of_the_first_write_is_one_sentence_and_nothing_is_created(
    tmp_path: Path,
) -> None:
    server = WritableServer(documented_cluster(), before=lambda *_: 403)
    report = judged(server, tmp_path / "r.json")
    assert report.exit_code == 3
    assert re.search(r"may not create providers: .* nothing was created\.$", report.reason)
    assert len(server.writes) == 1
    assert server.names() == FOREIGN
    assert not any(tmp_path.iterdir())


def test_a_read_only_server_is_said_to_be_one(tmp_path: Path) -> None:
    report = judged(WritableServer(before=lambda *_: 405), tmp_path / "r.json")
    assert "does not offer to create providers" in report.reason


def test_a_refusal_of_a_later_provider_is_reported_and_nothing_is_left(tmp_path: Path) -> None:
    server = WritableServer(documented_cluster(), before=_Counting(2, lambda: 400))
    report = judged(server, tmp_path / "r.json")
    assert (report.exit_code, report.conclusion) == (3, Conclusion.ERROR)
    assert "provider could not be created" in report.reason
    assert report.fixtures is not None
    assert len(report.fixtures.created) == 1
    assert report.fixtures.left == ()
    assert server.names() == FOREIGN


class _Taking(WritableServer):
    """Somebody creates the same name between the read and the creation."""

    def __init__(self, foreign: Provider) -> None:
        super().__init__(documented_cluster(), before=self._take)
        self._foreign = foreign

    def _take(self, method: str, name: str) -> None:
        if method == "POST" and name not in self.names():
            self.providers = (*self.providers, replace(self._foreign, name=name))


@pytest.mark.parametrize(
    "foreign",
    [
        Provider(name="x", type="git", category="GIT", description="Ours"),
        Provider(name="x", type="openai", category="AI_MODEL", create_time=1_700_000_000_000),
    ],
    ids=["other type", "same type"],
)
def test_a_provider_of_somebody_else_is_not_removed(tmp_path: Path, foreign: Provider) -> None:
    server = _Taking(foreign)
    assert "Somebody else has a provider" in judged(server, tmp_path / "r.json").reason
    assert len(server.names() - FOREIGN) == 1
    assert not any(write.method == "DELETE" for write in server.writes)


class _Slow(WritableServer):
    """Shows changes in the list after a while."""

    def __init__(self, seconds: float) -> None:
        super().__init__(documented_cluster())
        self._seconds = seconds
        self._states = [(0.0, self.providers)]

    def write(self, how: Callable[[Cluster], Cluster]) -> Cluster:
        self._states.append((time.monotonic(), super().write(how)))
        return self.providers

    def select(self, query: Any) -> list[Provider]:
        now, whole = time.monotonic(), self.providers
        self.providers = [one for at, one in self._states if now - at >= self._seconds][-1]
        chosen = super().select(query)
        self.providers = whole
        return chosen


@pytest.mark.slow
def test_a_list_that_shows_changes_late_is_waited_for_and_its_time_reported(
    tmp_path: Path,
) -> None:
    report = judged(_Slow(1.0), tmp_path / "r.json")
    assert report.conclusion == "conformant"
    evidence = {one.requirement.id: one.evidence for one in report.verdicts}
    assert "shown by every result after 1." in evidence["LIFECYCLE-01"]


class _Keeping(WritableServer):
    """Confirms that a provider is removed, and keeps it."""

    async def delete_provider(self, request: Request) -> Response:
        return self.confirm(None, request)


@pytest.mark.slow
def test_what_is_left_is_said_with_the_command_that_removes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.fixtures.removing.ALLOWED", 0.5)
    server = _Keeping(documented_cluster())
    report = judged(server, tmp_path / "r.json", patience=0.5)
    assert outcomes(report)["LIFECYCLE-04"] is Outcome.FAILED
    assert report.exit_code == 1
    assert report.fixtures is not None
    left = server.names() - FOREIGN
    assert {one.name for one in report.fixtures.left} == left
    assert all(
        "-X DELETE -H" in one.curl and one.curl.endswith(one.name) for one in report.fixtures.left
    )
    assert report.fixtures.receipt == str(tmp_path / "r.json")
    assert {one.name for one in ReceiptFile(tmp_path / "r.json").read().open} == left


@pytest.mark.slow
def test_a_refused_removal_is_said_with_its_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.fixtures.removing.ALLOWED", 0.5)
    server = WritableServer(before=lambda method, _: 500 if method == "DELETE" else None)
    report = judged(server, tmp_path / "r.json", patience=0.5)
    assert outcomes(report)["LIFECYCLE-04"] is Outcome.INCONCLUSIVE
    assert report.fixtures is not None
    assert any(
        one.startswith("DELETE ") and one.endswith("returned status 500")
        for one in report.fixtures.refused
    )


class _Editing(WritableServer):
    """Stores another description than the one that was sent."""

    def __init__(self, edit: Callable[[str], str | None]) -> None:
        super().__init__(documented_cluster())
        self._edit = edit

    def write(self, how: Callable[[Cluster], Cluster]) -> Cluster:
        before = self.providers
        self.providers = tuple(
            one if one in before else replace(one, description=self._edit(one.description or ""))
            for one in super().write(how)
        )
        return self.providers


@pytest.mark.slow
@pytest.mark.parametrize("edit", [lambda text: text[:40], lambda _: None], ids=["cut", "none"])
def test_a_server_that_keeps_less_of_a_description_is_cleaned_up(
    tmp_path: Path, edit: Callable[[str], str | None]
) -> None:
    server = _Editing(edit)
    report = judged(server, tmp_path / "r.json")
    assert report.exit_code == 0
    assert server.names() == FOREIGN


@pytest.mark.slow
def test_what_somebody_took_over_is_left_and_said(tmp_path: Path) -> None:
    server = _Editing(lambda _: "Ours now")
    report = judged(server, tmp_path / "r.json")
    assert report.fixtures is not None
    assert {one.name for one in report.fixtures.left} == server.names() - FOREIGN != set()
    assert report.exit_code == 1
    assert not any(write.method == "DELETE" for write in server.writes)


def test_leftovers_are_found_by_their_marks_and_age(tmp_path: Path) -> None:
    server = WritableServer(documented_cluster())
    with targets_of(server) as targets:
        made, _ = planned(targets, CONTRACT, "0123456789ab", only=FEW)
        with targets(sender=writing(CONTRACT, made.run)) as target:
            Kept(CONTRACT, targets, made, ReceiptFile(tmp_path / "r.json")).create(target)
        # Somebody else's, which only looks like it.
        twin = Provider(name="conformance-ba9876543210-1", type="git", category="GIT")
        server.providers = (*server.providers, twin)
        with targets(sender=writing(CONTRACT, made.run, removing=True)) as target:
            client = FixtureClient.opened(target)
            assert [name for name, _ in removing.marked(client)] == ["conformance-0123456789ab-1"]
            find = partial(removing.leftovers, client, now=datetime.now(UTC))
            assert list(find(age=timedelta(hours=1))) == []
            (found,) = find(age=timedelta(0))
            assert removing.remove(client, found).open == ()
    assert server.names() == {*FOREIGN, twin.name}


@pytest.mark.slow
def test_the_self_test_judges_an_entry_with_fixtures() -> None:
    server = WritableServer(documented_cluster())
    entry = Fault(
        name="x", description="X.", make=lambda: server, with_fixtures=True, breaks=frozenset()
    )
    report = server_run.judged(entry)
    assert (report.conclusion, report.undecided) == ("conformant", ())
    assert server.writes
    assert server.names() == FOREIGN
    server.writes.clear()
    assert len(server_run.judged(replace(entry, with_fixtures=False)).undecided) == 6
    assert server.writes == []


@pytest.mark.slow
def test_nothing_is_left_after_many_runs_that_end_at_random(tmp_path: Path) -> None:
    chance = random.Random(19)  # noqa: S311 - no secret
    for number in range(8):
        place, status = chance.randrange(9), chance.choice([0, 0, 403, 500, 503])
        trouble = _Counting(place, partial(int, status))
        when = chance.choice(["before", "after"])
        server = WritableServer(documented_cluster(), **{when: trouble})
        judged(server, tmp_path / f"{number}.json")
        assert server.names() == FOREIGN
        assert not any(write.name in FOREIGN for write in server.writes)
    assert threading.active_count() < 50


class _Late(WritableServer):
    """Handles the request that disables a provider only after the provider was removed."""

    def __init__(self) -> None:
        super().__init__(documented_cluster())
        self.late: Provider | None = None

    async def save_provider(self, request: Request) -> Response:
        if request.path_params["name"] in self.names():
            self.late = self._named(request)
            return Response(status_code=202)
        return await super().save_provider(request)

    async def delete_provider(self, request: Request) -> Response:
        response = await super().delete_provider(request)
        if self.late is not None:
            late, self.late = self.late, None
            asyncio.get_running_loop().call_later(1.0, self._come_back, late)
        return response

    def _come_back(self, provider: Provider) -> None:
        self.providers = (*self.providers, provider)


@pytest.mark.slow
def test_what_a_late_request_creates_again_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = _Late()
    change = Target.change

    def cut_off(self: Target, method: str, path: str, body: Any = None) -> Any:
        exchange = change(self, method, path, body)
        if server.late is not None and method == "POST":
            # As the end of the time for the run does.
            raise OutOfTime
        return exchange

    monkeypatch.setattr(Target, "change", cut_off)
    report = judged(server, tmp_path / "r.json")
    assert report.conclusion == "error"
    time.sleep(1.5)
    assert server.names() == FOREIGN
    assert report.fixtures is not None
    assert report.fixtures.left == ()
