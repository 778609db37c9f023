"""Which operation a request is for, and the route that leads to it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

__all__ = ["Operation", "OperationRoute", "operation_of"]

_KEY = "conformance.operation"


class Operation(StrEnum):
    """What a request asks for, so that a subclass can misbehave in one place only."""

    LISTING = "listing"
    """``GET /integrations/provider``, the endpoint under test."""
    INTEGRATIONS = "integrations"
    """``GET /integrations/`` and ``GET /integrations``."""
    PROVIDER = "provider"
    """``GET /integrations/provider/{name}``."""
    MODELS = "models"
    """``GET /integrations/provider/{name}/integration``."""
    TAGS = "tags"
    """``GET /integrations/provider/{name}/tags``."""
    TOKEN = "token"  # noqa: S105 - the name of an operation, not a credential
    """``POST /token``."""


class OperationRoute(Route):
    """A route that marks the requests it takes with their operation, and takes whole paths only."""

    def __init__(
        self,
        operation: Operation,
        path: str,
        endpoint: Callable[[Request], Awaitable[Response]],
    ) -> None:
        """Lead from ``path`` to ``endpoint``: by POST to a token, by GET and HEAD to the rest."""
        method = "POST" if operation is Operation.TOKEN else "GET"
        super().__init__(path, endpoint, methods=[method], name=operation)
        self._operation = operation
        # The `$` at the end of Starlette's pattern would let a final newline pass.
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"\Z")

    def matches(self, scope: Scope) -> tuple[Match, dict[str, Any]]:
        """Say whether the route takes a request, and what it adds to the scope if so."""
        match, added = super().matches(scope)
        return match, {**added, _KEY: self._operation}


def operation_of(request: Request) -> Operation | None:
    """Return what ``request`` asks for, or ``None`` if no such route took it."""
    operation = request.scope.get(_KEY)
    return operation if isinstance(operation, Operation) else None
