"""What a stack is: the parts of a server, how to start it, and the mistakes made with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

SERVERS = Path(__file__).with_name("servers")


class Database(StrEnum):
    """What holds the cluster of a server."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A natural mistake: in ``file``, ``old`` stands once and was written as ``new``.

    ``origin`` is the number of the server behind it that makes the mistake, if it is one of those.

    ``blamed`` are the requirements that have to fail. Others of the same families may fail, too,
    and those of the families in ``besides``. ``undecided`` are requirements that may not pass,
    but of which the mistake leaves nothing to see.
    """

    name: str
    file: str
    old: str
    new: str
    blamed: frozenset[str] = frozenset()
    besides: frozenset[str] = frozenset()
    undecided: frozenset[str] = frozenset()
    origin: int | None = None

    def apply(self, folder: Path) -> None:
        """Make the mistake in a copy of the server.

        Raises:
            ValueError: ``old`` does not stand exactly once in the file.
        """
        path = folder / self.file
        text = path.read_text("utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} contains {self.old!r} {text.count(self.old)} times")
        path.write_text(text.replace(self.old, self.new), "utf-8")

    @property
    def families(self) -> frozenset[str]:
        """The families whose requirements may fail."""
        return self.besides | {one.partition("-")[0] for one in self.blamed}


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A correct server: ``folder`` of ``SERVERS``, and the words that build and start it.

    In words, and in files that end in ``.conf``, ``.cfg`` or ``.vcl``, ``@PORT@`` is the port to
    listen on, ``@ORIGIN0@`` and so on the ports of the ``origins`` behind it, and ``@FOLDER@`` the
    folder it runs in. ``needs`` are programs or files that have to be there, and ``packages`` are
    Debian's packages that have them. A server with a ``database`` reads it for each request, so the
    cluster can be changed while it runs.
    """

    name: str
    folder: str
    start: tuple[str, ...]
    build: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    origins: tuple[Stack, ...] = ()
    database: Database | None = None
    mistakes: tuple[Mistake, ...] = ()
