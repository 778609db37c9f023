"""The command ``fleet``: the same verdicts as ``run``, and a folder that survives anything."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.processes.children import children, exists, wait_until
from support.processes.command import arguments, environment, run
from support.servers.hostile import BY_NAME

from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.faults import FAULTS

pytestmark = pytest.mark.slow

BRIEF = ("--profile", "quick", "--seed", "1", "--retry-budget", "0.3", "--workers", "2")


class Cluster:
    """Servers, the file of a fleet that lists them, and the variables with their tokens."""

    def __init__(self, folder: Path, *servers: ReferenceServer) -> None:
        self.folder = folder
        self.lines = ["[options]", 'only = "HTTP,FILTER,AUTH"']
        self.env: dict[str, str] = {}
        self.servers = servers

    def add(self, name: str, url: str, token: str, **settings: str) -> None:
        variable = f"TOKEN_{len(self.env)}"
        self.env[variable] = token
        lines = [f"{key} = {value}" for key, value in settings.items()]
        self.add_with(name, url, *lines, f'token-env = "{variable}"')

    def add_with(self, name: str, url: str, *lines: str) -> None:
        self.lines += ["[[targets]]", f'name = "{name}"', f'url = "{url}"', *lines]

    def url_of(self, name: str) -> str:
        line = self.lines[self.lines.index(f'name = "{name}"') + 1]
        return line.removeprefix('url = "').removesuffix('"')

    def write(self) -> str:
        (self.folder / "fleet.toml").write_text("\n".join(self.lines))
        return "fleet.toml"


@contextmanager
def cluster(folder: Path, number: int = 1) -> Iterator[Cluster]:
    """Yield a fleet of this many good servers, one with a fault, and one that is down."""
    (fault,) = (one for one in FAULTS if one.name == "filter-category-ignored")
    good, bad = ReferenceServer(), fault.make()
    with EmbeddedServer(good) as one, EmbeddedServer(bad) as other:
        made = Cluster(folder, good, bad)
        for place in range(number):
            made.add(f"good-{place}", one.url, good.issue_token(), labels='{region = "eu"}')
        made.add("bad", other.url, bad.issue_token(), labels='{region = "us"}')
        made.add("down", "http://127.0.0.1:9/api", "x")
        yield made


def summary(folder: Path, name: str = "fleet") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name / "fleet.json").read_text("utf-8"))
    return found


def codes(folder: Path, name: str = "fleet") -> dict[str, int]:
    return {one["name"]: one["exitCode"] for one in summary(folder, name)["targets"]}


def test_a_fleet(tmp_path: Path) -> None:
    with cluster(tmp_path) as made:
        file = made.write()
        done = run("fleet", file, *BRIEF, "--also", "html", cwd=tmp_path, env=made.env)
        assert done.code == 3, done.err
        assert "1 of 3 targets conformant" in done.out
        assert codes(tmp_path) == {"good-0": 0, "bad": 1, "down": 3}
        # Every outcome is that of `run`, and so is each report.
        for target in summary(tmp_path)["targets"]:
            name, url = target["name"], target["url"]
            token = made.env[f"TOKEN_{['good-0', 'bad', 'down'].index(name)}"]
            words = ("--profile", "quick", "--seed", "1", "--retry-budget", "0.3")
            alone = run(
                *("run", url, *words, "--only", "HTTP,FILTER,AUTH", "--json", "alone.json"),
                cwd=tmp_path,
                env={"CONDUCTOR_AUTH_TOKEN": token},
            )
            assert alone.code == target["exitCode"]
            mine, its = (
                json.loads((tmp_path / path).read_text("utf-8"))
                for path in ("alone.json", f"fleet/targets/{name}.json")
            )
            for report in (mine, its):
                for field in ("started", "durationSeconds", "runId", "responseTimes", "requests"):
                    report.pop(field, None)
                report.pop("documentedQueries", None)
                for judged in report["requirements"]:
                    judged.pop("evidence")
                    for finding in judged["findings"]:
                        finding.pop("curl")
            assert mine == its
            assert (tmp_path / "fleet" / "targets" / f"{name}.html").exists()
        for name in ("index.html", "fleet.md", "fleet.prom", "badge.json"):
            assert (tmp_path / "fleet" / name).stat().st_size

        # Nothing is asked again but what could not be tested.
        reports = tmp_path / "fleet" / "targets"
        before = {path: path.stat().st_mtime_ns for path in reports.iterdir()}
        again = run("fleet", file, *BRIEF, "--also", "html", "--resume", cwd=tmp_path, env=made.env)
        assert again.code == 3, again.err
        assert "judging 3 targets, 2 of them with a fresh report" in again.err
        changed = {path.name for path, then in before.items() if path.stat().st_mtime_ns != then}
        assert changed == {"down.json", "down.html"}
        refused = run("fleet", file, *BRIEF, cwd=tmp_path, env=made.env)
        assert (refused.code, refused.err.count("\n")) == (2, 1)
        assert "continue it with --resume" in refused.err

        # Another night: another server is there, which has no fault; and two are not asked.
        url = made.lines[made.lines.index('name = "good-0"') + 1]
        made.lines[made.lines.index('name = "bad"') + 1] = url
        made.env["TOKEN_1"] = made.env["TOKEN_0"]
        file = made.write()
        words = ("--since", "fleet", "--folder", "later", "--only-label", "region=us")
        later = run("fleet", file, *BRIEF, *words, cwd=tmp_path, env=made.env)
        assert "newly passing: 1 target\n    FILTER-01" in later.out
        assert "gone: 2 targets" in later.out
        assert later.code == 0, later.out
    shown = run("fleet", "fleet", "--where", "FILTER:failed region:us", cwd=tmp_path)
    assert shown.code == 3
    assert "1 target found\n    bad: not conformant" in shown.out
    assert run("fleet", "fleet/fleet.json", "--since", "later", cwd=tmp_path).code == 3


def test_forty_targets_with_every_kind_of_trouble(tmp_path: Path) -> None:
    def shell(script: str) -> str:
        return json.dumps(shlex.join(["/bin/sh", "-c", script]))

    with cluster(tmp_path, 23) as made, BY_NAME["endless-body"].start() as flood:
        good, bad = (made.url_of(name) for name in ("good-0", "bad"))
        token, of_bad = (server.issue_token() for server in made.servers)
        meet = f"test -e {tmp_path}/met || {{ touch {tmp_path}/met; kill -9 $PPID; }}"
        kill_worker = "kill -9 $(ps -o ppid= -p $PPID)"
        for number in range(3):
            made.add(f"bad-{number}", bad, of_bad)
        made.add_with("no-variable", good, 'token-env = "NOT_SET"')
        made.add_with("no-file", good, 'token-file = "not-there"')
        for name, script in {
            "no-command": "exit 3",
            "kills": "kill -9 $PPID",
            "kills-once": f"{meet}; echo {token}",
            "kills-worker": kill_worker,
        }.items():
            made.add_with(name, good, f"token-command = {shell(script)}")
        hanging = f"token-command = {shell('sleep 100')}"
        made.add_with("hangs", good, hanging, "run-timeout = 5")
        made.add("refused", good, "not-a-token")
        made.add("floods", flood.url, "x")
        made.add("no-host", "http://no-such-host.invalid/api", "x")
        made.add("no-tls", good.replace("http:", "https:"), "x")
        made.add("no-path", f"{good}/nowhere", token)
        file = made.write()
        done = run("fleet", file, *BRIEF, cwd=tmp_path, env=made.env)
    found = codes(tmp_path)
    assert len(found) == 40
    conformant = {name for name, code in found.items() if code == 0}
    assert conformant == {*(f"good-{number}" for number in range(23)), "kills-once"}
    broken = {name for name, code in found.items() if code == 1}
    assert broken == {"bad", "no-path", *(f"bad-{number}" for number in range(3))}
    reasons = {one["name"]: one["reason"] for one in summary(tmp_path)["targets"]}
    for name in found.keys() - conformant - broken:
        assert found[name] == 3
        assert reasons[name], name
    assert "11 workers ended or were lost while judging it" in reasons["kills-worker"]
    # Failures with one cause are one row, and the largest comes first.
    assert "24 of 40 targets conformant" in done.out
    assert done.out.split("\n\n")[1].startswith("4 targets not conformant  group ")
    assert done.out.count("bad-0") == 1
    assert done.code == 3
    assert "Traceback" not in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interruption_loses_nothing_that_was_finished(tmp_path: Path, number: int) -> None:
    with cluster(tmp_path, 12) as made, (tmp_path / "told").open("w") as told:
        file = made.write()
        process = subprocess.Popen(
            arguments("fleet", file, *BRIEF),
            cwd=tmp_path,
            env=environment(made.env),
            stdout=told,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        reports = tmp_path / "fleet" / "targets"
        journal = tmp_path / "fleet" / "journal.jsonl"
        # The first line is not that of a target.
        wait_until(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= 3)
        started = list(children(process.pid))
        if number == signal.SIGINT:
            # As a terminal does it: to all processes of the command.
            os.killpg(process.pid, number)
            assert process.wait(60) == 130
            assert summary(tmp_path)["interrupted"]
            assert summary(tmp_path)["notAsked"]
            shown = (tmp_path / "told").read_text("utf-8")
            assert "the same command with --resume" in shown
            assert "Warning" not in shown
        else:
            process.kill()
            process.wait(60)
        wait_until(lambda: not any(map(exists, started)))
        _, *lines = journal.read_text("utf-8").split("\n")[:-1]
        names = [f"{json.loads(line)['name']}.json" for line in lines]
        finished = {name: (reports / name).read_bytes() for name in names}
        assert len(finished) >= 2
        again = run("fleet", file, *BRIEF, "--resume", cwd=tmp_path, env=made.env)
        assert again.code == 3, again.err
        assert {"interrupted": False, "notAsked": []}.items() <= summary(tmp_path).items()
        assert len(codes(tmp_path)) == 14
        for name, text in finished.items():
            if name != "down.json":
                assert (reports / name).read_bytes() == text


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('profile = "fast"', "Target a: profile: 'fast' is not one of"),
        ("profile = 1", "profile must be a text"),
        ("profil = 1", "unknown key 'profil'; did you mean profile?"),
        ('record = "x"', "unknown key 'record'"),
        ('only = "NOPE"', "NOPE"),
        ('rate-limit = "often"', "write a rate limit like"),
        ("insecure = true\nca-bundle = 'x'", "exclude each other"),
        ("token = 'x'", "no file of a fleet may hold a credential"),
    ],
)
def test_a_setting_that_makes_no_sense(tmp_path: Path, lines: str, told: str) -> None:
    (tmp_path / "f.toml").write_text(f"[[targets]]\nname='a'\nurl='http://a'\n{lines}\n")
    done = run("fleet", "f.toml", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert done.err.count("\n") == 1
    assert not (tmp_path / "fleet").exists()


def test_other_mistakes(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("name,url,insecure,timeout\na,http://a b,true,3\n")
    for words, told in (
        (["none.toml"], "does not exist"),
        (["f.csv"], "Target a: "),
        (["f.csv", "--only-label", "x=y"], "No target has these labels"),
        (["f.csv", "--only-label", "x"], "write LABEL=VALUE"),
        (["f.csv", "--where", "FILTER-01:bad"], "No requirement has the outcome"),
        (["f.csv", "--since", "f.csv"], "is not a result of a fleet"),
        (["."], "There is no result of a fleet"),
        (["f.csv", "--scheduler", "tcp://host"], "write tcp://HOST:PORT"),
    ):
        done = run("fleet", *words, cwd=tmp_path)
        assert done.code == 2, words
        assert told in done.err
        assert not (tmp_path / "fleet").exists()


def test_a_scheduler_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("name,url\na,http://127.0.0.1:9\n")
    done = run("fleet", "f.csv", "--scheduler", "tcp://127.0.0.1:9", cwd=tmp_path)
    assert done.code == 3
    assert "There is no Dask scheduler at tcp://127.0.0.1:9" in done.err
