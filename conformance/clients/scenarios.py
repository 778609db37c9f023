"""The scenarios: what a client is asked to do, and against which server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from conformance.clients import counterparts
from conformance.clients.counterparts import (
    Counting,
    Expiring,
    Ordinary,
    Redirecting,
    Rendering,
    Throttling,
)
from conformance.core.suggestions import suggestion
from conformance.errors import UsageError
from conformance.reference.server import ReferenceServer
from conformance.reference.variations import VARIATIONS

MANY = 10_000
EXACT = 2**53 - 1
"""The largest integer that all JSON parsers keep (RFC 8259, section 6)."""
SPACED = "DATA LAKE & CO"
"""A category whose characters must be encoded, once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One situation: the server, and which providers the client is asked for.

    ``category`` and ``active_only`` are the filters to use, ``None`` if they are not to be used.
    ``slash`` means that the URL of the API ends in a slash.
    """

    name: str
    description: str
    make: Callable[[], ReferenceServer]
    category: str | None = None
    active_only: bool | None = None
    slash: bool = False

    def url(self, api: str) -> str:
        """Return the URL of the API as the client gets it; ``api`` has no slash at its end."""
        return f"{api}/" if self.slash else api

    @property
    def filters(self) -> dict[str, str]:
        """The variables that say which filters to use."""
        found = {}
        if self.category is not None:
            found["CONFORMANCE_CATEGORY"] = self.category
        if self.active_only is not None:
            found["CONFORMANCE_ACTIVE_ONLY"] = "true" if self.active_only else "false"
        return found


def _variation(name: str) -> Callable[[], ReferenceServer]:
    """Return how to make a server that the self-test proves legal, with ordinary providers."""
    make = next(entry.make for entry in VARIATIONS if entry.name == name)

    def ordinary() -> ReferenceServer:
        server = make()
        server.providers = counterparts.ordinary()
        return server

    return ordinary


def _category(name: str) -> Scenario:
    return Scenario(
        name=f"category-{name.lower().replace('_', '-')}",
        description=f"All providers are of the category {name}.",
        make=partial(counterparts.of_category, name),
    )


SMOKE = "plain"
"""The first scenario; a client that fails it cannot be judged."""

_ALL = (
    Scenario(
        name=SMOKE,
        description="All active providers, without a filter; nothing is unusual.",
        make=Ordinary,
    ),
    Scenario(
        name="category",
        description="The active providers of one category.",
        make=Ordinary,
        category="VECTOR_DB",
    ),
    Scenario(
        name="inactive",
        description="All providers, inactive ones included.",
        make=Ordinary,
        active_only=False,
    ),
    Scenario(
        name="active",
        description="Active providers, requested explicitly.",
        make=Ordinary,
        active_only=True,
    ),
    Scenario(
        name="both",
        description="All providers of one category, inactive ones included.",
        make=Ordinary,
        category="VECTOR_DB",
        active_only=False,
    ),
    Scenario(
        name="spaced-category",
        description="Active providers of a category with a space and an ampersand.",
        make=partial(counterparts.of_category, SPACED),
        category=SPACED,
    ),
    Scenario(
        name="trailing-slash",
        description="The URL of the API ends in a slash.",
        make=Ordinary,
        slash=True,
    ),
    *map(
        _category,
        ("AI_MODEL", "VECTOR_DB", "MESSAGE_BROKER", "CLOUD", "RELATIONAL_DB", "GIT", "EMAIL"),
    ),
    Scenario(
        name="unknown-category",
        description="All providers are of an undocumented category.",
        make=partial(counterparts.of_category, "DATA_LAKE"),
    ),
    Scenario(
        name="unknown-tag-type",
        description="Tags have a type.",
        make=_variation("members-typed-tags"),
    ),
    Scenario(
        name="unknown-field",
        description="Every provider has an undocumented field.",
        make=_variation("members-nested-object"),
    ),
    Scenario(
        name="absent-fields",
        description="Providers have no optional fields.",
        make=_variation("members-only-required"),
    ),
    Scenario(
        name="empty",
        description="There are no providers.",
        make=partial(Ordinary, ()),
    ),
    Scenario(
        name="many",
        description=f"There are {MANY:,} providers.",
        make=partial(counterparts.many, MANY),
    ),
    Scenario(
        name="values",
        description="Models from 0 to 2^53-1, names in another script that begin with a space, "
        "settings other than texts.",
        make=partial(Counting, 0, 1, 2**31 - 1, 2**31, 2**32, EXACT, name=" データ"),
    ),
    Scenario(
        name="large-count",
        description="Numbers of models beyond 2^53, up to 2^63-1.",
        make=partial(Counting, EXACT + 2, 2**63 - 1),
    ),
    Scenario(
        name="web-page",
        description="The response is a web page with status 200.",
        make=partial(Rendering, counterparts.web_page),
    ),
    Scenario(
        name="cut-json",
        description="The JSON of the response ends in the middle.",
        make=partial(Rendering, counterparts.cut_json),
    ),
    Scenario(
        name="object",
        description="The response is an object that contains the list.",
        make=partial(Rendering, counterparts.an_object),
    ),
    Scenario(
        name="forbidden",
        description="The list is refused with status 403.",
        make=partial(Rendering, counterparts.forbidden),
    ),
    Scenario(
        name="refusal-without-body",
        description="The same without a body.",
        make=partial(Rendering, counterparts.forbidden_without_body),
    ),
    Scenario(
        name="expired-token",
        description="The first token has expired.",
        make=Expiring,
    ),
    Scenario(
        name="expired-token-both",
        description="The same, with both filters.",
        make=Expiring,
        category="VECTOR_DB",
        active_only=False,
    ),
    Scenario(
        name="always-expired",
        description="Every token has expired.",
        make=partial(Expiring, always=True),
    ),
    Scenario(
        name="retry-after",
        description=f"Status 429 asks to wait {counterparts.RETRY_AFTER} seconds.",
        make=Throttling,
    ),
    Scenario(
        name="redirect",
        description="The list is redirected to another host name.",
        make=partial(Redirecting, "localhost"),
    ),
    Scenario(
        name="redirect-port",
        description="The list is redirected to another port of the same host name.",
        make=partial(Redirecting, "127.0.0.1"),
    ),
)

SCENARIOS = {scenario.name: scenario for scenario in _ALL}
"""All scenarios by name, in the order in which they are begun."""


def named(name: str) -> Scenario:
    """Return the scenario of that name.

    Raises:
        UsageError: there is none; the text suggests a similar name.
    """
    if name not in SCENARIOS:
        hint = suggestion(name, SCENARIOS, otherwise=f"known: {', '.join(SCENARIOS)}", most=3)
        raise UsageError(f"unknown scenario {name!r}; {hint}")
    return SCENARIOS[name]
