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
from typing import Any

from foreign import postgresql
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


def create(place: str) -> None:
    """Write the cluster into a new database."""
    with closing(_connected(place)) as database:
        if isinstance(database, sqlite3.Connection):
            # Readers do not wait for a writer.
            database.execute("PRAGMA journal_mode = WAL")
        for statement in (SERVERS / "schema.sql").read_text("utf-8").split(";")[:-1]:
            database.execute(statement)
        numbers = count(1)
        for number, provider in enumerate(json.loads(CLUSTER.read_text("utf-8")), 1):
            models, tags = provider.pop("models"), provider.pop("tags")
            provider["configuration"] = json.dumps(provider["configuration"])
            row = {COLUMNS.get(key, key): value for key, value in provider.items()}
            _insert(database, "provider", {"id": number, **row})
            for table, rows in (("model", models), ("tag", tags)):
                for one in rows:
                    _insert(database, table, {"id": next(numbers), "provider_id": number, **one})
        database.commit()


def _connected(place: str) -> Any:
    """Return a connection to a SQLite file, or to the PostgreSQL server of a folder."""
    if Path(place).is_dir():
        return postgresql.connected(place)
    return sqlite3.connect(place, timeout=10)


def _placeholder(database: Any) -> str:
    return "?" if isinstance(database, sqlite3.Connection) else "%s"


def _insert(database: Any, table: str, row: dict[str, object]) -> None:
    places = ", ".join([_placeholder(database)] * len(row))
    # Names of our own file.
    database.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})",  # noqa: S608
        list(row.values()),
    )


@contextmanager
def changing(databases: Sequence[str], lag: float = 0.0) -> Iterator[None]:
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


def _change(place: str, turn: int) -> None:
    with closing(_connected(place)) as database:
        one = _placeholder(database)
        database.execute(
            f"UPDATE provider SET description = {one}, enabled = {one}, update_time = {one} "  # noqa: S608
            f"WHERE name = {one}",
            (f"change {turn}", turn % 3 > 0, time.time_ns() // 1_000_000, MOVING),
        )
        database.commit()
