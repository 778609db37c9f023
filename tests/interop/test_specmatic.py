"""Specmatic's own command reads the contract, and runs it against right and wrong servers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from node_tools import installed
from support.processes.command import Result
from support.processes.outside import run
from support.repository import ROOT
from support.servers.clients import Reference, served

from conformance.selftest.catalogue import fault, variation

LEAST_JAVA = 17


def java_version() -> int:
    java = shutil.which("java")
    if java is None:
        return 0
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(found[1]) if found else 0


@pytest.fixture(scope="module")
def specmatic(
    documented: Callable[[str], list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Result]:
    """Run the documented command, with no more than the document, the URL and the token."""
    if java_version() < LEAST_JAVA:
        pytest.skip(f"Specmatic needs Java {LEAST_JAVA} or newer")
    folder = tmp_path_factory.mktemp("specmatic")
    (folder / "hosts").write_text("127.0.0.1 localhost\n")
    # Java starts faster with these options, finds no other host, and leaves nothing at home.
    java = f"-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Djdk.net.hosts.file={folder / 'hosts'}"
    place_of_jar = installed(ROOT / "benchmarks" / "tools" / "specmatic")
    command = [
        str(place_of_jar / word) if word.startswith("node_modules/") else word
        for word in documented("java -jar")
    ]

    def judged(server: Reference, place: Path = folder) -> Result:
        words = [word.replace("http://127.0.0.1:8080", server.url) for word in command]
        env = {
            "accessToken": server.token,
            "JAVA_TOOL_OPTIONS": f"{java} -Duser.home={folder}",
        }
        return run(words, cwd=place, env=env)

    return judged


def numbers(done: Result) -> tuple[int, int]:
    """Return how many tests it ran, and how many succeeded."""
    found = re.search(r"Tests run: (\d+), Successes: (\d+),", done.out)
    assert found is not None, done.out + done.err
    return int(found[1]), int(found[2])


def query_of(path: str) -> frozenset[tuple[str, str]]:
    return frozenset(parse_qsl(path.partition("?")[2]))


def test_the_right_server_passes(specmatic: Callable[..., Result], reference: Reference) -> None:
    done = specmatic(reference)
    run_, succeeded = numbers(done)
    assert (done.code, succeeded) == (0, run_), done.out
    # A request for every example of the list.
    queries = {query_of(path) for path in re.findall(r"GET (/api/\S+)\n", done.out)}
    assert queries == {
        frozenset({("activeOnly", "false")}),
        frozenset({("activeOnly", "true")}),
        frozenset({("activeOnly", "false"), ("category", "AI_MODEL")}),
    }


def test_a_server_with_more_fields_passes(specmatic: Callable[..., Result]) -> None:
    with served(variation("members-array").make()) as unusual:
        done = specmatic(unusual)
    assert done.code == 0, done.out


def test_a_wrong_server_does_not(specmatic: Callable[..., Result]) -> None:
    with served(fault("shape-members-with-underscores").make()) as wrong:
        done = specmatic(wrong)
    assert done.code == 1
    assert numbers(done)[1] == 0
    assert "modelsCount" in done.out


def test_the_right_server_passes_the_negative_tests(
    specmatic: Callable[..., Result], reference: Reference, tmp_path: Path
) -> None:
    settings = {"version": 2, "test": {"resiliencyTests": {"enable": "all"}}}
    (tmp_path / "specmatic.yaml").write_text(json.dumps(settings))
    done = specmatic(reference, tmp_path)
    assert done.code == 0, done.out
    assert numbers(done)[0] > 90
