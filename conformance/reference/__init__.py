"""A real HTTP server that implements the contract, and the cluster it serves.

The suite runs against it if no URL is given, and the self-test breaks it on purpose. It is written
from the documentation alone and shares no code with the checks, so that the two cannot make the
same mistake.

Everything is imported on first use: most commands never start a server, and each process of a
reference client (``clients``) starts sooner.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.reference.data import Model, Provider, Tag, default_cluster
    from conformance.reference.embedded import (
        EmbeddedServer,
        ServerDidNotStart,
        ServerDidNotStop,
        serve,
    )
    from conformance.reference.listening import PortUnavailable
    from conformance.reference.reading import ProviderQuery, Refusal
    from conformance.reference.routing import Operation, operation_of
    from conformance.reference.server import ReferenceServer

__all__ = [
    "EmbeddedServer",
    "Model",
    "Operation",
    "PortUnavailable",
    "Provider",
    "ProviderQuery",
    "ReferenceServer",
    "Refusal",
    "ServerDidNotStart",
    "ServerDidNotStop",
    "Tag",
    "default_cluster",
    "operation_of",
    "serve",
]

_LAZY = {
    "EmbeddedServer": "embedded",
    "Model": "data",
    "Operation": "routing",
    "PortUnavailable": "listening",
    "Provider": "data",
    "ProviderQuery": "reading",
    "ReferenceServer": "server",
    "Refusal": "reading",
    "ServerDidNotStart": "embedded",
    "ServerDidNotStop": "embedded",
    "Tag": "data",
    "default_cluster": "data",
    "operation_of": "routing",
    "serve": "embedded",
}


def __getattr__(name: str) -> object:
    """Import the module that defines ``name`` on first use (PEP 562)."""
    try:
        module = _LAZY[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    return getattr(import_module(f".{module}", __name__), name)
