"""The operations of the server, and routes that mark requests with them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

__all__ = ["WRITES", "Operation", "OperationRoute", "operation_of"]

_KEY = "conformance.operation"


class Operation(StrEnum):
    """The operation of a request, so that a subclass can misbehave in one of them only."""

    LISTING = "listing"
    """``GET /integrations/provider``, the endpoint under test."""
    INTEGRATIONS = "integrations"
    """``GET /integrations/`` and ``GET /integrations``."""
    NAMES = "names"
    """``GET /integrations/all``."""
    PROVIDER = "provider"
    """``GET /integrations/provider/{name}``."""
    MODELS = "models"
    """``GET /integrations/provider/{name}/integration``."""
    TAGS = "tags"
    """``GET /integrations/provider/{name}/tags``."""
    TOKEN = "token"  # noqa: S105 - the name of an operation, not a credential
    """``POST /token``."""
    SAVE_PROVIDER = "save provider"
    """``POST /integrations/provider/{name}``."""
    SAVE_MODEL = "save model"
    """``POST /integrations/provider/{name}/integration/{model}``."""
    SAVE_TAGS = "save tags"
    """``PUT /integrations/provider/{name}/tags``."""
    DELETE_PROVIDER = "delete provider"
    """``DELETE /integrations/provider/{name}``."""
    DELETE_MODEL = "delete model"
    """``DELETE /integrations/provider/{name}/integration/{model}``."""


WRITES = frozenset(
    {
        Operation.SAVE_PROVIDER,
        Operation.SAVE_MODEL,
        Operation.SAVE_TAGS,
        Operation.DELETE_PROVIDER,
        Operation.DELETE_MODEL,
    }
)
"""The operations that change the cluster."""

_METHODS = {
    Operation.TOKEN: "POST",
    Operation.SAVE_PROVIDER: "POST",
    Operation.SAVE_MODEL: "POST",
    Operation.SAVE_TAGS: "PUT",
    Operation.DELETE_PROVIDER: "DELETE",
    Operation.DELETE_MODEL: "DELETE",
}


class OperationRoute(Route):
    """A route that marks its requests with their operation and matches whole paths only."""

    def __init__(
        self,
        operation: Operation,
        path: str,
        endpoint: Callable[[Request], Awaitable[Response]],
    ) -> None:
        """Route ``path`` to ``endpoint`` with the operation's method; for GET also with HEAD."""
        super().__init__(path, endpoint, methods=[_METHODS.get(operation, "GET")], name=operation)
        self._operation = operation
        # The `$` at the end of Starlette's pattern would also match before a final newline.
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"\Z")

    def matches(self, scope: Scope) -> tuple[Match, dict[str, Any]]:
        """Return whether the route matches a request, and what it adds to the scope."""
        match, added = super().matches(scope)
        return match, {**added, _KEY: self._operation}


def operation_of(request: Request) -> Operation | None:
    """Return the operation of ``request``, or ``None`` if no such route matched it."""
    operation = request.scope.get(_KEY)
    return operation if isinstance(operation, Operation) else None
