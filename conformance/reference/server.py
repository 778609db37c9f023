"""The reference server: the endpoint and related endpoints, implemented from the documentation.

Related endpoints also create, change and remove providers (:mod:`conformance.reference.writing`).
If the documentation leaves a choice, an unsupported category selects nothing, a boolean other than
``true`` or ``false`` returns 400, the first value of a repeated parameter counts, and unknown
parameters are ignored.
"""

from __future__ import annotations

import hmac
import math
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from conformance.reference import tokens, writing
from conformance.reference.data import default_cluster
from conformance.reference.entities import Model, Provider
from conformance.reference.reading import (
    ProviderQuery,
    Refusal,
    first_parameter,
    read_json,
    read_key_pair,
)
from conformance.reference.replies import Dropped, error_reply, json_reply
from conformance.reference.routing import WRITES, Operation, OperationRoute, operation_of
from conformance.reference.writing import Author, Cluster, Write

__all__ = [
    "Handler",
    "Operation",
    "ProviderQuery",
    "ReferenceServer",
    "Refusal",
    "operation_of",
]

Handler = Callable[[Request], Awaitable[Response]]
"""Handles an authorised request; it may raise :class:`Refusal`."""

_AUTHOR = "api@example.com"
"""Who made what was written. The id of the key would be part of a credential in a response."""

_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")


class ReferenceServer:
    """A server that conforms to the contract; subclasses override single methods to break it.

    A request passes through these methods:

    ===================  ====================================================================
    ``respond``          the whole response, after routing (delays, failures, headers)
    ``authorise``        ``None``, or the error response for an unauthorised request
    ``read_query``       the two filter parameters; ``read_active_only`` reads the boolean
    ``select``           the providers that a query selects, in their order
    ``represent``        one provider in the listing
    ``describe``         one provider in any endpoint; ``represent`` starts from it
    ``with_models``      one provider in *Get All Integrations*, with ``apis``
    ``represent_model``  one model in any endpoint
    ``render``           a payload as a response with status 200
    ``refuse``           an error body as a response with status 4xx
    ``write``            the cluster after a write
    ``confirm``          the response to a successful write
    ===================  ====================================================================

    ``list_providers`` combines them for the endpoint under test, and the other handlers for the
    related endpoints. ``operation_of`` returns the operation of a request, and ``routes`` lists all
    of them. Handlers run on the event loop: one that waits must ``await``, or it blocks every
    request.
    """

    def __init__(
        self,
        *,
        providers: Sequence[Provider] | None = None,
        key_id: str | None = None,
        key_secret: str | None = None,
        token_lifetime: float = 3600.0,
        prefix: str = "/api",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Serve ``providers`` (the default cluster if ``None``) under ``prefix``.

        If ``key_id`` or ``key_secret`` is ``None``, a random one is generated; both are attributes.
        ``token_lifetime`` and the values of ``clock`` are in seconds. ``prefix`` is ``""`` or a
        path of unreserved characters without a slash at its end.

        Raises ``ValueError`` for an invalid argument.
        """
        self.providers: Cluster = default_cluster() if providers is None else tuple(providers)
        self.writes: list[Write] = []
        self.key_id = secrets.token_hex(8) if key_id is None else key_id
        self.key_secret = secrets.token_urlsafe(24) if key_secret is None else key_secret
        self.token_lifetime = token_lifetime
        self.prefix = prefix
        self.clock = clock
        self._signing_key = secrets.token_bytes(32)
        if len({provider.name for provider in self.providers}) < len(self.providers):
            raise ValueError("providers: two have the same name")
        if not (self.key_id and self.key_secret):
            raise ValueError("key_id and key_secret: must not be empty")
        if not (math.isfinite(token_lifetime) and token_lifetime > 0):
            raise ValueError("token_lifetime: must be a positive number of seconds")
        if not _PREFIX.fullmatch(prefix):
            raise ValueError(
                'prefix: must be "" or a path such as "/api", with no slash at its end'
            )

    @property
    def app(self) -> Starlette:
        """A new ASGI application over this server's data and keys."""
        app = Starlette(
            routes=self.routes(), exception_handlers={HTTPException: self._refuse_exception}
        )
        # The documentation does not mention redirects to another spelling of a path.
        app.router.redirect_slashes = False
        return app

    def routes(self) -> list[BaseRoute]:
        """Return every route; ``GET`` routes also handle ``HEAD``."""
        provider = "/integrations/provider"
        one = f"{provider}/{{name}}"
        model = f"{one}/integration/{{model}}"
        table: list[tuple[Operation, str, Handler]] = [
            (Operation.LISTING, provider, self.list_providers),
            (Operation.INTEGRATIONS, "/integrations", self.list_integrations),
            (Operation.INTEGRATIONS, "/integrations/", self.list_integrations),
            (Operation.NAMES, "/integrations/all", self.list_names),
            (Operation.PROVIDER, one, self.show_provider),
            (Operation.SAVE_PROVIDER, one, self.save_provider),
            (Operation.DELETE_PROVIDER, one, self.delete_provider),
            (Operation.MODELS, f"{one}/integration", self.list_models),
            (Operation.SAVE_MODEL, model, self.save_model),
            (Operation.DELETE_MODEL, model, self.delete_model),
            (Operation.TAGS, f"{one}/tags", self.list_tags),
            (Operation.SAVE_TAGS, f"{one}/tags", self.save_tags),
            (Operation.TOKEN, "/token", self.create_token),
        ]
        return [
            OperationRoute(operation, self.prefix + path, partial(self._recorded, handler=handler))
            for operation, path, handler in table
        ]

    # Handling one request ------------------------------------------------------------------

    async def _recorded(self, request: Request, handler: Handler) -> Response:
        response = await self.respond(request, handler=handler)
        if operation_of(request) in WRITES:
            status = 0 if isinstance(response, Dropped) else response.status_code
            name = request.path_params["name"]
            path = quote(request.scope["path"], errors="replace")
            self.writes.append(Write(request.method, path, name, status))
        return response

    async def respond(self, request: Request, handler: Handler) -> Response:
        """Respond to a routed request: authorise it unless it requests a token, then handle it."""
        if operation_of(request) is not Operation.TOKEN:
            refusal = self.authorise(request)
            if refusal is not None:
                return refusal
        try:
            response = await handler(request)
        except Refusal as refused:
            response = self.refuse(refused.status, str(refused))
        # A cache between the clients does not know that X-Authorization makes a response private.
        response.headers.setdefault("cache-control", "no-store")
        return response

    def authorise(self, request: Request) -> Response | None:
        """Return ``None`` for a valid token in ``X-Authorization``, or a 401.

        Its error code makes clients renew their token: ``EXPIRED_TOKEN`` or ``INVALID_TOKEN``
        (documentation: *Authentication*; the official clients depend on these codes).
        """
        # Repeated headers form one list (RFC 9110, section 5.3), and a list is not a token.
        presented = ", ".join(request.headers.getlist("x-authorization"))
        try:
            tokens.verify(presented, self._signing_key, now=self.clock())
        except tokens.ExpiredToken:
            return self.refuse(401, "The token has expired", error="EXPIRED_TOKEN")
        except tokens.InvalidToken:
            return self.refuse(401, "A valid token is required", error="INVALID_TOKEN")
        return None

    def read_query(self, request: Request) -> ProviderQuery:
        """Return the filters given by ``category`` and ``activeOnly``.

        Raises :class:`Refusal` for a malformed boolean.
        """
        category = first_parameter(request, "category")
        return ProviderQuery(category=category, active_only=self.read_active_only(request))

    def read_active_only(self, request: Request) -> bool:
        """Return ``activeOnly``: ``true`` if absent (documentation: "Default is true").

        Raises :class:`Refusal` for anything but ``true`` and ``false``.
        """
        value = first_parameter(request, "activeOnly")
        if value not in (None, "true", "false"):
            raise Refusal("activeOnly must be true or false")
        return value != "false"

    def select(self, query: ProviderQuery) -> list[Provider]:
        """Return the providers that ``query`` selects, in the cluster's order.

        A category selects exactly its own providers, and no category selects all of them. Inactive
        ones are included only on request (documentation: *Query parameters*).
        """
        return [
            provider
            for provider in self.providers
            if query.category in (None, provider.category)
            and (provider.enabled or not query.active_only)
        ]

    def describe(self, provider: Provider) -> dict[str, object]:
        """Return the fields that a provider has in every endpoint."""
        return provider.as_dict()

    def represent(
        self,
        provider: Provider,
        query: ProviderQuery,  # noqa: ARG002 - for subclasses
    ) -> dict[str, object]:
        """Return one element of the listing: "provider metadata and model count only"."""
        return self.describe(provider)

    def with_models(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        """Return one element of *Get All Integrations*: the provider with its models as ``apis``.

        Disabled models are omitted if only active integrations are requested.
        """
        models = provider.active_models if query.active_only else provider.models
        apis = [self.represent_model(provider, model) for model in models]
        return {**self.describe(provider), "apis": apis}

    def represent_model(self, provider: Provider, model: Model) -> dict[str, object]:
        """Return one model, an element of ``apis`` or of the provider's list of models."""
        return model.as_dict(provider.name)

    def render(
        self,
        payload: object,
        request: Request,  # noqa: ARG002 - for subclasses
    ) -> Response:
        """Return ``payload`` as a JSON response with status 200."""
        return json_reply(payload)

    def refuse(self, status: int, message: str, *, error: str | None = None) -> Response:
        """Return the documented error body; ``message`` must not quote the request."""
        # RFC 9110 requires every 401 to name a scheme (section 15.5.2).
        headers = {"www-authenticate": "X-Authorization"} if status == 401 else None
        return error_reply(status, message, error=error, headers=headers)

    # The handlers ----------------------------------------------------------------------------

    async def list_providers(self, request: Request) -> Response:
        """Handle *Get All Integration Providers*, the endpoint under test."""
        query = self.read_query(request)
        chosen = self.select(query)
        return self.render([self.represent(provider, query) for provider in chosen], request)

    async def list_integrations(self, request: Request) -> Response:
        """Handle *Get All Integrations*: the same selection with models."""
        query = self.read_query(request)
        chosen = self.select(query)
        return self.render([self.with_models(provider, query) for provider in chosen], request)

    async def list_names(self, request: Request) -> Response:
        """Handle *Get Integration List*: ``"provider:model"``, or a provider's name alone."""
        query = self.read_query(request)
        names: list[str] = []
        for provider in self.select(query):
            models = provider.active_models if query.active_only else provider.models
            names += [f"{provider.name}:{model.api}" for model in models] or [provider.name]
        return self.render(names, request)

    async def show_provider(self, request: Request) -> Response:
        """Handle *Get Integration Provider*: one object, whether active or not, or 404."""
        return self.render(self.describe(self._named(request)), request)

    async def list_models(self, request: Request) -> Response:
        """Return the models of one provider; ``activeOnly`` defaults to ``true``."""
        provider = self._named(request)
        models = provider.active_models if self.read_active_only(request) else provider.models
        return self.render([self.represent_model(provider, model) for model in models], request)

    async def list_tags(self, request: Request) -> Response:
        """Handle *Get Tags from Integration Provider*: ``[{"key": …, "value": …}]``."""
        return self.render([tag.as_dict() for tag in self._named(request).tags], request)

    def _named(self, request: Request) -> Provider:
        return writing.find(self.providers, request.path_params["name"])

    # Writes ----------------------------------------------------------------------------------

    def write(self, how: Callable[[Cluster], Cluster]) -> Cluster:
        """Replace the cluster by what ``how`` makes of it, and return the new one.

        No other request can come between. ``how`` may raise :class:`Refusal`.
        """
        self.providers = how(self.providers)
        return self.providers

    def confirm(
        self,
        provider: Provider | None,
        request: Request,  # noqa: ARG002 - for subclasses
    ) -> Response:
        """Return the response to a successful write: ``provider`` without ``tags``, or no body."""
        if provider is None:
            return Response()
        described = self.describe(provider)
        return json_reply({name: value for name, value in described.items() if name != "tags"})

    async def save_provider(self, request: Request) -> Response:
        """Handle *Create Integration Provider*, which creates or updates one."""
        name, body, author = request.path_params["name"], await read_json(request), self._author()
        cluster = self.write(lambda old: writing.save_provider(old, name, body, author))
        return self.confirm(writing.find(cluster, name), request)

    async def save_model(self, request: Request) -> Response:
        """Handle *Create Integration Resource*, which creates or updates a model."""
        name, model = request.path_params["name"], request.path_params["model"]
        body, author = await read_json(request), self._author()
        self.write(lambda old: writing.save_model(old, name, model, body, author))
        return self.confirm(None, request)

    async def save_tags(self, request: Request) -> Response:
        """Handle *Add Tags to Integration Provider*."""
        name, body = request.path_params["name"], await read_json(request)
        self.write(lambda old: writing.add_tags(old, name, body))
        return self.confirm(None, request)

    async def delete_provider(self, request: Request) -> Response:
        """Handle *Delete Integration Provider*."""
        name = request.path_params["name"]
        self.write(lambda old: writing.delete_provider(old, name))
        return self.confirm(None, request)

    async def delete_model(self, request: Request) -> Response:
        """Handle *Delete Integration Resource*."""
        name, model = request.path_params["name"], request.path_params["model"]
        self.write(lambda old: writing.delete_model(old, name, model))
        return self.confirm(None, request)

    def _author(self) -> Author:
        return Author(name=_AUTHOR, time=int(self.clock() * 1000))

    # Tokens ----------------------------------------------------------------------------------

    async def create_token(self, request: Request) -> Response:
        """Exchange ``{"keyId": …, "keySecret": …}`` for ``{"token": …}``; 401 for a wrong pair."""
        key_id, key_secret = await read_key_pair(request)
        # Both are always compared, so that the response time does not reveal which one is wrong.
        if not (_equal(key_id, self.key_id) & _equal(key_secret, self.key_secret)):
            return self.refuse(401, "The key or its secret is wrong")
        return json_reply({"token": self.issue_token()})

    def issue_token(self, *, expired: bool = False) -> str:
        """Return a new token, valid for ``token_lifetime`` seconds, or until now if ``expired``."""
        now = self.clock() - (self.token_lifetime if expired else 0)
        claims = {
            "sub": self.key_id,
            "iat": now,
            "exp": now + self.token_lifetime,
            "jti": secrets.token_hex(8),
        }
        return tokens.sign(claims, self._signing_key)

    async def _refuse_exception(self, request: Request, exception: Exception) -> Response:
        if not isinstance(exception, HTTPException):
            raise exception
        response = self.refuse(exception.status_code, exception.detail)
        if exception.status_code == 405:
            # Starlette names the methods of the first route of a path alone.
            routes = [route for route in self.routes() if isinstance(route, Route)]
            matching = [one for one in routes if one.matches(request.scope)[0] is not Match.NONE]
            allowed = set[str]().union(*(route.methods or () for route in matching))
            response.headers["allow"] = ", ".join(sorted(allowed))
        return response


def _equal(given: str, own: str) -> bool:
    # JSON can contain lone surrogates, which strict UTF-8 cannot encode.
    return hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), own.encode("utf-8", "surrogatepass")
    )
