"""A program that uses Hypothesis, urllib3 and logging itself finds everything as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import gc, json, logging, os, pathlib, signal, subprocess, sys, threading, warnings
import hypothesis
import urllib3
from hypothesis import configuration, strategies as st
from hypothesis.internal.conjecture import providers

configuration.set_hypothesis_home_dir(pathlib.Path("mine"))
OWN_WORD = "a constant of this program"

@hypothesis.settings(database=None, max_examples=5)
@hypothesis.given(st.text())
def own_test(text): pass

class Kept(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []
    def emit(self, record):
        self.lines.append(record.getMessage())

kept = Kept()
logging.getLogger("urllib3").addHandler(kept)
logging.getLogger("urllib3").setLevel(logging.DEBUG)

LOGGERS = [logging.getLogger(name) for name in ("", "urllib3", "urllib3.connectionpool")]

def state():
    return {
        "gc": list(gc.callbacks),
        "gc thresholds": gc.get_threshold(),
        "home": str(configuration.storage_directory().path),
        "providers": {name: id(value) for name, value in vars(providers).items()
                      if callable(value)},
        "warnings": list(warnings.filters),
        "logging": [(one.level, list(one.filters), list(one.handlers), one.disabled)
                    for one in LOGGERS],
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "hooks": (sys.excepthook, sys.unraisablehook, threading.excepthook),
        "environment": dict(os.environ),
        "recursion": sys.getrecursionlimit(),
        "folder": os.getcwd(),
        "threads": sorted(thread.name for thread in threading.enumerate()
                          if not thread.name.startswith("target")),
    }

own_test()
before = state()
modules = set(sys.modules)

import conformance
with conformance.embedded_target() as target:
    report = conformance.run(target, profile="standard", seed=5)
assert report.exit_code == 0, report.reason

after = state()
for name in before:
    assert before[name] == after[name], (name, before[name], after[name])
assert "schemathesis" not in set(sys.modules) - modules
assert kept.lines == [], kept.lines[:3]
own_test()

pool = urllib3.PoolManager()
try:
    pool.request("GET", "http://127.0.0.1:9/", retries=1)
except urllib3.exceptions.HTTPError:
    pass
assert kept.lines, "urllib3 no longer logs"
children = pathlib.Path(f"/proc/self/task/{os.getpid()}/children")
assert not children.exists() or not children.read_text(), "a process was left"
print("as it was")
"""


@pytest.mark.slow
def test_everything_is_as_it_was(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(program)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "as it was\n"), done.stderr[-2000:]
    assert {path.name for path in tmp_path.iterdir()} <= {"program.py", "mine"}


QUICK = """
import sys
import conformance
with conformance.embedded_target() as target:
    assert conformance.run(target, profile="quick").exit_code == 0
found = {"hypothesis", "schemathesis", "requests"} & set(sys.modules)
assert not found, found
"""


@pytest.mark.slow
def test_the_quick_profile_needs_neither_schemathesis_nor_hypothesis(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", QUICK], cwd=tmp_path, timeout=120, check=True)
