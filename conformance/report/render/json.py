"""Render results as JSON, as described by the schemas in ``spec/``."""

from __future__ import annotations

import json
from typing import Any, Protocol


class Serialisable(Protocol):
    """A result with a published JSON form: a report, a comparison or a self-test."""

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the shape of its schema."""


def render(result: Serialisable) -> str:
    """Return a result as indented JSON in ASCII, which every encoding preserves.

    Reports are printed into logs of CI servers, which could mistake a name chosen by the target for
    a command (``##vso[…]``); the second ``#`` is therefore escaped.
    """
    return json.dumps(result.as_dict(), indent=2).replace("##", "#\\u0023") + "\n"
