"""Servers that report a wrong number of models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import (
    Operation,
    Provider,
    ProviderQuery,
    ReferenceServer,
    operation_of,
)
from conformance.reference.faults.entries import Catalogue
from conformance.reference.server import Handler

COUNTS = Catalogue("count")


class Counting(ReferenceServer):
    """Reports a ``modelsCount`` other than the number of active models."""

    def __init__(self, count: Callable[[Provider, ProviderQuery], object]) -> None:
        super().__init__()
        self._count = count

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        return super().represent(provider, query) | {"modelsCount": self._count(provider, query)}


class _Alone(Counting):
    """Lists no models in any endpoint; *Get Integration Provider* has the correct count."""

    async def respond(self, request: Request, handler: Handler) -> Response:
        if operation_of(request) in (Operation.INTEGRATIONS, Operation.MODELS):
            return self.refuse(404, "There is no such path")
        return await super().respond(request, handler)


def _add(
    name: str, fault: str, count: Callable[[Provider, ProviderQuery], object], *breaks: str
) -> None:
    COUNTS.add(name, fault, partial(Counting, count), *breaks)


_add(
    "negative",
    "The number of models is -1 instead of 0.",
    lambda p, _: p.models_count or -1,
    "MODEL-04",
)
_add("string", "The number of models is a string.", lambda p, _: str(p.models_count), "MODEL-04")
_add(
    "fraction", "The number of models is halved.", lambda p, _: p.models_count / 2 or 0, "MODEL-04"
)
_add(
    "null",
    "The number of models is null instead of 0.",
    lambda p, _: p.models_count or None,
    "MODEL-04",
)
_add(
    "boolean",
    "The field modelsCount is a boolean: whether there are any models.",
    lambda p, _: p.models_count > 0,
    "MODEL-04",
)
_add(
    "object",
    "The number of models is an object.",
    lambda p, _: {"active": p.models_count},
    "MODEL-04",
)
_add("always-zero", "The number of models is always 0.", lambda *_: 0, "MODEL-06")
_add("always-one", "The number of models is always 1.", lambda *_: 1, "MODEL-06")
_add(
    "one-too-many",
    "The number of models is one too high.",
    lambda p, _: len(p.models) + 1,
    "MODEL-06",
)
_add(
    "one-too-few",
    "The number of models is one lower than the number of active models.",
    lambda p, _: max(0, p.models_count - 1),
    "MODEL-06",
)
_add(
    "inactive-only",
    "Only inactive models are counted.",
    lambda p, _: len(p.models) - p.models_count,
    "MODEL-06",
)
_add("doubled", "Each model is counted twice.", lambda p, _: 2 * p.models_count, "MODEL-06")
_add(
    "of-the-whole-cluster",
    "Every provider reports the number of models in the whole cluster.",
    lambda *_: 9,
    "MODEL-06",
)
_add(
    "of-the-type",
    "The models of all providers of a type are counted together.",
    lambda p, _: len(p.models) + (p.type == "anthropic"),
    "MODEL-06",
)
_add(
    "more-with-active-only",
    "Inactive models are counted with activeOnly=true.",
    lambda p, query: len(p.models) if query.active_only else p.models_count,
    "MODEL-05",
)
_add(
    "active-without-category",
    "Active models are counted with activeOnly=true, and all models if there is a category too.",
    lambda p, query: p.models_count if query.active_only and not query.category else len(p.models),
    "MODEL-05",
)
_add(
    "by-category",
    "Inactive models are counted if a category is given.",
    lambda p, query: len(p.models) if query.category else p.models_count,
    "MODEL-05",
)
_add(
    "zero-with-category",
    "The number of models is 0 if a category is given.",
    lambda p, query: 0 if query.category else p.models_count,
    "MODEL-05",
)
_add(
    "zero-of-inactive-providers",
    "The number of models is 0 for inactive providers.",
    lambda p, _query: p.models_count if p.enabled else 0,
    "MODEL-06",
)

for _name, _fault, _count in (
    ("zero", "0", lambda *_: 0),
    ("stale", "one too low", lambda p, _: max(0, p.models_count - 1)),
):
    COUNTS.add(
        f"{_name}-where-only-one-is-shown",
        f"The number of models in the listing is {_fault}, and no endpoint lists models.",
        partial(_Alone, _count),
        "MODEL-06",
    )


class _Crowd(Counting):
    """Has more providers with models than the suite requests individually."""

    def __init__(self, count: Callable[[Provider, ProviderQuery], object]) -> None:
        super().__init__(count)
        one = self.providers[0]
        crowd = (replace(one, name=f"{one.name} {number}") for number in range(40))
        self.providers = (*self.providers, *crowd)


COUNTS.add(
    "wrong-in-one-of-many",
    "The number of models is one too high for one of about forty providers.",
    partial(_Crowd, lambda p, _: len(p.models) + 1 if p.name.endswith(" 31") else p.models_count),
    "MODEL-06",
)
