"""Servers whose providers do not match the schema of the contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import Provider, ProviderQuery, ReferenceServer
from conformance.reference.faults.entries import Catalogue, ListingServer

SHAPE = Catalogue("shape")
ACTIVE, INACTIVE = "anthropic", "weaviate-staging"
Change = Callable[[dict[str, Any]], dict[str, Any]]


class _Changing(ReferenceServer):
    """Returns one provider, or all of them, in a wrong shape."""

    def __init__(self, change: Change, name: str | None = None) -> None:
        super().__init__()
        self._change = change
        self._name = name

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        shown = super().represent(provider, query)
        return self._change(shown) if self._name in (None, provider.name) else shown


def _without(member: str) -> Change:
    return lambda shown: {name: value for name, value in shown.items() if name != member}


def _with(member: str, value: object) -> Change:
    return lambda shown: shown | {member: value}


# Required fields ---------------------------------------------------------------------------

REQUIRED: dict[str, tuple[tuple[str, object], ...]] = {
    "name": (("number", 7), ("object", {"en": "anthropic"}), ("empty", "")),
    "type": (("array", ["anthropic"]), ("boolean", True), ("empty", "")),
    "category": (("number", 0), ("array", ["AI_MODEL"]), ("empty", "")),
    "configuration": (("string", "{}"), ("array", []), ("boolean", False)),
    "enabled": (("string", "true"), ("number", 1), ("word", "ACTIVE")),
    "modelsCount": (("string", "3"), ("array", [1, 2, 3]), ("fraction", 2.5)),
}
ELSEWHERE = {"modelsCount": "MODEL-04", "type": "SHAPE-04"}
"""The requirements on the types of fields that SHAPE-03 does not name."""

for _number, (_member, _values) in enumerate(REQUIRED.items()):
    # One provider at a time; inactive ones appear in only half of the results.
    _name = INACTIVE if _number % 2 else ACTIVE
    SHAPE.add(
        f"{_member}-missing",
        f"{_name} has no field {_member}.",
        partial(_Changing, _without(_member), _name),
        "SHAPE-10" if _member == "type" else "SHAPE-02",
    )
    SHAPE.add(
        f"{_member}-null",
        f"The field {_member} of {_name} is null.",
        partial(_Changing, _with(_member, None), _name),
        ELSEWHERE.get(_member, "SHAPE-03"),
    )
    for _kind, _value in _values:
        SHAPE.add(
            f"{_member}-{_kind}",
            f"The field {_member} of {_name} is {json.dumps(_value)}.",
            partial(_Changing, _with(_member, _value), _name),
            ELSEWHERE.get(_member, "SHAPE-03"),
        )


# Optional fields -----------------------------------------------------------------------------

OPTIONAL: tuple[tuple[str, str, object], ...] = (
    ("description", "null", None),
    ("description", "object", {"en": "Claude"}),
    ("createdBy", "number", 17),
    ("createdBy", "object", {"id": 17}),
    ("updatedBy", "null", None),
    ("ownerApp", "null", None),
    ("ownerApp", "array", ["console"]),
    ("tags", "null", None),
    ("tags", "string", "team:docs"),
    ("tags", "map", {"team": "docs"}),
    ("apis", "null", None),
    ("apis", "map", {}),
    ("apis", "string", ""),
    ("apis", "number", 0),
    ("apis", "boolean", False),
)
for _member, _kind, _value in OPTIONAL:
    SHAPE.add(
        f"{_member}-{_kind}",
        f"The field {_member} of one provider is {json.dumps(_value)}.",
        partial(_Changing, _with(_member, _value), ACTIVE),
        "MODEL-03" if _member == "apis" else "SHAPE-04",
    )

TAGS: tuple[tuple[str, object], ...] = (
    ("strings", ["team:docs"]),
    ("pairs", [["team", "docs"]]),
    ("null", [None]),
    ("without-value", [{"key": "team"}]),
    ("without-key", [{"value": "docs"}]),
    ("value-null", [{"key": "team", "value": None}]),
    ("value-number", [{"key": "priority", "value": 1}]),
    ("other-names", [{"name": "team", "val": "docs"}]),
    ("nested", [[{"key": "team", "value": "docs"}]]),
)
for _kind, _value in TAGS:
    SHAPE.add(
        f"tag-{_kind}",
        f"The tags of one provider are {json.dumps(_value)}.",
        partial(_Changing, _with("tags", _value), INACTIVE),
        "SHAPE-08",
    )


# Times ---------------------------------------------------------------------------------------


def _times(spell: Callable[[int], object]) -> Change:
    def change(shown: dict[str, Any]) -> dict[str, Any]:
        times = {name: shown[name] for name in ("createTime", "updateTime") if name in shown}
        return shown | {name: spell(time) for name, time in times.items()}

    return change


def _iso(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).isoformat()


TIMES: tuple[tuple[str, str, Callable[[int], object], str], ...] = (
    ("iso", "ISO 8601 strings", _iso, "SHAPE-05"),
    ("strings", "strings of digits", str, "SHAPE-05"),
    ("null", "null", lambda _: None, "SHAPE-05"),
    (
        "seconds-with-fraction",
        "seconds with a fraction",
        lambda time: time / 1000 + 0.25,
        "SHAPE-05",
    ),
    (
        "parts",
        "arrays of year, month, day, hour and minute",
        lambda _: [2024, 3, 5, 10, 30],
        "SHAPE-05",
    ),
    ("object", "objects", lambda time: {"$date": time}, "SHAPE-05"),
    ("boolean", "booleans", bool, "SHAPE-05"),
    ("seconds", "seconds", lambda time: time // 1000, "SHAPE-06"),
    ("microseconds", "microseconds", lambda time: time * 1000, "SHAPE-06"),
    ("zero", "0", lambda _: 0, "SHAPE-06"),
    ("negative", "negative", lambda time: -time, "SHAPE-06"),
)
for _kind, _what, _spell, _breaks in TIMES:
    SHAPE.add(f"times-{_kind}", f"Times are {_what}.", partial(_Changing, _times(_spell)), _breaks)

SHAPE.add(
    "time-of-one-provider",
    "The updateTime of one inactive provider is a string.",
    partial(_Changing, _with("updateTime", "2024-03-05T10:30:00Z"), INACTIVE),
    "SHAPE-05",
)
SHAPE.add(
    "updated-before-created",
    "One provider was updated before it was created.",
    partial(_Changing, _with("updateTime", 1_600_000_000_000), ACTIVE),
    "SHAPE-07",
)


# The array -----------------------------------------------------------------------------------

SHAPE.add(
    "name-twice",
    "Two providers have the same name.",
    partial(_Changing, _with("name", "SendGrid"), ACTIVE),
    "SHAPE-09",
)
SHAPE.add(
    "members-in-capitals",
    "Field names begin with capital letters.",
    partial(_Changing, lambda shown: {n[:1].upper() + n[1:]: v for n, v in shown.items()}),
    "SHAPE-02",
)
SHAPE.add(
    "members-with-underscores",
    "The field modelsCount is named models_count.",
    partial(_Changing, lambda p: _without("modelsCount")(p) | {"models_count": p["modelsCount"]}),
    "SHAPE-02",
)
SHAPE.add(
    "members-nested",
    "All fields of a provider except its name are nested in attributes.",
    partial(_Changing, lambda p: {"name": p["name"], "attributes": _without("name")(p)}),
    "SHAPE-02",
)
SHAPE.add(
    "enabled-only-if-true",
    "The field enabled is omitted if it is false.",
    partial(_Changing, lambda p: p if p["enabled"] else _without("enabled")(p)),
    "SHAPE-02",
)
SHAPE.add(
    "count-only-if-positive",
    "The field modelsCount is omitted if it is 0.",
    partial(_Changing, lambda p: p if p["modelsCount"] else _without("modelsCount")(p)),
    "SHAPE-02",
)
SHAPE.add(
    "count-and-empty-apis",
    "Every provider has an empty array apis.",
    partial(_Changing, _with("apis", [])),
    "MODEL-03",
)


@SHAPE.fault("SHAPE-09")
class ListedTwice(ListingServer):
    """The first provider of every result is repeated at its end."""

    def render_listing(self, payload: object, request: Request) -> Response:
        assert isinstance(payload, list)
        return super().render_listing([*payload, *payload[:1]], request)


@SHAPE.fault("SHAPE-09")
class ListedTwiceInOneView(ListingServer):
    """In the result of one category a provider appears twice, once with outdated data."""

    def render_listing(self, payload: object, request: Request) -> Response:
        assert isinstance(payload, list)
        asked = dict(request.query_params)
        if asked == {"category": "EMAIL", "activeOnly": "false"}:
            payload = [*payload, payload[0] | {"description": "Old notifications"}]
        return super().render_listing(payload, request)
