"""Settings from a file: found, read, and refused where they make no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cli.config_file import Kind, find, known_settings, read, shown_url
from conformance.cli.main import cli
from conformance.errors import UsageError

RUN = cli.commands["run"]
KNOWN = known_settings(RUN)
TABLE = "[tool.conductor-conformance]\n"


def test_what_can_be_set_are_the_options_of_run() -> None:
    names = {name.lstrip("-") for one in RUN.params for name in one.opts if name.startswith("--")}
    assert set(KNOWN) == names | {"url"}
    for kind, keys in (
        (Kind.TEXT, ("url", "profile", "rate-limit")),
        (Kind.NUMBER, ("timeout", "wait")),
        (Kind.INTEGER, ("seed", "parallel", "max-requests")),
        (Kind.LIST, ("only", "skip", "header")),
        (Kind.SWITCH, ("insecure", "require-evidence")),
        (Kind.FILE, ("json", "junit", "baseline", "token-file", "ca-bundle", "contract")),
    ):
        assert {KNOWN[key] for key in keys} == {kind}


def _file(folder: Path, text: str, name: str = "settings.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def test_each_kind_of_value(tmp_path: Path) -> None:
    file = _file(
        tmp_path / "there",
        """
        url = "https://conductor.example.com"
        timeout = 5
        seed = 7
        insecure = true
        only = "FILTER,AUTH-01"
        skip = ["FILTER-03"]
        header = ["X-Tenant: blue"]
        json = "../out/r.json"
        junit = "-"
        ca-bundle = "/etc/ca.pem"
        fail_on = "should"
        """,
    )
    assert read(file, KNOWN, tmp_path) == {
        "url": "https://conductor.example.com",
        "timeout": 5,
        "seed": 7,
        "insecure": True,
        "only": ["FILTER,AUTH-01"],
        "skip": ["FILTER-03"],
        "header": ["X-Tenant: blue"],
        # Names of files are relative to where they are written.
        "json": str(tmp_path / "out" / "r.json"),
        "junit": "-",
        "ca-bundle": "/etc/ca.pem",
        "fail-on": "should",
    }
    values = read(_file(tmp_path, 'json = "r.json"'), KNOWN, tmp_path)
    assert values == {"json": "r.json"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("timout = 5", "unknown key 'timout'; did you mean timeout?"),
        ("zzzzzz = 5", "known keys are url, json"),
        ("timeout = '5'", "timeout must be a number"),
        ("timeout = true", "timeout must be a number"),
        ("seed = 1.5", "seed must be an integer"),
        ("insecure = 'yes'", "insecure must be true or false"),
        ("url = 5", "url must be a text in quotation marks"),
        ("json = ['a']", "json must be the name of a file"),
        ("only = [1]", "only must be a list of texts"),
        ("token = 'hunter2'", "credentials are not read from it, but from CONDUCTOR_AUTH_TOKEN"),
        ("auth-key = 'hunter2'", "credentials are not read from it"),
        ("header = ['X-Api-Key: hunter2']", "'X-Api-Key' may hold a credential"),
        ("dry-run = true", "'dry-run' can be given on the command line only, as --dry-run"),
        ("update_baseline = true", "can be given on the command line only, as --update-baseline"),
        ("config = 'x'", "can be given on the command line only"),
        ("fail-on = 'must'\nfail_on = 'must'", "fail-on is set twice"),
        ('json = "a\\u0000b"', "json is not a valid file name"),
        ("nonsense", "are not TOML: Expected '='"),
        ("seed = " + "9" * 5000, "are not TOML: a number or a date is out of range"),
        ("seed = 0x" + "f" * 5000, "are not TOML: an integer has more than 64 bits"),
        (".".join("a" * 20_000) + " = 1", "are not TOML: a key has more than 32 parts"),
        ("[tool.other]\nx = 1", "has no table [tool.conductor-conformance]"),
        ("[tool]\nconductor-conformance = 5", "is not a table; begin it with"),
        ("'a\\u001b[31mb' = 1", "unknown key"),
    ],
)
def test_what_makes_no_sense(tmp_path: Path, text: str, sentence: str) -> None:
    file = _file(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        read(file, KNOWN, tmp_path)
    assert sentence in str(caught.value)
    assert str(file) in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff")
    for name in ("missing", ".", "binary.toml"):
        with pytest.raises(UsageError, match="cannot read the settings"):
            read(tmp_path / name, KNOWN, tmp_path)


def test_the_nearest_project_file_with_settings_is_taken(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    deep = repository / "a" / "b"
    deep.mkdir(parents=True)
    (repository / ".git").mkdir()
    assert find(deep) is None
    top = _file(repository, TABLE, "pyproject.toml")
    assert find(deep) == find(repository) == top
    # Others that say nothing of this suite are no concern of it, whatever is in them.
    _file(repository / "a", "this is [ no TOML", "pyproject.toml")
    assert find(deep) == top
    own = _file(deep, TABLE, "pyproject.toml")
    assert find(deep) == own


def test_nothing_above_a_repository_is_looked_at(tmp_path: Path) -> None:
    _file(tmp_path, TABLE, "pyproject.toml")
    inside = tmp_path / "repository" / "src"
    inside.mkdir(parents=True)
    # Without a repository, nothing above the folder itself is.
    assert find(inside) is None
    (tmp_path / "repository" / ".git").write_text("gitdir: elsewhere")
    assert find(inside) is None
    assert find(tmp_path) == tmp_path / "pyproject.toml"


def test_a_project_file_with_settings_that_is_no_toml(tmp_path: Path) -> None:
    _file(tmp_path, f"{TABLE}url =", "pyproject.toml")
    with pytest.raises(UsageError, match="are not TOML"):
        find(tmp_path)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://host/api", "https://host/api"),
        ("https://someone:hunter2@host:8443/api", "https://***@host:8443/api"),
        ("https://someone@host", "https://***@host"),
        ("https://host/api?token=hunter2#hunter2", "https://host/api?***"),
        ("https://host#hunter2", "https://host#***"),
        ("someone:hunter2@host/api", "***@host/api"),
        ("https://host?token=hunter2@x", "https://host?***"),
        ("https://host/\x1b[31m", "https://host/\\u001b[31m"),
    ],
)
def test_a_url_is_shown_without_secrets(url: str, shown: str) -> None:
    assert shown_url(url) == shown


TARGETS = """
timeout = 5
parallel = 4
[targets.staging]
url = "https://staging.example.com"
parallel = 2
[targets.broken]
paralel = 2
"""


def test_settings_of_a_named_target_go_before_the_others(tmp_path: Path) -> None:
    file = _file(tmp_path, TARGETS)
    assert read(file, KNOWN, tmp_path) == {"timeout": 5, "parallel": 4}
    assert read(file, KNOWN, tmp_path, "staging") == {
        "timeout": 5,
        "parallel": 2,
        "url": "https://staging.example.com",
    }


@pytest.mark.parametrize(
    ("text", "name", "problem"),
    [
        (TARGETS, "stagin", "no target 'stagin'; did you mean staging"),
        (TARGETS, "other", "no target 'other'; known targets are staging, broken"),
        (TARGETS, "broken", "unknown key 'paralel'; did you mean parallel"),
        ("seed = 1", "staging", r"no target 'staging'; add it as \[targets.staging\]"),
        ("targets = 1", "staging", r"no target 'staging'; add it as \[targets.staging\]"),
        ("[targets]\nstaging = 1", "staging", "targets.staging is not a table"),
    ],
)
def test_a_target_that_is_not_there_is_refused(
    text: str, name: str, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=problem):
        read(_file(tmp_path, text), KNOWN, tmp_path, name)
