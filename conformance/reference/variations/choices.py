"""Servers that use the freedom which the contract leaves them."""

from __future__ import annotations

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
from conformance.reference.variations.entries import Catalogue, Key

CHOICES = Catalogue("choice")
SUPPORTED = ("AI_MODEL", "VECTOR_DB", "MESSAGE_BROKER", "CLOUD", "RELATIONAL_DB", "GIT", "EMAIL")


# Categories and booleans ---------------------------------------------------------------------


class _Unsupported(ReferenceServer):
    """Refuses categories that are not supported."""

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
        f"A category that is not supported is answered with {_status}.",
        partial(_Unsupported, _status),
    )


CHOICES.add(
    "unsupported-401",
    "A category that is not supported is answered with 401, and an access key is known.",
    partial(_Unsupported, 401),
    key=Key.ACCESS_KEY,
)


class _Reading(ReferenceServer):
    """Reads the two parameters in its own way."""

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
    ("lenient-boolean", "Many words count as true or false.", partial(_Reading, _lenient)),
    (
        "malformed-boolean-active",
        "A malformed boolean is taken for true.",
        partial(_Reading, lambda value: value != "false"),
    ),
    (
        "malformed-boolean-complete",
        "A malformed boolean is taken for false.",
        partial(_Reading, lambda value: value in (None, "true")),
    ),
    (
        "category-in-any-case",
        "Letter case makes no difference to a category.",
        partial(_Reading, category=lambda value: value and value.upper()),
    ),
    (
        "category-trimmed",
        "Blanks around a category make no difference.",
        partial(_Reading, category=lambda value: value and value.strip()),
    ),
    (
        "empty-category-is-none",
        "An empty category is as good as none.",
        partial(_Reading, category=lambda value: value or None),
    ),
    (
        "empty-category-selects-nothing",
        "An empty category selects nothing.",
        partial(_Reading, category=lambda value: value),
    ),
)
for _name, _oddity, _make in READINGS:
    # Only generated queries have such values.
    CHOICES.add(_name, _oddity, _make, profile="standard")


class _Repeated(ReferenceServer):
    """Reads a repeated parameter in its own way."""

    def read_query(self, request: Request) -> ProviderQuery:
        category = request.query_params.get("category")
        return ProviderQuery(category=category, active_only=self.read_active_only(request))


@CHOICES.variation(profile="standard")
class LastOfRepeated(_Repeated):
    """Of a repeated parameter the last counts."""


@CHOICES.variation(profile="standard")
class RepeatedRefused(_Repeated):
    """A repeated parameter is refused."""

    def read_query(self, request: Request) -> ProviderQuery:
        names = [name for name, _ in request.query_params.multi_items()]
        if len(names) != len(set(names)):
            raise Refusal("a parameter stands twice")
        return super().read_query(request)


@CHOICES.variation(profile="standard")
class RepeatedIsUnion(ReferenceServer):
    """A repeated category keeps the providers of each."""

    async def list_providers(self, request: Request) -> Response:
        wanted = request.query_params.getlist("category")
        active = self.read_active_only(request)
        query = ProviderQuery(active_only=active)
        chosen = [p for p in self.select(query) if not wanted or p.category in wanted]
        return self.render([self.represent(provider, query) for provider in chosen], request)


@CHOICES.variation(profile="standard")
class StrictQuery(ReferenceServer):
    """Parameters that are not documented are refused."""

    def read_query(self, request: Request) -> ProviderQuery:
        if set(request.query_params) - {"category", "activeOnly"}:
            raise Refusal("there is no such parameter")
        return super().read_query(request)


@CHOICES.variation(profile="standard")
class ShortQueries(ReferenceServer):
    """A long query is answered with 414."""

    def read_query(self, request: Request) -> ProviderQuery:
        if len(request.url.query) > 60:
            raise Refusal("that is too long", status=414)
        return super().read_query(request)


# What refusals and settings may say -----------------------------------------------------------


@CHOICES.variation()
class RefusalNamesTypes(ReferenceServer):
    """A malformed boolean is refused in the words of a framework, without a stack trace."""

    def refuse(self, status: int, message: str, *, error: str | None = None) -> Response:
        if status == 400:
            message = (
                "Failed to convert value of type 'java.lang.String' to required type "
                "'java.lang.Boolean'; nested exception is java.lang.IllegalArgumentException"
            )
        return super().refuse(status, message, error=error)


@CHOICES.variation()
class RefusalLikeAStatement(ReferenceServer):
    """A malformed boolean is refused in words that statements, paths and errors have, too."""

    def refuse(self, status: int, message: str, *, error: str | None = None) -> Response:
        if status == 400:
            message = (
                "Invalid value for activeOnly: select true from the list where one is needed; "
                "see https://docs.example.com/api/list.js:41 and /docs/errors.html (ERROR: type)"
            )
        return super().refuse(status, message, error=error)


@CHOICES.variation()
class RefusalOfALongText(ReferenceServer):
    """Providers share their addresses, and one is described in a sentence of the refusal."""

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
    """Shows secret settings in its own way."""

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
    ("with-last-characters", "masks with the last characters left", "************cd4f"),
    ("of-bullets", "masks of bullets", "\u2022" * 8),
    ("in-a-vault", "references to a vault", "vault:secret/data/openai#api_key"),
    ("by-arn", "names of secrets in a cloud", "arn:aws:secretsmanager:eu-1:123456789012:secret:x"),
    ("redacted", "a word that says that there is something", "<redacted>"),
    ("as-flag", "whether there is one", True),
    ("null", "null", None),
)
for _name, _what, _value in SETTINGS:
    CHOICES.add(f"secrets-{_name}", f"Secret settings are {_what}.", partial(_Set, _value))


@CHOICES.variation()
class SecretsTalkedAbout(ReferenceServer):
    """Settings speak of secrets, and tell where they are or whether there are any."""

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
