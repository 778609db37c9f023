"""Specmatic, a Java program that its npm package contains."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import partial
from pathlib import Path

from comparison.installing import node_program, node_version
from comparison.tool import (
    SETTINGS,
    Command,
    Ready,
    Target,
    Tool,
    Unavailable,
    by_exit_code,
    fingerprint,
)
from conformance.contract import loader as contracts

FOLDER = SETTINGS / "specmatic"
JAR = FOLDER / "node_modules" / "specmatic" / "specmatic.jar"
LEAST_JAVA = 17
QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Java's options for short programs, which halve the time of a run."""
SECURITY_SCHEME = "accessToken"
"""Specmatic reads the credential from the variable named after the contract's scheme."""


def command(java: str, settings: Path, target: Target) -> Command:
    """Return the command that judges a server."""
    shutil.copy(settings, target.folder / "specmatic.yaml")
    shutil.copy(contracts.default_path(), target.folder / "openapi.yaml")
    hosts = target.folder / "hosts"
    hosts.write_text("127.0.0.1 localhost\n", "utf-8")
    # It must not reach any other host, for example to report usage.
    machine = (java, f"-Djdk.net.hosts.file={hosts}", f"-Duser.home={target.folder}")
    return Command(
        (
            *machine,
            *QUICK_START,
            "-jar",
            str(JAR),
            "test",
            f"--testBaseURL={target.base}",
        ),
        {} if target.token is None else {SECURITY_SCHEME: target.token},
    )


def java_version(output: str) -> int:
    """Return Java's major version from the output of ``java -version``, or 0 if there is none."""
    found = re.search(r'version "(?:1\.)?(\d+)', output)
    return int(found.group(1)) if found else 0


def _ready(settings: Path, _work: Path) -> Ready:
    java = shutil.which("java")
    if java is None:
        raise Unavailable(f"Java is not installed; Specmatic needs Java {LEAST_JAVA} or later")
    output = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    number = java_version(output)
    if number < LEAST_JAVA:
        raise Unavailable(f"Specmatic needs Java {LEAST_JAVA} or later; this is Java {number}")
    node_program(FOLDER, "specmatic")
    version = node_version(FOLDER, "specmatic")
    return Ready(
        version=f"Specmatic {version} on Java {number}",
        fingerprint=fingerprint(version, str(number), *QUICK_START, files=[settings]),
        command=partial(command, java, settings),
        read=by_exit_code,
    )


def _tool(name: str, title: str, settings: str) -> Tool:
    return Tool(
        name=name,
        title=title,
        shown=(f"accessToken=TOKEN specmatic test --testBaseURL=URL (specmatic.yaml: {settings})"),
        make_ready=partial(_ready, FOLDER / settings),
    )


TOOLS = (
    _tool("specmatic", "Specmatic, its default tests", "default.yaml"),
    _tool("specmatic-all", "Specmatic, all its tests", "all.yaml"),
)
