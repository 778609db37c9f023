"""Clusters with few or many providers, or with unusual names."""

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
    """Responds in ASCII with escapes, so that JSON can contain lone surrogates."""

    def render(self, payload: object, request: Request) -> Response:
        return Response(json.dumps(payload), media_type="application/json")


def _kept(keeps: Callable[[Provider], bool]) -> Callable[[], ReferenceServer]:
    return partial(ReferenceServer, providers=tuple(filter(keeps, WHOLE)))


def _changed(change: Callable[[Provider], Provider]) -> Callable[[], ReferenceServer]:
    return partial(ReferenceServer, providers=[change(provider) for provider in WHOLE])


def _extended(*more: Provider) -> Callable[[], ReferenceServer]:
    return partial(ReferenceServer, providers=[*WHOLE, *more])


CLUSTERS.add(
    "empty",
    "The cluster has no providers.",
    partial(ReferenceServer, providers=()),
    *EVERYTHING,
    "AUTH-06",
)
CLUSTERS.add(
    "single",
    "The cluster has one provider.",
    partial(ReferenceServer, providers=WHOLE[:1]),
    *EVERYTHING,
)
CLUSTERS.add(
    "single-inactive",
    "The cluster has one provider, which is inactive.",
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
    "ROBUST-03",
)
CLUSTERS.add(
    "no-models",
    "No provider has a model.",
    _changed(lambda provider: replace(provider, models=())),
    "MODEL",
)
CLUSTERS.add(
    "one-in-every-category",
    "Every category has an active provider, so that no documented query has an empty result.",
    _changed(lambda one: replace(one, enabled=one.category == "GIT" or one.enabled)),
    "HTTP-05",
)


def _many(number: int) -> list[Provider]:
    return [
        replace(WHOLE[place % len(WHOLE)], name=f"{WHOLE[place % len(WHOLE)].name} {place}")
        for place in range(number)
    ]


CLUSTERS.add(
    "many", "The cluster has 2,000 providers.", lambda: ReferenceServer(providers=_many(2000))
)

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


CLUSTERS.add("odd-names", "Providers have many unusual names.", partial(_named, False))
CLUSTERS.add(
    "odd-names-with-models", "Providers and models have unusual names.", partial(_named, True)
)

CLUSTERS.add(
    "undocumented-categories",
    "Some providers have undocumented categories, which can be requested.",
    _extended(
        Provider(name="tools", type="mcp", category="MCP", models=(Model(api="search"),)),
        Provider(name="rest", type="http", category="API", enabled=False),
        Provider(name="other", type="http", category="MODEL"),
        Provider(name="all", type="http", category="ALL"),
    ),
)
CLUSTERS.add(
    "categories-by-case",
    "Some providers have a category that differs from a documented one only in letter case.",
    _extended(
        Provider(name="second", type="openai", category="ai_model"),
        Provider(name="third", type="git", category="Git", enabled=False),
        Provider(name="fourth", type="sendgrid", category="email"),
    ),
)
CLUSTERS.add(
    "words-of-the-refusal",
    "Providers are named like words of the error message.",
    _extended(
        Provider(name="token", type="openai", category="AI_MODEL"),
        Provider(name="valid", type="openai", category="AI_MODEL", enabled=False),
        Provider(name="status", type="openai", category="AI_MODEL"),
        Provider(name="message", type="openai", category="AI_MODEL"),
    ),
)
CLUSTERS.add(
    "models-like-providers",
    "Models are named like their provider, its type and its category.",
    _changed(
        lambda one: replace(
            one,
            models=tuple(
                Model(api=name) for name in dict.fromkeys((one.name, one.type, one.category))
            ),
        )
    ),
)
CLUSTERS.add(
    "secrets-as-references",
    "Secrets are references to a vault, or empty.",
    _changed(
        lambda one: replace(
            one, configuration={"api_key": "vault:secret/data/x#key", "password": ""}
        )
    ),
)
CLUSTERS.add(
    "near-categories",
    "Undocumented categories resemble the values that the suite sends as unsupported.",
    _extended(
        Provider(name="GIT", type="EMAIL", category="AI"),
        Provider(name="AI", type="git", category="MODEL", enabled=False),
        Provider(name="CLOUD", type="cloud", category="AI-MODEL"),
        Provider(name="None", type="constructor", category="None"),
        Provider(name="0", type="1", category="0"),
    ),
)
CLUSTERS.add(
    "no-documented-category",
    "No provider has a documented category.",
    _changed(lambda one: replace(one, category=f"{one.category}_2")),
    "FILTER",
)
