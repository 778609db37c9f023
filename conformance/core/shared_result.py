"""One result for several processes of a machine: the first that needs it makes it.

The result is in an SQLite database, whose lock ends with the process that holds it. What a process
had not finished when it died does not count, and the next one makes it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

PATIENCE = 2_000_000.0
"""Seconds to wait for another process; about as many as SQLite can count, in milliseconds."""


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the result at ``path``; without one, call ``make`` while other processes wait.

    The folder of ``path`` has to exist. An exception of ``make`` is raised, and nothing is kept.
    """
    with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        database.execute("CREATE TABLE IF NOT EXISTS result (value BLOB)")
        row = database.execute("SELECT value FROM result").fetchone()
        value: bytes = make() if row is None else row[0]
        if row is None:
            database.execute("INSERT INTO result VALUES (?)", [value])
        database.execute("COMMIT")
    return value
