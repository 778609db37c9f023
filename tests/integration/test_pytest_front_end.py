"""``pytest --pyargs conformance``: the verdicts of the command as items of pytest.

Known failures, of ``--conductor-baseline``, are strict xfails.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from support.processes.command import DEADLINE, Result, environment
from support.repository import ROOT
from support.servers.plain import closed_port

import conductor_conformance_pytest
from conformance.contract.loader import load
from conformance.reference import EmbeddedServer, Provider, ProviderQuery, ReferenceServer

WORKERS = [(), pytest.param(("-n", "2"), marks=pytest.mark.slow)]
"""Without xdist and with it."""


class EmbedsModels(ReferenceServer):
    """Answers what Get All Integrations answers."""

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        return self.with_models(provider, query)


class Counts(ReferenceServer):
    """Counts the requests."""

    requests = 0

    @property
    def app(self) -> Starlette:
        app = super().app

        def counting(inner: ASGIApp) -> ASGIApp:
            async def answer(scope: Scope, receive: Receive, send: Send) -> None:
                self.requests += 1
                await inner(scope, receive, send)

            return answer

        app.add_middleware(counting)
        return app


def run_pytest(*words: str, cwd: Path, env: dict[str, str] | None = None) -> Result:
    """Judge by way of pytest."""
    return ending("--pyargs", "conformance", *words, cwd=cwd, env=env)


def ending(*words: str, cwd: Path, env: dict[str, str] | None = None) -> Result:
    """Run pytest to its end; without workers within this process, which saves the imports."""
    if "-n" in words:
        return session(*words, cwd=cwd, env=env)
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(cwd)
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        code = pytest.main(
            [
                *("--import-mode=importlib", "-p", "no:xdist", "-p", "no:faulthandler"),
                *arguments(*words),
            ]
        )
    return _checked(Result(int(code), out.getvalue(), err.getvalue()))


def session(*words: str, cwd: Path, env: dict[str, str] | None = None) -> Result:
    """Run pytest in a process of its own, which finds the packages in ``cwd`` first.

    xdist is used where ``words`` have the number of workers.
    """
    alone = () if "-n" in words else ("-p", "no:xdist")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *alone, *arguments(*words)],
        cwd=cwd,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    return _checked(Result(done.returncode, done.stdout, done.stderr))


def arguments(*words: str) -> list[str]:
    return [
        *("-rpxXfs", "-p", "no:cacheprovider", "-p", "no:randomly"),
        # The module that pyproject.toml names, whatever version is installed.
        *("-p", "no:conductor-conformance", "-p", "conductor_conformance_pytest"),
        # Loaded by themselves, they take longer than a run.
        *("-p", "no:schemathesis", "-p", "no:hypothesispytest", *words),
    ]


def _checked(result: Result) -> Result:
    assert "Traceback" not in result.out + result.err
    return result


def judged(server: ReferenceServer, *entries: str, cwd: Path) -> Result:
    """Judge a server with the quick profile and a baseline of these entries."""
    (cwd / "known.toml").write_text("".join(entries), "utf-8")
    token = server.issue_token()
    with EmbeddedServer(server) as embedded:
        result = run_pytest(
            *("--conductor-url", embedded.url, "--conductor-profile", "quick"),
            *("--conductor-baseline", "known.toml"),
            cwd=cwd,
            env={"CONDUCTOR_AUTH_TOKEN": token},
        )
    assert token not in result.out + result.err
    return result


def entry(name: str = "MODEL-01", more: str = "") -> str:
    return f'[[known]]\nid = "{name}"\nreason = "until 4.2"\n{more}\n'


def test_without_a_server_nobody_is_judged(tmp_path: Path) -> None:
    result = run_pytest(cwd=tmp_path)
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert "conductor: no server is named: give its URL" in result.out + result.err
    assert "passed" not in result.out


def test_one_item_per_requirement(tmp_path: Path) -> None:
    server = ReferenceServer()
    with EmbeddedServer(server) as embedded:
        words = ("-v", "--conductor-url", embedded.url, "--conductor-profile", "quick")
        env = {"CONDUCTOR_AUTH_TOKEN": server.issue_token()}
        result = run_pytest(*words, cwd=tmp_path, env=env)
    assert result.code == 0, result.out
    for requirement in load().requirements:
        # Without an expired token, and without fixtures.
        skipped = requirement.id in ("AUTH-11", "AUTH-12") or requirement.family == "LIFECYCLE"
        kind = "SKIPPED" if skipped else "PASSED"
        assert f"\nconformance::{requirement.id} {kind}" in result.out
    assert "conductor conformance: conformant" in result.out
    assert not list(tmp_path.iterdir())


def test_a_known_failure_is_expected_and_missing_evidence_skips(tmp_path: Path) -> None:
    active = [provider for provider in ReferenceServer().providers if provider.enabled]
    result = judged(EmbedsModels(providers=active), entry(), cwd=tmp_path)
    assert result.code == 0, result.out
    assert "XFAIL" in result.out
    assert "::MODEL-01 - until 4.2" in result.out
    assert "1 xfailed" in result.out
    assert "known failures (MODEL-01), though MODEL-03 is not met" in result.out
    assert "inconclusive: the target showed no inactive provider" in result.out


def test_a_new_failure_fails_with_the_report_instead_of_a_traceback(tmp_path: Path) -> None:
    other = entry(more='fingerprints = ["0123456789ab"]')
    result = judged(EmbedsModels(), other, cwd=tmp_path)
    assert result.code == 1
    assert "MODEL-01 (MUST): No provider contains" in result.out
    assert "curl -sS -H" in result.out
    assert "runtest" not in result.out
    assert "MODEL-01 fails in a way that the baseline does not list" in result.out
    assert "xfailed" not in result.out


def test_a_stale_entry_fails(tmp_path: Path) -> None:
    result = judged(ReferenceServer(), entry(), cwd=tmp_path)
    assert result.code == 1
    assert "[XPASS(strict)] until 4.2" in result.out
    assert "MODEL-01 passes now" in result.out
    assert "2 failed" in result.out


@pytest.mark.slow
def test_an_entry_past_its_date_and_one_that_matches_nothing_fail(tmp_path: Path) -> None:
    past = entry(more="expires = 2020-01-01")
    result = judged(EmbedsModels(), past, entry("MODEL-99"), cwd=tmp_path)
    assert result.code == 1
    assert "accepted as a known failure until 2020-01-01" in result.out
    assert "an entry for 'MODEL-99', which is not in the contract" in result.out
    assert "2 failed" in result.out
    assert "xfailed" not in result.out


def test_a_target_that_cannot_be_tested_and_bad_input(tmp_path: Path) -> None:
    closed = run_pytest("--conductor-url", f"http://127.0.0.1:{closed_port()}", cwd=tmp_path)
    assert closed.code == 1
    assert "nothing listens there" in closed.out
    nonsense = run_pytest("--conductor-url", "nonsense", cwd=tmp_path)
    assert nonsense.code == 4
    assert "not an http or https URL" in nonsense.out + nonsense.err
    baseline = judged(ReferenceServer(), "nonsense", cwd=tmp_path)
    assert baseline.code == 4
    assert "the baseline known.toml is not TOML" in baseline.err


@pytest.mark.slow
def test_a_session_of_others_imports_nothing_of_the_suite(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        "import sys\n"
        "def test_own():\n"
        "    assert 'conductor_conformance_pytest' in sys.modules\n"
        "    assert not [name for name in sys.modules if name.startswith('conformance')]\n",
        "utf-8",
    )
    result = session(cwd=tmp_path, env={"CONDUCTOR_SERVER_URL": "http://127.0.0.1:9"})
    assert result.code == 0, result.out
    assert "1 passed" in result.out


def counted(
    *words: str, cwd: Path, server: Counts | None = None, target: str = "conformance"
) -> tuple[Result, int]:
    """Judge a server with the quick profile; return also the number of requests it received."""
    server = Counts() if server is None else server
    with EmbeddedServer(server) as embedded:
        result = ending(
            *("--pyargs", target, "--strict-markers", "-v", "--conductor-url", embedded.url),
            *("--conductor-profile", "quick", *words),
            cwd=cwd,
            env={"CONDUCTOR_AUTH_TOKEN": server.issue_token()},
        )
    return result, server.requests


@pytest.mark.slow
def test_workers_of_xdist_share_one_judgement(tmp_path: Path) -> None:
    result, requests = counted("-n", "2", cwd=tmp_path)
    assert result.code == 0, result.out
    skipped = 2 + sum(one.family == "LIFECYCLE" for one in load().requirements)
    assert len(ids(result)) == len(load().requirements) - skipped
    assert {"[gw0]", "[gw1]"} <= set(result.out.split())
    assert "conductor conformance: conformant" in result.out
    assert f"\n{requests} requests, seed " in result.out


def ids(result: Result) -> set[str]:
    """Return the ids of the requirements that passed."""
    return set(re.findall(r"^PASSED conformance::(\S+)", result.out, re.MULTILINE))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "name"),
    [(("-m", "model and should"), "MODEL-03"), (("-k", "SHAPE-02"), "SHAPE-02")],
)
def test_what_is_not_selected_is_not_asked(
    words: tuple[str, ...], name: str, tmp_path: Path
) -> None:
    result, requests = counted(*words, cwd=tmp_path)
    assert result.code == 0, result.out
    assert ids(result) == {name}
    assert f"\n{requests} requests, seed " in result.out
    # The documented queries and what confirms them; all families take several hundred requests.
    assert 0 < requests < 100


def test_if_no_requirement_is_selected_nothing_is_asked(tmp_path: Path) -> None:
    result, requests = counted("-k", "nothing", cwd=tmp_path)
    assert result.code == pytest.ExitCode.NO_TESTS_COLLECTED
    assert requests == 0


def test_the_markers_are_listed(tmp_path: Path) -> None:
    listed = run_pytest("--markers", cwd=tmp_path).out
    for name in (*load().families, "must", "should"):
        assert f"@pytest.mark.{name.lower()}: requirements of the " in listed


OWN = """
def test_filters(conductor_report):
    judged = {verdict.requirement.family for verdict in conductor_report.verdicts}
    assert {"FILTER", "AUTH"} <= judged
    assert conductor_report.requests > 100

def test_other():
    pass
"""


@pytest.mark.parametrize("workers", WORKERS)
def test_a_report_for_own_tests(workers: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(OWN, "utf-8")
    result, requests = counted(
        *("conformance", "-k", "test_own or SHAPE-02", *workers), cwd=tmp_path, target="test_own.py"
    )
    assert result.code == 0, result.out
    assert "3 passed" in result.out
    assert f"\n{requests} requests, seed " in result.out
    # A test that does not need the report does not cause requests.
    result, requests = counted("-k", "other", *workers, cwd=tmp_path, target="test_own.py")
    assert "1 passed" in result.out
    assert requests == 0


@pytest.mark.slow
def test_a_report_that_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(OWN, "utf-8")
    result = ending("-l", "--conductor-timeout", "-1", "-k", "filters", cwd=tmp_path)
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert "conductor: no server is named" in result.out + result.err


class BehindGateway(ReferenceServer):
    """Has a gateway that wants three headers, and is known by a name that no DNS knows."""

    def authorise(self, request: Request) -> Response | None:
        got = [request.headers.get(name) for name in ("x-a", "x-b", "x-c")]
        if got != ["1", "2", "3"] or not request.headers["host"].startswith("conductor.invalid:"):
            return self.refuse(403, "The gateway refuses")
        return super().authorise(request)


@pytest.mark.slow
def test_headers_and_addresses(tmp_path: Path) -> None:
    server = BehindGateway()
    (tmp_path / "headers").write_text("X-C: 3\n", "utf-8")
    with EmbeddedServer(server) as embedded:
        place = f"conductor.invalid:{embedded.port}"
        result = run_pytest(
            *("-k", "SHAPE-01", "-v", "--conductor-profile", "quick"),
            *("--conductor-url", f"http://{place}/api", "--conductor-wait", "5"),
            *("--conductor-resolve", f"{place}:127.0.0.1", "--conductor-parallel", "1"),
            *("--conductor-header", "X-A: 1", "--conductor-header-env", "X-B=GATEWAY_KEY"),
            *("--conductor-header-file", "headers"),
            cwd=tmp_path,
            env={"CONDUCTOR_AUTH_TOKEN": server.issue_token(), "GATEWAY_KEY": "2"},
        )
    assert result.code == 0, result.out
    assert ids(result) == {"SHAPE-01"}
    assert "--wait" in result.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--conductor-header", "s3cret"), "a header is written 'Name: value'"),
        (("--conductor-header-env", "s3cret"), "write NAME=VARIABLE"),
        (("--conductor-require-evidence-for", "FILTR"), "no requirement 'FILTR'"),
        (("--conductor-contract", "none.yaml"), "none.yaml"),
        (
            ("--conductor-header-file", "headers.txt", "--conductor-record", "headers.txt"),
            "cannot write headers.txt: this command also reads it",
        ),
    ],
)
def test_values_that_make_no_sense(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "headers.txt").write_text("X-Tenant: 7")
    result = run_pytest("--conductor-url", "http://127.0.0.1:9", *words, cwd=tmp_path)
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert "conductor: " in result.out + result.err
    assert sentence in result.out + result.err
    assert "s3cret" not in result.out + result.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 0),
        (("--conductor-require-evidence",), 1),
        (("--conductor-require-evidence-for", "MODEL-01, FILTER-05"), 1),
    ],
)
def test_evidence_can_be_required(words: tuple[str, ...], code: int, tmp_path: Path) -> None:
    active = [provider for provider in ReferenceServer().providers if provider.enabled]
    server = Counts(providers=active)
    result, _ = counted("-m", "filter and must", *words, cwd=tmp_path, server=server)
    assert result.code == code, result.out
    lacking = "evidence is required; inconclusive: the target showed no inactive provider"
    assert (lacking in result.out) == bool(code)
    # What needs no evidence is skipped; without a name, that is none of these.
    assert ("SKIPPED" in result.out) == (words != ("--conductor-require-evidence",))


class Open(ReferenceServer):
    """Needs no credential, so that no requirement of AUTH applies."""

    def authorise(self, request: Request) -> Response | None:
        return None


def test_a_session_that_judged_nothing_fails_if_evidence_is_required(tmp_path: Path) -> None:
    with EmbeddedServer(Open()) as embedded:
        result = run_pytest(
            *("-m", "auth", "--conductor-url", embedded.url, "--conductor-profile", "quick"),
            "--conductor-require-evidence",
            cwd=tmp_path,
        )
    assert result.code == 1, result.out
    assert "evidence is required; not-applicable: " in result.out
    assert "skipped" not in result.out


def test_a_contract_of_ones_own(tmp_path: Path) -> None:
    for name in ("openapi.yaml", "requirements.yaml"):
        text = (ROOT / "spec" / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace("SHAPE-01", "SHAPE-91"), "utf-8")
    words = ("--conductor-contract", "openapi.yaml", "--collect-only", "-q", "-k", "SHAPE")
    result = run_pytest(*words, cwd=tmp_path)
    assert result.code == 0, result.out + result.err
    assert "conformance::SHAPE-91" in result.out
    assert "conformance::SHAPE-01" not in result.out


@pytest.mark.parametrize("workers", WORKERS)
def test_a_mistake_ends_the_session(workers: tuple[str, ...], tmp_path: Path) -> None:
    result = run_pytest("--conductor-url", "nonsense", *workers, cwd=tmp_path)
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert "conductor: 'nonsense' is not an http or https URL" in result.out
    assert "passed" not in result.out


@pytest.fixture
def own_package(tmp_path: Path) -> Path:
    """A project with a package that has the name of the suite's, and a test of it."""
    package = tmp_path / "conformance"
    package.mkdir()
    (package / "__init__.py").write_text("OWN = True\n", "utf-8")
    (package / "test_own.py").write_text(
        "import conformance\ndef test_own():\n    assert conformance.OWN\n", "utf-8"
    )
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--pyargs", "conformance"), ("conformance/test_own.py",)])
def test_a_project_with_a_package_of_the_same_name(
    own_package: Path, words: tuple[str, ...]
) -> None:
    result = session(*words, cwd=own_package)
    assert result.code == 0, result.out + result.err
    assert "1 passed" in result.out
    assert "conductor:" not in result.out + result.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "env"),
    [
        (("--conductor-url", "http://127.0.0.1:9"), {}),
        (("--pyargs", "conformance", "--conductor-profile", "standard"), {}),
        (("--conductor-insecure",), {}),
        (("--pyargs", "conformance"), {"CONDUCTOR_SERVER_URL": "http://127.0.0.1:9"}),
    ],
)
def test_what_shadows_the_suite_is_named(
    own_package: Path, words: tuple[str, ...], env: dict[str, str]
) -> None:
    result = session(*words, cwd=own_package, env=env)
    assert result.code == pytest.ExitCode.USAGE_ERROR
    (line,) = result.err.strip().splitlines()
    assert line.startswith(f"ERROR: conductor: {own_package / 'conformance' / '__init__.py'} shad")
    assert "run pytest in another folder" in line
    assert "passed" not in result.out


@pytest.mark.slow
def test_the_plugin_by_its_name(tmp_path: Path) -> None:
    words = ("-p", "conformance.pytest_plugin", "--pyargs", "conformance", "--collect-only", "-q")
    for other in ((), ("-p", "no:conductor_conformance_pytest")):
        result = session(*other, *words, cwd=tmp_path)
        assert result.code == 0, result.out + result.err
        assert len(load().requirements) == result.out.count("conformance::")


def test_the_module_that_is_installed_for_pytest() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (module,) = settings["project"]["entry-points"]["pytest11"].values()
    assert module == conductor_conformance_pytest.__name__
    assert f"{module}.py" in settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
