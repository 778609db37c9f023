"""Building and starting the servers of a stack, and ending exactly those."""

from __future__ import annotations

import http.client
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from node_tools import installed
from support.processes import outside
from support.repository import ROOT

from foreign import cluster, postgresql
from foreign.stack import SERVERS, Database, Mistake, Stack

LOOPBACK = "127.0.0.1"
KEY_ID = "foreign-key"
KEY_SECRET = "foreign-secret-5b1c7f0e94"
TOKEN_SECRET = "signs-the-tokens-of-all-replicas-3f9a2c"
STARTS_WITHIN = 60.0
"""Seconds; a Java server on a busy machine needs ten."""
ENDS_WITHIN = 10.0
PORTS = range(20_000, 32_768)
"""Where systems look for no port of an outgoing connection (Linux: from 32768; RFC 6335: 49152).

The connections of a judge could otherwise take a port between its choice and the server's start.
"""
TEMPLATES = (".conf", ".cfg", ".vcl")


@dataclass
class Server:
    """A process that serves a port, together with the origins behind it."""

    words: list[str]
    folder: Path
    environment: Mapping[str, str]
    port: int
    origins: list[Server] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def replicas(self) -> list[Server]:
        """The servers that hold the cluster: those behind this one, or itself."""
        return self.origins or [self]

    @property
    def database(self) -> str:
        """The path of its SQLite file, or the folder of its PostgreSQL server."""
        return self.environment["DATABASE"]

    def start(self) -> None:
        """Start the process and wait until it responds.

        Raises:
            RuntimeError: it ended, or did not respond within ``STARTS_WITHIN``.
        """
        log = self.folder / "server.log"
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                self.words,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # Its workers end with it.
                start_new_session=True,
            )
        until = time.monotonic() + STARTS_WITHIN
        while not self._responds():
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise RuntimeError(f"{self.words[0]}: {log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the process and its workers."""
        process, self.process = self.process, None
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDS_WITHIN)
                return

    def _responds(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", "/api/integrations/provider")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def missing(stack: Stack) -> tuple[str, ...]:
    """Return the Debian packages of a stack of which something is not installed."""
    path = outside.environment()["PATH"]
    there = all(shutil.which(need, path=path) or Path(need).exists() for need in stack.needs)
    lacking = [] if there else [*stack.packages]
    for origin in stack.origins:
        lacking += missing(origin)
    return tuple(dict.fromkeys(lacking))


@contextmanager
def running(stack: Stack, folder: Path, mistake: Mistake | None = None) -> Iterator[Server]:
    """Build and start a stack in a new folder, with a mistake or none; end it with the block.

    Raises:
        RuntimeError: it cannot be built, or does not start.
        ValueError: the mistake does not fit its file.
    """
    with ExitStack() as started:
        at = None if mistake is None else mistake.origin
        origins = [
            started.enter_context(
                running(
                    origin,
                    folder.with_name(f"{folder.name}-{number}"),
                    replace(mistake, origin=None) if mistake and number == at else None,
                )
            )
            for number, origin in enumerate(stack.origins)
        ]
        shutil.copytree(SERVERS / stack.folder, folder)
        if mistake is not None and at is None:
            mistake.apply(folder)
        database = str(folder / "cluster.sqlite")
        if stack.database is Database.POSTGRESQL:
            database = started.enter_context(postgresql.running())
        server = _prepared(stack, folder, origins, database)
        started.callback(server.stop)
        server.start()
        yield server


def _prepared(stack: Stack, folder: Path, origins: list[Server], database: str) -> Server:
    port = free_port()
    places = {"@PORT@": str(port), "@FOLDER@": str(folder)}
    places |= {f"@ORIGIN{number}@": str(origin.port) for number, origin in enumerate(origins)}
    for path in folder.rglob("*"):
        if path.suffix in TEMPLATES:
            path.write_text(filled(path.read_text("utf-8"), places), "utf-8")
    if stack.database:
        cluster.create(database)
    environment = outside.environment(
        {
            "PORT": str(port),
            "KEY_ID": KEY_ID,
            "KEY_SECRET": KEY_SECRET,
            "TOKEN_SECRET": TOKEN_SECRET,
            "CLUSTER": str(cluster.CLUSTER),
            "DATABASE": database,
            # The servers see nothing of ours.
            "PYTHONPATH": "",
            "PYTHONWARNINGS": "",
            "NODE_PATH": str(_node_packages() if stack.start[0] == "node" else ""),
        }
    )
    if stack.build:
        done = outside.run(
            [filled(word, places) for word in stack.build], cwd=folder, env=environment
        )
        if done.code != 0:
            raise RuntimeError(f"{stack.name} cannot be built: {(done.out + done.err)[-2000:]}")
    return Server(
        [filled(word, places) for word in stack.start], folder, environment, port, origins
    )


def filled(text: str, places: Mapping[str, str]) -> str:
    """Return a text with each place replaced."""
    for place, value in places.items():
        text = text.replace(place, value)
    return text


def free_port() -> int:
    """Return a port that is free, and that no outgoing connection takes."""
    # pytest-randomly gives every worker the same seed.
    dice = random.SystemRandom()
    while True:
        port = dice.choice(PORTS)
        with suppress(OSError), socket.create_server((LOOPBACK, port)):
            return port


def _node_packages() -> Path:
    return installed(ROOT / "tools" / "node" / "foreign") / "node_modules"
