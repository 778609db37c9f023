"""The file of a fleet: what it may say, and that it never holds a credential."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.errors import UsageError
from conformance.fleet.targets import labelled, read

WHOLE = """
[options]
profile = "quick"
token-env = "ALL_TOKEN"
key_env = "ALL_KEY"

[[targets]]
name = "eu-1"
url = "https://eu-1.example.com"
labels = { region = "eu", stage = "prod" }

[[targets]]
name = "us-1"
url = "https://us-1.example.com"
labels = { region = "us" }
profile = "standard"
token-file = "us.token"
expired-token-env = "US_OLD"
"""
SECRET = "s3cret-Value.of-a-token"


def written(folder: Path, text: str, name: str = "fleet.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_toml(tmp_path: Path) -> None:
    eu, us = read(written(tmp_path, WHOLE))
    assert (eu.name, eu.url) == ("eu-1", "https://eu-1.example.com")
    assert eu.labels == {"region": "eu", "stage": "prod"}
    assert eu.settings == {"profile": "quick"}
    assert eu.variables == (
        ("CONDUCTOR_AUTH_TOKEN", "ALL_TOKEN"),
        ("CONDUCTOR_AUTH_KEY", "ALL_KEY"),
    )
    # Its own credential is the whole of it, and its own profile goes before that of all.
    assert us.settings == {"profile": "standard", "token-file": "us.token"}
    assert us.variables == (("CONDUCTOR_EXPIRED_TOKEN", "US_OLD"),)


def test_csv(tmp_path: Path) -> None:
    text = (
        "name,url,labels,token-env,rate-limit\n"
        "eu-1,https://eu-1.example.com,region=eu stage=prod,EU_TOKEN,5/s\n"
        'us-1,"https://us-1.example.com",,,\n'
    )
    eu, us = read(written(tmp_path, text, "fleet.CSV"))
    assert eu.labels == {"region": "eu", "stage": "prod"}
    assert eu.variables == (("CONDUCTOR_AUTH_TOKEN", "EU_TOKEN"),)
    assert eu.settings == {"rate-limit": "5/s"}
    assert (us.labels, us.variables, us.settings) == ({}, (), {})


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ([], ["eu-1", "us-1"]),
        ([("region", "eu")], ["eu-1"]),
        ([("region", "eu"), ("region", "us")], ["eu-1", "us-1"]),
        ([("region", "us"), ("stage", "prod")], []),
    ],
)
def test_labels_choose_targets(
    tmp_path: Path, wanted: list[tuple[str, str]], names: list[str]
) -> None:
    targets = read(written(tmp_path, WHOLE))
    assert [one.name for one in labelled(targets, wanted)] == names


@pytest.mark.parametrize(
    "line",
    [
        f'token = "{SECRET}"',
        f'auth_token = "{SECRET}"',
        f'header = ["X-Api-Key: {SECRET}"]',
        f'password = "{SECRET}"',
        f'token-env = "{SECRET}"',
        f'secret-env = "{SECRET}"',
        f'proxy = "http://user:{SECRET}@proxy:3128"',
        f'labels = {{ token = "{SECRET} x" }}',
    ],
)
@pytest.mark.parametrize("form", ["target", "options", "csv"])
def test_a_value_is_refused_and_not_repeated(tmp_path: Path, line: str, form: str) -> None:
    target = '[[targets]]\nname = "a"\nurl = "https://a.example.com"\n'
    path = written(tmp_path, f"{target}{line}\n")
    if form == "options":
        if line.startswith("labels"):
            line = f'secret-env = "{SECRET}"'
        path = written(tmp_path, f"[options]\n{line}\n{target}")
    if form == "csv":
        key, _, value = line.partition(" = ")
        cell = value.strip('"[]{} ').replace('"', "")
        text = f'name,url,{key}\na,https://a.example.com,"{cell}"\n'
        path = written(tmp_path, text, "fleet.csv")
    with pytest.raises(UsageError) as caught:
        read(path)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it has no target"),
        ("x = 1", "'x' is unknown"),
        ("options = 1", "options is not a table"),
        ("targets = 1", "targets is not a list"),
        ("[[targets]]\nname = 'a/b'\nurl = 'u'", "target 1: the name has to be"),
        ("[[targets]]\nname = 'a'", "a has no url"),
        ("[[targets]]\nname = 'a'\nurl = 'u'\nlabels = 1", "a: labels is not a table"),
        ("[[targets]]\nname = 'a'\nurl = 'u'\nlabels.outcome = 'x'", "cannot be a label"),
        ("[[targets]]\nname = 'a'\nurl = 'u'\nlabels.x = 'a b'", "without blanks"),
        (
            "[[targets]]\nname = 'a'\nurl = 'u'\n[[targets]]\nname = 'A'\nurl = 'u'",
            "the names a and A differ only in case",
        ),
        (
            "[[targets]]\nname = 'a'\nurl = 'u'\n[[targets]]\nname = 'a'\nurl = 'u'",
            "two targets are called a; give each its own name",
        ),
        (
            "[[targets]]\nname = 'a'\nurl = 'u'\nrate-limit = '5/s'\nrate_limit = '9/s'",
            "a: rate-limit is set twice; leave one of them out",
        ),
        ("[[targets", "Expected"),
    ],
)
def test_what_makes_no_sense(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError, match=told) as caught:
        read(path)
    assert str(caught.value).startswith(f"the fleet {path}: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name\na\n", "the first line has to name the columns"),
        ("", "the first line has to name the columns"),
        ("name,url\na\n", "line 2 has fewer values than columns"),
        ("name,url\na,b,c\n", "line 2 has more values than columns"),
        ("name;url\na;b\n", "separated by commas"),
        ("name,url,labels\na,b,eu prod\n", "line 2: write labels as LABEL=VALUE"),
        ("name,url,labels\na,b,region=\n", "line 2: write labels as LABEL=VALUE"),
        ('name,url\na,"b\n', "unexpected end of data"),
        ("name,url,name\na,b,c\n", "the first line names the column 'name' twice"),
        ("name,url,token-env,token_env \na,b,A,B\n", "names the column 'token-env' twice"),
    ],
)
def test_a_csv_file_that_makes_no_sense(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read(written(tmp_path, text, "fleet.csv"))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the fleet"):
        read(tmp_path / "none.toml")
