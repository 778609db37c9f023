"""A PostgreSQL server of its own, which nobody else on the machine can reach."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.processes import outside

ROOTS = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version."""
USER = "listing"
STARTS_WITHIN = 60
"""Seconds; on a busy machine it needs three."""


def program(name: str) -> str:
    """Return the path of a program of PostgreSQL, even if it is not there."""
    return str(max(ROOTS.glob(f"*/bin/{name}"), default=ROOTS / "bin" / name))


@contextmanager
def running() -> Iterator[str]:
    """Start a server with an empty database, yield the folder of its socket, and end it.

    Only the user it runs as, and root, can enter that folder.

    Raises:
        RuntimeError: it does not start.
    """
    # The path of a socket has at most 107 bytes, and those of a test are long.
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        user = _user(name)
        data = f"{name}/data"
        _run(
            ("initdb", "-D", data, "-U", USER, "-E", "UTF8", "--locale=C", "--auth=trust", "-N"),
            user,
        )
        options = f"-h '' -k {name} -F"
        control = ("pg_ctl", "-D", data, "-w", "-t", str(STARTS_WITHIN))
        _run((*control, "-l", f"{name}/log", "-o", options, "start"), user)
        try:
            with connected(name, "postgres", autocommit=True) as server:
                server.execute(f"CREATE DATABASE {USER}")
            yield name
        finally:
            _run((*control, "-m", "immediate", "stop"), user)


def connected(folder: str, database: str = USER, *, autocommit: bool = False) -> Any:
    """Return a connection to the server whose socket is in this folder."""
    import psycopg

    return psycopg.connect(host=folder, user=USER, dbname=database, autocommit=autocommit)


def _user(folder: str) -> int | None:
    """Return the user to run it as, who gets the folder; PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(folder, nobody, -1)
    return nobody


def _run(words: tuple[str, ...], user: int | None) -> None:
    # Its output is a file: the server keeps a pipe open.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            (program(words[0]), *words[1:]),
            cwd="/",
            env=outside.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            user=user,
        )
        if done.returncode != 0:
            output.seek(0)
            said = output.read().decode("utf-8", "replace")
            raise RuntimeError(f"{words[0]}: {said[-2000:]}")
