"""The cluster that all servers show: as JSON, and as a database that changes while it is read."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from foreign.stack import SERVERS

CLUSTER = SERVERS / "cluster.json"
COLUMNS = {
    "createTime": "create_time",
    "updateTime": "update_time",
    "createdBy": "created_by",
    "updatedBy": "updated_by",
}
CHANGE_EVERY = 1.0
"""Seconds from one change of a provider to the next."""
MOVING = "kafka-events"
"""The provider that changes."""


def create(path: Path) -> None:
    """Write the cluster into a new SQLite database."""
    with closing(sqlite3.connect(path)) as database:
        # Readers do not wait for a writer.
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript((SERVERS / "schema.sql").read_text("utf-8"))
        for number, provider in enumerate(json.loads(CLUSTER.read_text("utf-8")), 1):
            models, tags = provider.pop("models"), provider.pop("tags")
            provider["configuration"] = json.dumps(provider["configuration"])
            row = {COLUMNS.get(key, key): value for key, value in provider.items()}
            _insert(database, "provider", {"id": number, **row})
            for table, rows in (("model", models), ("tag", tags)):
                for one in rows:
                    _insert(database, table, {"provider_id": number, **one})
        database.commit()


def _insert(database: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    places = ", ".join("?" * len(row))
    # Names of our own file.
    database.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})",  # noqa: S608
        list(row.values()),
    )


@contextmanager
def changing(databases: Sequence[Path], lag: float = 0.0) -> Iterator[None]:
    """Change one provider each second, in each database ``lag`` seconds after the one before."""
    ended = threading.Event()

    def change() -> None:
        begun = time.monotonic()
        for turn in count():
            for place, path in enumerate(databases):
                until = begun + turn * CHANGE_EVERY + place * lag
                if ended.wait(max(0.0, until - time.monotonic())):
                    return
                _change(path, turn)

    thread = threading.Thread(target=change, name="changing")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _change(path: Path, turn: int) -> None:
    with closing(sqlite3.connect(path, timeout=10)) as database:
        database.execute(
            "UPDATE provider SET description = ?, enabled = ?, update_time = ? WHERE name = ?",
            (f"change {turn}", turn % 3 > 0, time.time_ns() // 1_000_000, MOVING),
        )
        database.commit()
