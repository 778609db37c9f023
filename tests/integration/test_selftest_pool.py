"""Whatever happens to a worker process, every task has a result and no process is left."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest
from support.processes import bad_worker
from support.processes.children import exists, wait_until

from conformance.core.worker_process import Broken, WorkerProcess
from conformance.selftest import pool
from conformance.selftest.pool import results_of
from conformance.selftest.trial import Task, Trial

BAD = (sys.executable, "-P", str(Path(bad_worker.__file__)))


def results(
    *names: str, jobs: int = 1, worker: tuple[str, ...] = BAD, deadline: float = 120.0
) -> dict[str, Trial | Broken]:
    tasks = [Task(name) for name in names]
    found = {}
    for task, result in results_of(tasks, jobs=jobs, worker=worker, deadline=deadline):
        assert task.name not in found
        found[task.name] = result
    assert set(found) == set(names)
    return found


def reason(result: Trial | Broken) -> str:
    assert isinstance(result, Broken)
    assert result.duration >= 0
    return result.reason


def process(result: Trial | Broken) -> int:
    assert isinstance(result, Trial)
    return result.requests


def test_one_process_does_one_task_after_the_other() -> None:
    found = results("a", "b", "c")
    assert len({process(result) for result in found.values()}) == 1
    assert process(found["a"]) != os.getpid()


def test_tasks_are_shared_out_and_handed_over_whole() -> None:
    tasks = [Task(str(number), "standard", number) for number in range(20)]
    found = dict(results_of(tasks, jobs=3, worker=BAD))
    assert set(found) == set(tasks)
    for task, result in found.items():
        assert isinstance(result, Trial)
        assert (result.name, result.description) == (task.name, f"standard {task.seed}")


def test_nothing_to_do() -> None:
    assert results() == {}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("crash 7", "its process ended with exit code 7"),
        ("crash 0", "its process ended with exit code 0"),
        ("killed", "its process was ended by SIGKILL"),
        ("leave", "its process ended with exit code 4"),
    ],
)
def test_a_crash_breaks_one_trial_only(name: str, told: str) -> None:
    found = results("a", name, "b")
    assert reason(found[name]) == told
    assert process(found["a"]) != process(found["b"])


def test_an_exception_is_told_in_a_clause_and_its_process_replaced() -> None:
    found = results("a", "break of no use\nat all.", "b")
    told = reason(found["break of no use\nat all."])
    assert told.startswith("ValueError in bad_worker.py:")
    assert told.endswith(": of no use")
    assert process(found["a"]) != process(found["b"])


def test_a_trial_that_hangs_is_given_up() -> None:
    assert reason(results("hang", deadline=0.5)["hang"]) == "it took longer than 0.5 s"


def test_what_a_server_prints_is_not_a_result(capfd: pytest.CaptureFixture[str]) -> None:
    assert process(results("speak")["speak"])
    assert capfd.readouterr() == ("", "")


def test_a_worker_that_cannot_be_started() -> None:
    for worker, told in {
        ("/no/such/program",): "no process could be started for it (No such file or directory)",
        (*BAD, "9"): "its process ended with exit code 9",
        (sys.executable, "-c", "print('hello')"): "its process ended with exit code 0",
    }.items():
        found = results("a", "b", worker=worker)
        assert {reason(result) for result in found.values()} <= {told}


def test_no_process_is_left_when_nobody_waits_any_more() -> None:
    tasks = [Task("a"), Task("hang 1"), Task("hang 2"), Task("b")]
    found = results_of(tasks, jobs=1, worker=BAD)
    _, result = next(found)
    found.close()
    wait_until(lambda: not exists(process(result)))


@pytest.mark.slow
def test_real_servers_in_real_processes() -> None:
    names = ("filter-category-ignored", "answer-http-1-0", "caller-access-key", "nonsense")
    found = results(*names, jobs=2, worker=pool.WORKER)
    assert reason(found.pop("nonsense")).startswith("KeyError in worker.py:")
    for name, result in found.items():
        assert isinstance(result, Trial)
        assert (result.name, result.profile) == (name, "quick")
        assert result.requests > 100


@pytest.mark.parametrize("ends", ["it is told to end", "its parent is gone"])
def test_what_a_task_has_started_ends_with_its_process(ends: str, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    worker = WorkerProcess(BAD, 120.0)
    thread = threading.Thread(target=worker.result_of, args=(Task(f"run {file}"),))
    thread.start()
    wait_until(lambda: file.exists() and file.read_text().endswith("\n"))
    if ends == "it is told to end":
        worker.close()
    else:
        assert worker._process is not None
        assert worker._process.stdin is not None
        worker._process.stdin.close()
    thread.join()
    wait_until(lambda: not exists(int(file.read_text())))
