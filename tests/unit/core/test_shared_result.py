"""One process makes the result; the others wait for it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conformance.core.shared_result import made_once


def test_the_second_asks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "result"
    assert made_once(path, lambda: b"first") == b"first"
    assert made_once(path, lambda: b"second") == b"first"


def test_what_failed_is_not_kept(tmp_path: Path) -> None:
    def fail() -> bytes:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        made_once(tmp_path / "result", fail)
    assert made_once(tmp_path / "result", lambda: b"second") == b"second"


def test_others_wait_until_it_is_made(tmp_path: Path) -> None:
    begun, go_on, found = threading.Event(), threading.Event(), list[bytes]()

    def slowly() -> bytes:
        begun.set()
        assert go_on.wait(30)
        return b"first"

    def ask(value: bytes) -> None:
        found.append(made_once(tmp_path / "result", lambda: value))

    first = threading.Thread(target=made_once, args=(tmp_path / "result", slowly))
    first.start()
    assert begun.wait(30)
    others = [threading.Thread(target=ask, args=(value,)) for value in (b"second", b"third")]
    for other in others:
        other.start()
    assert found == []
    go_on.set()
    for thread in (first, *others):
        thread.join(30)
    assert found == [b"first", b"first"]


def test_a_process_that_dies_leaves_the_work_to_the_next(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from conformance.core.shared_result import made_once\n"
        "made_once(pathlib.Path(sys.argv[1]), lambda: os._exit(7))\n"
    )
    path = tmp_path / "result"
    dead = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert dead.returncode == 7
    assert made_once(path, lambda: b"second") == b"second"
