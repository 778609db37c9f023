"""``--conductor-baseline``: known failures are strict xfails of pytest."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.processes.command import DEADLINE, Result, environment

from conformance.reference import EmbeddedServer, Provider, ProviderQuery, ReferenceServer


class EmbedsModels(ReferenceServer):
    """Answers what Get All Integrations answers, until it is mended."""

    mended = False

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        if self.mended:
            return super().represent(provider, query)
        return self.with_models(provider, query)


@pytest.fixture
def embedded() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(EmbedsModels()) as running:
        yield running


def _pytest(embedded: EmbeddedServer, folder: Path, baseline: str) -> Result:
    (folder / "known.toml").write_text(baseline, "utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--pyargs", "conformance", "-rxXf"),
            *("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"),
            *("--conductor-url", embedded.url, "--conductor-profile", "quick"),
            *("--conductor-baseline", "known.toml"),
        ],
        cwd=folder,
        env=environment({"CONDUCTOR_AUTH_TOKEN": embedded.server.issue_token()}),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    result = Result(done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in result.out + result.err
    return result


def _entry(name: str = "MODEL-01", more: str = "") -> str:
    return f'[[known]]\nid = "{name}"\nreason = "until 4.2"\n{more}\n'


def test_a_known_failure_is_an_expected_one(embedded: EmbeddedServer, tmp_path: Path) -> None:
    result = _pytest(embedded, tmp_path, _entry())
    assert result.code == 0, result.out
    assert "XFAIL" in result.out
    assert "::MODEL-01 - until 4.2" in result.out
    assert "1 xfailed" in result.out
    assert "known failures (MODEL-01), though MODEL-03 is not met" in result.out


def test_a_stale_entry_fails(embedded: EmbeddedServer, tmp_path: Path) -> None:
    server = embedded.server
    assert isinstance(server, EmbedsModels)
    server.mended = True
    result = _pytest(embedded, tmp_path, _entry())
    assert result.code == 1
    assert "[XPASS(strict)] until 4.2" in result.out
    assert "MODEL-01 passes now" in result.out
    assert "2 failed" in result.out


def test_a_new_failure_fails(embedded: EmbeddedServer, tmp_path: Path) -> None:
    result = _pytest(embedded, tmp_path, _entry(more='fingerprints = ["0123456789ab"]'))
    assert result.code == 1
    assert "MODEL-01 (MUST): No provider carries" in result.out
    assert "MODEL-01 fails in a way that the baseline does not list" in result.out
    assert "xfailed" not in result.out


def test_an_entry_past_its_date_and_one_that_matches_nothing_fail(
    embedded: EmbeddedServer, tmp_path: Path
) -> None:
    result = _pytest(embedded, tmp_path, _entry(more="expires = 2020-01-01") + _entry("MODEL-99"))
    assert result.code == 1
    assert "accepted as a known failure until 2020-01-01" in result.out
    assert "an entry for 'MODEL-99', which is not in the contract" in result.out
    assert "2 failed" in result.out
    assert "xfailed" not in result.out


def test_a_bad_file_is_a_usage_error(embedded: EmbeddedServer, tmp_path: Path) -> None:
    result = _pytest(embedded, tmp_path, "nonsense")
    assert result.code == 4
    assert "the baseline known.toml is not TOML" in result.err
