"""The catalogue of odd servers: each keeps the contract, however unusual it looks."""

from __future__ import annotations

from support.odd.answers import ANSWERS
from support.odd.callers import CALLERS
from support.odd.catalogue import OddServer
from support.odd.choices import CHOICES
from support.odd.clusters import CLUSTERS
from support.odd.living import LIVING
from support.odd.members import MEMBERS

__all__ = ["ODD_SERVERS", "OddServer"]

ODD_SERVERS: tuple[OddServer, ...] = (*MEMBERS, *CLUSTERS, *ANSWERS, *CHOICES, *CALLERS, *LIVING)
