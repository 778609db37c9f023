"""What travels between coordinator and workers: the order to judge a target, and the result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from conformance.fleet.summary import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One target to judge; it names credentials and never holds one.

    ``variables`` are variables of ``run``, each with the one that has its value on the worker; if
    there are none, and neither file nor command, those of ``run`` are read. ``values`` are the
    options of ``run`` by the names of its parameters. The process that judges is killed after
    ``deadline`` seconds. ``formats`` are those of the reports, JSON included.
    """

    name: str
    url: str
    labels: Mapping[str, str] = field(default_factory=dict)
    variables: tuple[tuple[str, str], ...] = ()
    # An argument of a command may be a secret, which no log may show.
    values: Mapping[str, Any] = field(repr=False)
    formats: tuple[str, ...] = ("json",)
    deadline: float

    @property
    def host(self) -> str:
        """Host and port of the URL, for which ``--limit-per-host`` counts."""
        return urlsplit(self.url if "//" in self.url else f"//{self.url}").netloc.lower()

    @property
    def digest(self) -> str:
        """The same for an order that asks for the same; labels may differ."""
        fields = {key: value for key, value in asdict(self).items() if key != "labels"}
        return hashlib.sha256(json.dumps(fields, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Result:
    """A judged target: its place in the summary, and the texts of its reports by format.

    ``spent`` means that the process which judged it may still be at work and has to be replaced.
    """

    entry: Entry
    texts: Mapping[str, str]
    spent: bool = False
