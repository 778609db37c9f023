"""list, explain, serve, help, and how output looks on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from pathlib import Path

import pytest
from support.processes.command import arguments, environment, run

from conformance import __version__
from conformance.contract.loader import load


def test_version_and_help(tmp_path: Path) -> None:
    assert __version__ in run("--version", cwd=tmp_path).out
    text = run("--help", cwd=tmp_path).out
    for command in ("run", "list", "explain", "serve"):
        assert re.search(rf"^  {command} ", text, re.MULTILINE)
    assert "3 the target could not be tested" in " ".join(text.split())


def test_list_names_every_requirement(tmp_path: Path) -> None:
    result = run("list", cwd=tmp_path)
    assert result.code == 0
    for requirement in load().requirements:
        assert f"  {requirement.id} " in result.out
        assert requirement.statement in result.words


def test_list_shows_one_family(tmp_path: Path) -> None:
    listed = set(
        re.findall(r"^  ([A-Z]+-\d+)", run("list", "auth", cwd=tmp_path).out, re.MULTILINE)
    )
    assert listed == {item.id for item in load().requirements if item.family == "AUTH"}


@pytest.mark.parametrize("requirement", load().requirements, ids=lambda item: item.id)
def test_explain_says_what_why_and_how(requirement: object) -> None:
    from conformance.cli.catalogue import explanation
    from conformance.contract.model import Requirement

    assert isinstance(requirement, Requirement)
    text = " ".join(explanation([requirement.id], None).split())
    assert requirement.statement in text
    assert requirement.source in text
    assert f"({requirement.id})" not in text
    for label in (" checked ", " evidence ", " alone "):
        assert label in text


def test_serve_tells_how_it_is_asked_and_ends_when_told(tmp_path: Path) -> None:
    process = subprocess.Popen(
        arguments("serve", "--port", "0"),
        cwd=tmp_path,
        env=environment({"PYTHONUNBUFFERED": "1"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = [process.stdout.readline() for _ in range(5)]
        variables = dict(re.findall(r"(CONDUCTOR_\w+)=(\S+)", "".join(told)))
        judged = run("run", "--profile", "quick", cwd=tmp_path, env=variables)
    finally:
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=60)
    assert judged.code == 0, judged.out
    assert variables["CONDUCTOR_SERVER_URL"] in judged.out
    assert process.returncode == 0
    assert not rest + errors


@pytest.mark.parametrize("host", ["nope.invalid", "a..b", "192.0.2.1"])
def test_serve_says_when_its_host_is_none_of_this_machine(tmp_path: Path, host: str) -> None:
    complaint = run("serve", "--host", host, "--port", "0", cwd=tmp_path).complaint()
    assert complaint.startswith(f"Error: Cannot listen on {host}:0: ")
    assert complaint.endswith("; give --host an address of this machine, such as 127.0.0.1.")


@pytest.mark.parametrize("option", ["--fault", "--variation"])
def test_serve_takes_one_server_at_a_time(tmp_path: Path, option: str) -> None:
    result = run("serve", option, "one", option, "other", cwd=tmp_path)
    assert result.code == 2
    assert f"{option} is given more than once" in result.complaint()


def test_several_requirements_may_be_joined_by_commas(tmp_path: Path) -> None:
    for command in ("explain", "list"):
        joined = run(command, "HTTP-02,auth-01", "MODEL", cwd=tmp_path)
        assert joined.code == 0
        assert joined.out == run(command, "HTTP-02", "AUTH-01", "MODEL", cwd=tmp_path).out
        assert run(command, ",", cwd=tmp_path).code == 2
    faults = run("list", "--faults", "HTTP-04,http-empty", cwd=tmp_path)
    assert "http-member-twice" in faults.out
    assert "http-empty" in faults.out


def test_serve_says_when_its_port_is_taken(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", "--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert result.code == 2
    assert "annot listen on 127.0.0.1" in result.complaint()


QUICK = ("run", "--profile", "quick")


def _on_terminal(
    cwd: Path, env: dict[str, str], words: tuple[str, ...] = QUICK, columns: int = 0
) -> str:
    """Run the command with a terminal as its output; return what reached it."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    process = subprocess.Popen(
        arguments(*words),
        cwd=cwd,
        env=environment({"TERM": "xterm-256color", "COLUMNS": "", **env}),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    shown = b""
    while True:
        try:
            chunk = os.read(controller, 65536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    os.close(controller)
    assert process.wait(timeout=60) == 0
    return shown.decode()


COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")


def test_a_terminal_gets_colours_and_a_progress_bar(tmp_path: Path) -> None:
    shown = _on_terminal(tmp_path, {})
    assert COLOUR.search(shown)
    assert "documented queries" in shown
    assert "documented queries:" not in shown


def test_no_color_means_no_colour_even_on_a_terminal(tmp_path: Path) -> None:
    shown = _on_terminal(tmp_path, {"NO_COLOR": "1"})
    assert not COLOUR.search(shown)
    assert "CONFORMANT" in shown


@pytest.mark.parametrize("words", [("list",), ("list", "--faults"), ("explain", "HTTP", "AUTH")])
def test_paragraphs_fit_the_terminal(tmp_path: Path, words: tuple[str, ...]) -> None:
    lines = _on_terminal(tmp_path, {}, words, 80).splitlines()
    assert 70 < max(map(len, lines)) <= 80
    elsewhere = run(*words, cwd=tmp_path).out.splitlines()
    assert 90 < max(map(len, elsewhere)) <= 100


def test_elsewhere_progress_is_plain_lines(tmp_path: Path) -> None:
    result = run("run", "--profile", "quick", cwd=tmp_path, env={"FORCE_COLOR": "1"})
    assert "\x1b" not in result.out + result.err
    assert re.match(r"requests in sequence: \d+ requests\n", result.err)
    assert not [line for line in result.out.splitlines() if line != line.rstrip()]


def test_a_reader_that_leaves_early_does_not_change_the_verdict(tmp_path: Path) -> None:
    command = " ".join(arguments("run", "--profile", "quick")) + " | true; exit ${PIPESTATUS[0]}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
