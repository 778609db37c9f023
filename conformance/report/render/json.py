"""JSON reports, as the schemas under ``spec/`` describe them."""

from __future__ import annotations

import json
from typing import Any, Protocol


class Serialisable(Protocol):
    """A result that knows its published form: a report, a comparison, a self-test."""

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of its schema."""


def render(result: Serialisable) -> str:
    """Return a result as indented JSON text in ASCII, so that no encoding can spoil it.

    Names that a server chose may read as a command of a CI server (``##vso[…]``), and reports are
    printed into their logs; the sign is written as an escape.
    """
    return json.dumps(result.as_dict(), indent=2).replace("##", "#\\u0023") + "\n"
