"""Real clients read the list through their adapters, as far as they can.

What they break is known (docs/clients.md) and in a baseline each, which has to agree.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from node_tools import program
from support.processes.outside import run
from support.repository import ROOT
from support.servers.counterpart import Counterpart, counterpart

HERE = Path(__file__).with_name("clients")
BASELINES = HERE / "baselines"
ALONE = {"AI_MODEL", "VECTOR_DB", "RELATIONAL_DB"}
"""The categories of the contract that conductor-python knows."""


@dataclass(frozen=True)
class Client:
    """A client, and what its adapter lacks: filters, and fields that the objects do not have."""

    name: str
    unsupported: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    categories: frozenset[str] | None = None


CLIENTS = (
    Client(
        "conductor_python",
        lost=("createTime", "updateTime", "ownerApp"),
        categories=frozenset(ALONE),
    ),
    Client("conductor_javascript", unsupported=("category", "activeOnly")),
    Client("generated_python"),
    Client("generated_typescript"),
)


@pytest.fixture(scope="module")
def command(
    python_client: Path, typescript_client: Path, node_folder: Path
) -> Callable[[Client], list[str]]:
    """Return the command that runs a client's adapter, which is copied to what it imports."""
    node, _ = program(node_folder, "tsc")
    typescript = [node, "--disable-warning=ExperimentalWarning"]

    def words(client: Client) -> list[str]:
        documented = client.name.startswith("conductor_")
        (adapter,) = (ROOT / "docs" / "adapters" if documented else HERE).glob(f"{client.name}.*")
        is_python = adapter.suffix == ".py"
        folder = python_client if is_python else typescript_client
        copied = str(shutil.copy(adapter, folder))
        return [*([sys.executable] if is_python else typescript), copied]

    return words


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Counterpart, str]]:
    with counterpart() as running:
        yield running


def answer(
    words: Sequence[str], server: tuple[Counterpart, str], folder: Path, **filters: str
) -> Any:
    """Run an adapter on a server, and return what it answers."""
    reference, url = server
    file = folder / "answer.json"
    variables = {
        "CONDUCTOR_SERVER_URL": url,
        "CONDUCTOR_AUTH_KEY": reference.key_id,
        "CONDUCTOR_AUTH_SECRET": reference.key_secret,
        "CONFORMANCE_ANSWER": str(file),
        **filters,
    }
    done = run(words, cwd=folder, env=variables)
    assert done.code == 0, done.out + done.err
    return json.loads(file.read_text("utf-8"))


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_an_adapter_answers_what_the_client_reads(
    client: Client,
    command: Callable[[Client], list[str]],
    server: tuple[Counterpart, str],
    tmp_path: Path,
) -> None:
    expected = [
        one.as_dict()
        for one in server[0].providers
        if one.enabled and (client.categories is None or one.category in client.categories)
    ]
    server[0].begin((), expected)
    read = answer(command(client), server, tmp_path)
    known = [{key: it for key, it in one.items() if key not in client.lost} for one in expected]
    fields = {key for one in known for key in one}
    present = [{key: one[key] for key in fields if one.get(key) is not None} for one in read]
    for one in present:
        one["tags"] = [{"key": tag["key"], "value": tag["value"]} for tag in one["tags"]]
    assert present == known


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_an_adapter_uses_the_filters_that_the_client_offers(
    client: Client,
    command: Callable[[Client], list[str]],
    server: tuple[Counterpart, str],
    tmp_path: Path,
) -> None:
    server[0].begin((), [])
    filters = {"CONFORMANCE_CATEGORY": "GIT", "CONFORMANCE_ACTIVE_ONLY": "false"}
    read = answer(command(client), server, tmp_path, **filters)
    sent = {
        name: value for one in server[0].sent if one.is_listing for name, value in one.parameters
    }
    if client.unsupported:
        assert (read, sent) == ({"unsupported": client.unsupported[0]}, {})
    else:
        # conductor-python calls the category `type`.
        assert sorted(sent.values()) == ["GIT", "false"]
        assert read == []


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_what_a_client_breaks_is_in_its_baseline(
    client: Client,
    command: Callable[[Client], list[str]],
    tmp_path: Path,
    pytestconfig: pytest.Config,
) -> None:
    # A SHOULD that is broken is worth knowing as well, and a stale entry fails.
    suite = [sys.executable, "-m", "conformance", "client", "--fail-on", "should"]
    baseline = ("--baseline", str(BASELINES / f"{client.name}.toml"), "--json", "report.json")
    seen = []
    for _ in range(pytestconfig.getoption("--client-runs")):
        done = run([*suite, *baseline, "--", *command(client)], cwd=tmp_path)
        assert done.code == 0, done.out + done.err
        report = json.loads((tmp_path / "report.json").read_text("utf-8"))
        seen.append({one["id"]: one["outcome"] for one in report["requirements"]})
    assert seen == seen[:1] * len(seen)
