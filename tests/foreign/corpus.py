"""All stacks, with how they start and the mistakes that are made with them."""

from __future__ import annotations

import sys

from foreign.stack import Mistake, Stack

_MODULE = (sys.executable, "-m")
_GUNICORN = ("gunicorn", "--threads", "8", "--bind", "127.0.0.1:@PORT@")


def _ids(words: str) -> frozenset[str]:
    return frozenset(words.split())


FASTAPI = Stack(
    name="fastapi",
    folder="fastapi",
    start=(*_MODULE, "uvicorn", "main:app", "--host", "127.0.0.1", "--port", "@PORT@"),
    mistakes=(
        Mistake(
            name="null-description",
            file="main.py",
            old=", response_model_exclude_none=True",
            new="",
            blamed=_ids("SHAPE-04"),
        ),
        Mistake(
            name="models-in-response",
            file="main.py",
            old="list[Provider]",
            new="list[ProviderInDB]",
            blamed=_ids("MODEL-02"),
        ),
        Mistake(
            name="signature-not-verified",
            file="main.py",
            old="algorithms=[ALGORITHM])",
            new='algorithms=[ALGORITHM], options={"verify_signature": False})',
            blamed=_ids("AUTH-04"),
        ),
    ),
)
FLASK = Stack(
    name="flask",
    folder="flask",
    start=(*_MODULE, *_GUNICORN, "app:app"),
    database=True,
    mistakes=(
        Mistake(
            name="truthy-false",
            file="app.py",
            old='request.args.get("activeOnly", "true").lower() != "false":\n'
            '        query += " AND provider.enabled"',
            new='request.args.get("activeOnly", default=True, type=bool):\n'
            '        query += " AND provider.enabled"',
            blamed=_ids("FILTER-07"),
        ),
        Mistake(
            name="like-for-equals",
            file="app.py",
            old="category = ?",
            new="category LIKE ?",
            blamed=_ids("FILTER-03"),
        ),
        Mistake(
            name="count-multiplied-by-join",
            file="app.py",
            old="LEFT JOIN model ON model.provider_id = provider.id",
            new="LEFT JOIN model ON model.provider_id = provider.id\n"
            "        LEFT JOIN tag ON tag.provider_id = provider.id",
            blamed=_ids("MODEL-06"),
        ),
    ),
)
DJANGO = Stack(
    name="django-rest-framework",
    folder="django",
    start=(*_MODULE, *_GUNICORN, "wsgi"),
    database=True,
    mistakes=(
        Mistake(
            name="pages",
            file="settings.py",
            old="REST_FRAMEWORK = {",
            new='REST_FRAMEWORK = {\n    "DEFAULT_PAGINATION_CLASS":'
            ' "rest_framework.pagination.PageNumberPagination",\n    "PAGE_SIZE": 10,',
            blamed=_ids("SHAPE-01"),
        ),
        Mistake(
            name="contains-for-equals",
            file="listing/views.py",
            old="filter(category=",
            new="filter(category__icontains=",
            blamed=_ids("FILTER-03"),
            besides=_ids("ROBUST"),
        ),
        Mistake(
            name="default-manager-hides-inactive",
            file="listing/models.py",
            old="    name = models.TextField(unique=True)\n",
            new="    name = models.TextField(unique=True)\n    objects = ActiveManager()\n",
            undecided=_ids("FILTER-04 FILTER-05 FILTER-06 FILTER-07 FILTER-08"),
        ),
    ),
)
EXPRESS = Stack(
    name="express",
    folder="express",
    start=("node", "server.js"),
    mistakes=(
        Mistake(
            name="truthy-false",
            file="server.js",
            old='activeOnly === "false" || provider.enabled',
            new="!activeOnly || provider.enabled",
            blamed=_ids("FILTER-07"),
        ),
        Mistake(
            name="exact-path-before-a-lenient-router",
            file="server.js",
            old='app.use("/api/integrations", requireToken);',
            new='app.use((req, res, next) => (req.path === "/api/integrations/provider"'
            " ? requireToken(req, res, next) : next()));",
            blamed=_ids("AUTH-06"),
        ),
    ),
)
FASTIFY = Stack(
    name="fastify",
    folder="fastify",
    start=("node", "server.js"),
    mistakes=(
        Mistake(
            name="no-default",
            file="server.js",
            old='type: "boolean", default: true',
            new='type: "boolean"',
            blamed=_ids("FILTER-06"),
        ),
        Mistake(
            name="serialised-as-string",
            file="server.js",
            old='enabled: { type: "boolean" }',
            new='enabled: { type: "string" }',
            blamed=_ids("SHAPE-03"),
        ),
        # What the plug-in responds by itself.
        Mistake(
            name="missing-token-is-a-bad-request",
            file="server.js",
            old='reply.code(401).send({ status: 401, message: "A valid token is required" })',
            new="reply.send(error)",
            blamed=_ids("AUTH-01"),
        ),
    ),
)

STACKS = (FASTAPI, FLASK, DJANGO, EXPRESS, FASTIFY)
