"""A fleet whose processes and workers are lost: each costs its own target and no other."""

from __future__ import annotations

import os
import pickle
import shlex
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.canned.fleets import order
from support.servers.canaries import needles, secret

from conformance.cli.fleet import OF_RUN
from conformance.fleet import cluster, running
from conformance.fleet.order import Order, Result
from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.faults import FAULTS

if TYPE_CHECKING:
    from distributed import Client

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

VALUES: dict[str, Any] = {
    **dict.fromkeys(str(one.name) for one in OF_RUN.values()),
    "headers": (),
    "header_variables": (),
    "only": ("HTTP", "FILTER"),
    "skip": (),
    "profile": "quick",
    "seed": 7,
    "fail_on": "must",
    "require_evidence": False,
    "timeout": 5.0,
    "retry_budget": 0.5,
    "wait": 0.0,
    "parallel": 8,
    "resolve": (),
    "insecure": False,
    "run_timeout": 30.0,
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with cluster.connected(None, 2) as client:
        yield client


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, tuple[str, str]]]:
    """Start servers; yield URL and token of each by name."""
    (fault,) = (one for one in FAULTS if one.name == "filter-category-ignored")
    with ExitStack() as stack:
        found = {}
        for name, server in {
            "good-1": ReferenceServer(),
            "good-2": ReferenceServer(),
            "bad-1": fault.make(),
            "bad-2": fault.make(),
        }.items():
            url = stack.enter_context(EmbeddedServer(server)).url
            found[name] = url, server.issue_token()
        yield found


def ordered(name: str, url: str, script: str, *, deadline: float = 60.0) -> Order:
    """Return an order whose token comes from a script of the shell."""
    command = shlex.join(["/bin/sh", "-c", script])
    return order(name, url=url, values=VALUES | {"token_command": command}, deadline=deadline)


def carried_out(client: Client, *orders: Order, **options: Any) -> dict[str, Result]:
    found = list(running.results(client, orders, **options))
    assert Counter(one.entry.name for one in found) == Counter(one.name for one in orders)
    return {one.entry.name: one for one in found}


def test_a_process_that_is_lost_or_hangs(
    client: Client, servers: dict[str, tuple[str, str]], tmp_path: Path
) -> None:
    url, token = servers["good-1"]
    killed = f"test -e {tmp_path}/met || {{ touch {tmp_path}/met; kill -9 $PPID; }}; echo {token}"
    found = carried_out(
        client,
        *(ordered(name, place, f"echo {given}") for name, (place, given) in servers.items()),
        ordered("hangs", url, f"sleep 50; echo {token}", deadline=1.5),
        ordered("kills", url, "kill -9 $PPID"),
        ordered("kills-once", url, killed),
    )
    codes = {name: int(one.entry.exit_code) for name, one in found.items()}
    good = dict.fromkeys(("good-1", "good-2", "kills-once"), 0)
    bad = dict.fromkeys(("bad-1", "bad-2"), 1)
    assert codes == good | bad | dict.fromkeys(codes.keys() - good.keys() - bad.keys(), 3)
    assert found["kills-once"].entry.attempts == 2
    assert found["bad-1"].entry.failures[0].fingerprints
    kinds = [one.fingerprints for one in found["bad-1"].entry.failures]
    assert kinds == [one.fingerprints for one in found["bad-2"].entry.failures]
    told = {
        "hangs": "it took longer than 1.5 s, in each of 2 attempts",
        "kills": "its process was ended by SIGKILL, in each of 2 attempts",
    }
    for name, reason in told.items():
        assert found[name].entry.reason == f"The target could not be tested: {reason}."
        assert '"verdict": "error"' in found[name].texts["json"]


@pytest.mark.filterwarnings("error:Port")
def test_two_fleets_on_one_machine(client: Client) -> None:
    with cluster.connected(None, 1) as other:
        places = [one.scheduler_info()["services"]["dashboard"] for one in (client, other)]
        assert places[0] != places[1]
        assert 8787 not in places


def test_without_any_worker_a_fleet_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import Client, LocalCluster

    monkeypatch.setattr(running, "LOOK", 0.1)
    monkeypatch.setattr(running, "WITHOUT_WORKER", 1.0)
    orders = [order(name, values=VALUES) for name in "abc"]
    with (
        LocalCluster(n_workers=0, dashboard_address=None) as none,
        Client(none, set_as_default=False) as client,
    ):
        found = carried_out(client, *orders, limit_per_host=1)
    assert {one.entry.exit_code for one in found.values()} == {3}
    for one in found.values():
        assert "there was no worker for 1 s; start workers and" in str(one.entry.reason)


def test_a_worker_that_comes_in_time_carries_on(
    servers: dict[str, tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client, LocalCluster

    monkeypatch.setattr(running, "LOOK", 0.1)
    with (
        LocalCluster(n_workers=0, dashboard_address=None) as late,
        Client(late, set_as_default=False) as client,
    ):
        timer = threading.Timer(1.0, late.scale, [1])
        timer.start()
        url, token = servers["good-1"]
        told: list[int] = []
        order = ordered("good-1", url, f"echo {token}")
        found = carried_out(client, order, when_manned=told.append)
        timer.join()
        assert told == [1]
    assert found["good-1"].entry.exit_code == 0


def test_a_second_attempt_does_not_wait_for_workers_that_are_gone(
    servers: dict[str, tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, token = servers["good-1"]
    killed = f"test -e {tmp_path}/met || {{ touch {tmp_path}/met; kill -9 $PPID; }}; echo {token}"
    with cluster.connected(None, 1) as client:
        looks = iter([{"tcp://127.0.0.1:9": 1}])
        threads: Any = client.nthreads
        monkeypatch.setattr(client, "nthreads", lambda: {**threads(), **next(looks, {})})
        found = carried_out(client, ordered("a", url, killed))
    assert (found["a"].entry.exit_code, found["a"].entry.attempts) == (0, 2)


def test_a_result_that_was_lost_with_its_worker_is_made_again(
    servers: dict[str, tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Future

    fetched: Any = Future.result
    monkeypatch.setattr(running, "FETCHED", 0.2)
    url, token = servers["good-1"]
    with cluster.connected(None, 1) as client:
        lost: list[str] = []

        def lose(future: Future[Any], timeout: float) -> object:
            if not lost:
                lost.extend(client.nthreads())
                client.run_on_scheduler(lose_all, lost)
            return fetched(future, timeout)

        monkeypatch.setattr(Future, "result", lose)
        found = carried_out(client, ordered("a", url, f"echo {token}"))
        assert lost != [*client.nthreads()]
    assert (found["a"].entry.exit_code, found["a"].entry.attempts) == (0, 1)


async def lose_all(addresses: list[str], dask_scheduler: Any) -> None:
    """Let a scheduler lose these workers with all that they hold."""
    for address in addresses:
        await dask_scheduler.remove_worker(address, stimulus_id="test", close=True)


def test_a_host_is_not_asked_by_more_than_its_limit(
    client: Client, servers: dict[str, tuple[str, str]], tmp_path: Path
) -> None:
    url, token = servers["good-1"]
    # Each leaves a file while it gets its token, and counts the files that are there.
    busy = tmp_path / "busy"
    busy.mkdir()
    count = f"ls {busy} | wc -l >> {tmp_path}/seen"
    script = f"f={busy}/$$; touch $f; {count}; sleep 0.3; rm $f; echo {token}"
    orders = [ordered(f"t{number}", url, script) for number in range(4)]
    found = carried_out(client, *orders, limit_per_host=1)
    assert {one.entry.exit_code for one in found.values()} == {0}
    assert {*(tmp_path / "seen").read_text().split()} == {"1"}


def test_no_process_is_left(client: Client, servers: dict[str, tuple[str, str]]) -> None:
    carried_out(client, ordered("a", servers["good-1"][0], "echo x"))
    # Other tests, which run at the same time, have fleets of their own.
    workers = {str(pid) for pid in client.run(os.getpid).values()}
    listing = subprocess.run(
        ["ps", "-eo", "ppid=,args="], capture_output=True, text=True, check=True
    )
    of_workers = [
        line for line in listing.stdout.splitlines() if line.split(maxsplit=1)[0] in workers
    ]
    assert not [line for line in of_workers if "conformance.fleet.judging" in line]


def state_of_scheduler(dask_scheduler: Any) -> bytes:
    """Return what the scheduler holds of tasks, their history, events and logs."""
    tasks = [
        (str(task), repr(task.run_spec), pickle.dumps(task.run_spec), repr(task.metadata))
        for task in dask_scheduler.tasks.values()
    ]
    rest = (
        list(dask_scheduler.transition_log),
        dask_scheduler.get_events(),
        list(dask_scheduler.get_logs()),
        dask_scheduler.identity(),
    )
    return repr((tasks, rest)).encode() + b"".join(raw for *_, raw, _ in tasks)


def test_no_credential_leaves_its_process(
    client: Client, servers: dict[str, tuple[str, str]], tmp_path: Path
) -> None:
    url, token = servers["bad-1"]
    file, header = tmp_path / "token", tmp_path / "headers"
    file.write_text(token)
    canary = secret("header", "")
    header.write_text(f"X-Api-Key: {canary}\n")
    values = VALUES | {"token_file": file, "header_file": header}
    orders = [
        order(f"t{number}", url=url, values=values, deadline=60.0, formats=("json", "html"))
        for number in range(4)
    ]
    command = f"cat {file}"
    orders.append(ordered("command", url, command))
    orders.append(ordered("kills", url, f"cat {file}; kill -9 $PPID"))
    seen = []
    for result in running.results(client, orders):
        seen += [text.encode() for text in result.texts.values()]
        seen.append(repr(result).encode())
        seen.append(client.run_on_scheduler(state_of_scheduler))
        assert result.entry.exit_code == (3 if result.entry.name == "kills" else 1)
    seen.append(repr((client.get_worker_logs(), client.get_scheduler_logs())).encode())
    everything = b"".join(seen)
    # The search would find what does travel.
    assert str(file).encode() in everything
    lower = everything.lower()
    for value in (token.rpartition(".")[2], canary):
        assert not [piece for piece in needles(value) if piece in lower]
