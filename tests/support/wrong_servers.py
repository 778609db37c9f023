"""The catalogue of wrong servers: each breaks the contract in one way that implementers err in."""

from __future__ import annotations

from support.wrong.authentication import AUTH
from support.wrong.catalogue import WrongServer
from support.wrong.counts import COUNTS
from support.wrong.filters import FILTERS
from support.wrong.filters_active import ACTIVE
from support.wrong.filters_by_view import VIEWS
from support.wrong.http_answers import HTTP
from support.wrong.models import MODELS
from support.wrong.models_beside import BESIDE
from support.wrong.refusals import REFUSALS
from support.wrong.shape import SHAPE

__all__ = ["WRONG_SERVERS", "WrongServer"]

WRONG_SERVERS: tuple[WrongServer, ...] = (
    *FILTERS,
    *ACTIVE,
    *VIEWS,
    *MODELS,
    *BESIDE,
    *COUNTS,
    *HTTP,
    *SHAPE,
    *AUTH,
    *REFUSALS,
)
