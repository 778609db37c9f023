"""Servers that use choices which the contract leaves open."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import (
    Provider,
    ProviderQuery,
    ReferenceServer,
    Refusal,
)
from conformance.reference.replies import json_reply
from conformance.reference.server import Handler
from conformance.reference.variations.entries import Catalogue, Key

CHOICES = Catalogue("choice")
SUPPORTED = ("AI_MODEL", "VECTOR_DB", "MESSAGE_BROKER", "CLOUD", "RELATIONAL_DB", "GIT", "EMAIL")


MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")


# Categories and booleans ---------------------------------------------------------------------


class _Unsupported(ReferenceServer):
    """Rejects unsupported categories."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self._status = status

    def read_query(self, request: Request) -> ProviderQuery:
        query = super().read_query(request)
        if query.category not in (None, *SUPPORTED):
            raise Refusal("there is no such category", status=self._status)
        return query


for _status in (400, 404, 409, 422, 403):
    CHOICES.add(
        f"unsupported-{_status}",
        f"An unsupported category returns status {_status}.",
        partial(_Unsupported, _status),
    )


CHOICES.add(
    "unsupported-401",
    "An unsupported category returns status 401, and the client has an access key.",
    partial(_Unsupported, 401),
    key=Key.ACCESS_KEY,
)


class _Reading(ReferenceServer):
    """Reads the two parameters differently."""

    def __init__(
        self,
        active_only: Callable[[str | None], bool] = lambda value: value != "false",
        category: Callable[[str | None], str | None] = lambda value: value,
    ) -> None:
        super().__init__()
        self._active_only = active_only
        self._category = category

    def read_active_only(self, request: Request) -> bool:
        return self._active_only(request.query_params.get("activeOnly"))

    def read_query(self, request: Request) -> ProviderQuery:
        query = super().read_query(request)
        return replace(query, category=self._category(query.category))


def _lenient(value: str | None) -> bool:
    return value is None or value.strip().lower() not in ("false", "0", "no", "off", "f", "n")


READINGS: tuple[tuple[str, str, Callable[[], ReferenceServer]], ...] = (
    (
        "lenient-boolean",
        "Several words count as true or false, in any letter case.",
        partial(_Reading, _lenient),
    ),
    (
        "malformed-boolean-active",
        "A malformed boolean counts as true.",
        partial(_Reading, lambda value: value != "false"),
    ),
    (
        "malformed-boolean-complete",
        "A malformed boolean counts as false.",
        partial(_Reading, lambda value: value in (None, "true")),
    ),
    (
        "category-in-any-case",
        "Categories are case-insensitive.",
        partial(_Reading, category=lambda value: value and value.upper()),
    ),
    (
        "category-trimmed",
        "Spaces around a category are ignored.",
        partial(_Reading, category=lambda value: value and value.strip()),
    ),
    (
        "empty-category-is-none",
        "An empty category counts as absent.",
        partial(_Reading, category=lambda value: value or None),
    ),
    (
        "empty-category-selects-nothing",
        "An empty category selects nothing.",
        partial(_Reading, category=lambda value: value),
    ),
)
for _name, _oddity, _make in READINGS:
    # Only generated queries contain such values.
    CHOICES.add(_name, _oddity, _make, profile="standard")


class _Repeated(ReferenceServer):
    """Reads repeated parameters differently."""

    def read_query(self, request: Request) -> ProviderQuery:
        category = request.query_params.get("category")
        return ProviderQuery(category=category, active_only=self.read_active_only(request))


@CHOICES.variation(profile="standard")
class LastOfRepeated(_Repeated):
    """The last value of a repeated parameter counts."""


@CHOICES.variation(profile="standard")
class RepeatedRefused(_Repeated):
    """A repeated parameter is rejected."""

    def read_query(self, request: Request) -> ProviderQuery:
        names = [name for name, _ in request.query_params.multi_items()]
        if len(names) != len(set(names)):
            raise Refusal("a parameter stands twice")
        return super().read_query(request)


@CHOICES.variation(profile="standard")
class RepeatedIsUnion(ReferenceServer):
    """A repeated category selects the providers of each value."""

    async def list_providers(self, request: Request) -> Response:
        wanted = request.query_params.getlist("category")
        active = self.read_active_only(request)
        query = ProviderQuery(active_only=active)
        chosen = [p for p in self.select(query) if not wanted or p.category in wanted]
        return self.render([self.represent(provider, query) for provider in chosen], request)


@CHOICES.variation(profile="standard")
class RepeatedIsJoined(ReferenceServer):
    """The values of a repeated category are joined by commas, as in Spring."""

    def read_query(self, request: Request) -> ProviderQuery:
        given = request.query_params.getlist("category")
        query = super().read_query(request)
        return replace(query, category=",".join(given) if given else None)


def _as_collated(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold().rstrip()


@CHOICES.variation(profile="standard")
class CategoryCollated(ReferenceServer):
    """Categories are compared by a collation that ignores case, accents and width."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        if query.category is None:
            return super().select(query)
        wanted = _as_collated(query.category)
        chosen = super().select(replace(query, category=None))
        return [provider for provider in chosen if _as_collated(provider.category) == wanted]


@CHOICES.variation()
class PagesLearnt(ReferenceServer):
    """With the parameter page the response is a page, and with fields it has only these fields."""

    def render(self, payload: object, request: Request) -> Response:
        if "page" in request.query_params:
            payload = {"content": payload, "page": request.query_params["page"]}
        elif "fields" in request.query_params and isinstance(payload, list):
            names = request.query_params["fields"].split(",")
            payload = [{name: one[name] for name in names if name in one} for one in payload]
        return super().render(payload, request)


class _Dropped(ReferenceServer):
    """Ignores parameters whose spelling matches a pattern."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        super().__init__()
        self._pattern = pattern

    async def respond(self, request: Request, handler: Handler) -> Response:
        pairs = request.url.query.split("&")
        kept = "&".join(pair for pair in pairs if not self._pattern.search(pair))
        changed = Request({**request.scope, "query_string": kept.encode()})
        return await super().respond(changed, handler)


CHOICES.add(
    "malformed-percent-dropped",
    "A parameter whose percent-encoding is malformed is ignored.",
    partial(_Dropped, MALFORMED),
    profile="standard",
)
CHOICES.add(
    "plain-semicolon-dropped",
    "A parameter with a semicolon that is not percent-encoded is ignored, as in Go.",
    partial(_Dropped, re.compile(";")),
)


@CHOICES.variation()
class ActiveModelsCounted(ReferenceServer):
    """With activeOnly=true only active models are counted, otherwise all models."""

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        count = provider.models_count if query.active_only else len(provider.models)
        return super().represent(provider, query) | {"modelsCount": count}


@CHOICES.variation(profile="standard")
class LimitLearnt(ReferenceServer):
    """The server has learnt the parameters limit, offset and sort."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        return sorted(super().select(query), key=lambda provider: provider.name)

    async def list_providers(self, request: Request) -> Response:
        query = self.read_query(request)
        chosen = self.select(query)
        if request.query_params.get("sort", "").startswith("-"):
            chosen.reverse()
        start = int(request.query_params.get("offset", "0"))
        end = start + int(request.query_params.get("limit", "1000"))
        return self.render([self.represent(one, query) for one in chosen[start:end]], request)


@CHOICES.variation()
class ViewsLearnt(ReferenceServer):
    """With view=full or fields=*, providers have audit fields and the number of their calls."""

    async def list_providers(self, request: Request) -> Response:
        query, wanted = self.read_query(request), request.query_params
        full = wanted.get("view") == "full" or wanted.get("fields") == "*"
        more = {"audit": {"createdBy": "ana", "calls": 12}} if full else {}
        chosen = [self.represent(one, query) | more for one in self.select(query)]
        return self.render(chosen, request)


@CHOICES.variation()
class VariesByToken(ReferenceServer):
    """Caches may store a response for requests with the same token."""

    def render(self, payload: object, request: Request) -> Response:
        headers = {"cache-control": "max-age=5", "vary": "Accept, X-Authorization"}
        return json_reply(payload, headers=headers)


@CHOICES.variation()
class WithoutHead(ReferenceServer):
    """The server does not offer HEAD."""

    async def respond(self, request: Request, handler: Handler) -> Response:
        if request.method == "HEAD":
            return self.refuse(405, "HEAD is not available")
        return await super().respond(request, handler)


@CHOICES.variation()
class StrictAddresses(ReferenceServer):
    """A semicolon, or a character that has to be percent-encoded, returns status 400."""

    def read_query(self, request: Request) -> ProviderQuery:
        if set('|;\\^`{}"<>') & set(request.url.query):
            raise Refusal("the address is malformed")
        return super().read_query(request)


@CHOICES.variation(profile="standard")
class StrictQuery(ReferenceServer):
    """Undocumented parameters are rejected."""

    def read_query(self, request: Request) -> ProviderQuery:
        if set(request.query_params) - {"category", "activeOnly"}:
            raise Refusal("there is no such parameter")
        return super().read_query(request)


@CHOICES.variation(profile="standard")
class ShortQueries(ReferenceServer):
    """A long query returns status 414."""

    def read_query(self, request: Request) -> ProviderQuery:
        if len(request.url.query) > 60:
            raise Refusal("that is too long", status=414)
        return super().read_query(request)


# Error messages and settings ------------------------------------------------------------------


@CHOICES.variation()
class RefusalNamesTypes(ReferenceServer):
    """The error for a malformed boolean quotes a framework, without a stack trace."""

    def refuse(self, status: int, message: str, *, error: str | None = None) -> Response:
        if status == 400:
            message = (
                "Failed to convert value of type 'java.lang.String' to required type "
                "'java.lang.Boolean'; nested exception is java.lang.IllegalArgumentException"
            )
        return super().refuse(status, message, error=error)


@CHOICES.variation()
class RefusalLikeAStatement(ReferenceServer):
    """The error for a malformed boolean resembles SQL statements, paths and database errors."""

    def refuse(self, status: int, message: str, *, error: str | None = None) -> Response:
        if status == 400:
            message = (
                "Invalid value for activeOnly: select true from the list where one is needed; "
                "see https://docs.example.com/api/list.js:41 and /docs/errors.html (ERROR: type)"
            )
        return super().refuse(status, message, error=error)


@CHOICES.variation()
class RefusalOfALongText(ReferenceServer):
    """Providers share a URL, and the description of one is also an error message."""

    def describe(self, provider: Provider) -> dict[str, object]:
        shown = super().describe(provider)
        settings = shown["configuration"]
        assert isinstance(settings, dict)
        shared = {"tokenUrl": "https://login.example.com/oauth", "region": "us-east-1"}
        about = "A valid token is required" if provider.name == "openAI" else provider.description
        kept = {"description": about} if about else {}
        return shown | kept | {"configuration": settings | shared}

    def refuse(self, status: int, message: str, *, error: str | None = None) -> Response:
        if status == 401:
            message = "A valid token is required: https://login.example.com/oauth has them"
        return super().refuse(status, message, error=error)


class _Set(ReferenceServer):
    """Returns secret settings in another form."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self._value = value

    def describe(self, provider: Provider) -> dict[str, object]:
        shown = super().describe(provider)
        settings = shown["configuration"]
        assert isinstance(settings, dict)
        hidden = {"api_key": self._value, "password": self._value}
        return shown | {"configuration": settings | hidden}


SETTINGS: tuple[tuple[str, str, object], ...] = (
    ("with-last-characters", "masked except for their last characters", "************cd4f"),
    ("of-bullets", "masked with bullets", "\u2022" * 8),
    ("in-a-vault", "references to a vault", "vault:secret/data/openai#api_key"),
    (
        "by-arn",
        "names of secrets in a cloud service",
        "arn:aws:secretsmanager:eu-1:123456789012:secret:x",
    ),
    ("redacted", "replaced by a placeholder", "<redacted>"),
    ("as-flag", "booleans that show whether they are set", True),
    ("null", "null", None),
)
for _name, _what, _value in SETTINGS:
    CHOICES.add(f"secrets-{_name}", f"Secret settings are {_what}.", partial(_Set, _value))


@CHOICES.variation()
class SecretsTalkedAbout(ReferenceServer):
    """Settings mention secrets, where they are stored and whether they are set."""

    def describe(self, provider: Provider) -> dict[str, object]:
        settings: dict[str, object] = {
            "passwordSet": "yes",
            "secretEnabled": "on",
            "password": "********",
            "headers": {"Authorization": "Bearer ${workflow.secrets.key}", "Accept": "text/plain"},
            "properties": [{"name": "password", "value": "****"}, {"name": "user", "value": "a"}],
            "endpoint": "https://shop:********@kafka.example.net:9093/a?b=c:d@e",
            "sasl.jaas.config": 'PlainLoginModule required password="${secrets.kafka}";',
            "authorization": "Basic authentication",
            "keyPrefix": "sk-ant-",
        }
        return super().describe(provider) | {"configuration": settings}
