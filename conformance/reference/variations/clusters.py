"""Clusters of which there is little to see, or much, or whose names are odd."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import Model, Provider, ReferenceServer, default_cluster
from conformance.reference.variations.entries import Catalogue

CLUSTERS = Catalogue("cluster")
EVERYTHING = ("HTTP", "SHAPE", "MODEL", "FILTER", "ROBUST", "STABLE", "SECRET")
WHOLE = default_cluster()


class Escaping(ReferenceServer):
    """Answers in ASCII, with escapes: so JSON has half characters too, which UTF-8 has not."""

    def render(self, payload: object, request: Request) -> Response:
        return Response(json.dumps(payload), media_type="application/json")


def _kept(keeps: Callable[[Provider], bool]) -> Callable[[], ReferenceServer]:
    return partial(ReferenceServer, providers=tuple(filter(keeps, WHOLE)))


CLUSTERS.add("empty", "There is no provider.", partial(ReferenceServer, providers=()), *EVERYTHING)
CLUSTERS.add(
    "single", "There is one provider.", partial(ReferenceServer, providers=WHOLE[:1]), *EVERYTHING
)
CLUSTERS.add(
    "single-inactive",
    "There is one provider, and it is not active.",
    _kept(lambda provider: provider.name == "workflow-repository"),
    *EVERYTHING,
)
CLUSTERS.add(
    "one-category",
    "All providers are of one category.",
    _kept(lambda provider: provider.category == "AI_MODEL"),
    "FILTER",
)
CLUSTERS.add(
    "all-active",
    "No provider is inactive.",
    _kept(lambda provider: provider.enabled),
    "FILTER",
)
CLUSTERS.add(
    "all-inactive",
    "Every provider is inactive.",
    _kept(lambda provider: not provider.enabled),
    "FILTER",
)
CLUSTERS.add(
    "no-models",
    "No provider has a model.",
    partial(ReferenceServer, providers=[replace(provider, models=()) for provider in WHOLE]),
    "MODEL",
)
CLUSTERS.add(
    "one-in-every-category",
    "Every category has an active provider, so that no documented query is empty.",
    partial(
        ReferenceServer,
        providers=[
            replace(provider, enabled=provider.category == "GIT" or provider.enabled)
            for provider in WHOLE
        ],
    ),
    "HTTP-05",
)


def _many(number: int) -> list[Provider]:
    return [
        replace(WHOLE[place % len(WHOLE)], name=f"{WHOLE[place % len(WHOLE)].name} {place}")
        for place in range(number)
    ]


CLUSTERS.add("many", "There are 2000 providers.", lambda: ReferenceServer(providers=_many(2000)))

NAMES = (
    "a/b",
    "a%2Fb",
    "a b",
    " padded ",
    'quo"ted',
    "back\\slash",
    "?category=GIT",
    "#fragment",
    "50%",
    "..",
    ".",
    "null",
    "0",
    "__proto__",
    "🦄",
    "e\u0301",
    "\u00e9",
    "שלום",
    "\u202edrow",
    "x" * 300,
    "tab\there",
    "line\nbreak",
    "nul\0",
    "<script>alert(1)</script>",
    "'; DROP TABLE providers; --",
    "openai",
    "OPENAI",
    "\ud800",
)


def _named(models: bool) -> ReferenceServer:
    more = [replace(WHOLE[place % len(WHOLE)], name=name) for place, name in enumerate(NAMES)]
    if models:
        more = [replace(provider, models=(Model(api="m/1"), Model(api="m 2"))) for provider in more]
    return Escaping(providers=[*more, *WHOLE])


CLUSTERS.add("odd-names", "Names are odd in many ways.", partial(_named, False))
CLUSTERS.add("odd-names-with-models", "So are the names of models.", partial(_named, True))

CLUSTERS.add(
    "undocumented-categories",
    "Some providers are of the categories MCP and API, which can be asked for.",
    partial(
        ReferenceServer,
        providers=[
            *WHOLE,
            Provider(name="tools", type="mcp", category="MCP", models=(Model(api="search"),)),
            Provider(name="rest", type="http", category="API", enabled=False),
            Provider(name="other", type="http", category="MODEL"),
            Provider(name="all", type="http", category="ALL"),
        ],
    ),
)
CLUSTERS.add(
    "categories-by-case",
    "Some providers are of a category that differs in letter case alone from a documented one.",
    partial(
        ReferenceServer,
        providers=[
            *WHOLE,
            Provider(name="second", type="openai", category="ai_model"),
            Provider(name="third", type="git", category="Git", enabled=False),
            Provider(name="fourth", type="sendgrid", category="email"),
        ],
    ),
)
CLUSTERS.add(
    "words-of-the-refusal",
    "Providers are called like words of the refusal.",
    partial(
        ReferenceServer,
        providers=[
            *WHOLE,
            Provider(name="token", type="openai", category="AI_MODEL"),
            Provider(name="valid", type="openai", category="AI_MODEL", enabled=False),
            Provider(name="status", type="openai", category="AI_MODEL"),
            Provider(name="message", type="openai", category="AI_MODEL"),
        ],
    ),
)
CLUSTERS.add(
    "models-like-providers",
    "Models are called like their provider, its type, its category and its tags.",
    partial(
        ReferenceServer,
        providers=[
            replace(
                provider,
                models=tuple(
                    Model(api=name)
                    for name in dict.fromkeys((provider.name, provider.type, provider.category))
                ),
            )
            for provider in WHOLE
        ],
    ),
)
CLUSTERS.add(
    "secrets-as-references",
    "Secrets are references to a vault, some of them objects.",
    partial(
        ReferenceServer,
        providers=[
            replace(provider, configuration={"api_key": "vault:secret/data/x#key", "password": ""})
            for provider in WHOLE
        ],
    ),
)
CLUSTERS.add(
    "near-categories",
    "Categories that are not documented are called what other clusters have none of.",
    partial(
        ReferenceServer,
        providers=[
            *WHOLE,
            Provider(name="GIT", type="EMAIL", category="AI"),
            Provider(name="AI", type="git", category="MODEL", enabled=False),
            Provider(name="CLOUD", type="cloud", category="AI-MODEL"),
            Provider(name="None", type="constructor", category="None"),
            Provider(name="0", type="1", category="0"),
        ],
    ),
)
CLUSTERS.add(
    "no-documented-category",
    "No provider is of a category that is documented.",
    partial(
        ReferenceServer,
        providers=[replace(provider, category=f"{provider.category}_2") for provider in WHOLE],
    ),
    "FILTER",
)
