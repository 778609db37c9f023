"""Edits of what clients ask: paths, parameters, bodies, credentials, servers, words."""

from __future__ import annotations

from support.canned.contracts import ENDPOINT, GET, GONE
from support.canned.edits import (
    ACTIVE,
    BODY,
    BOTH,
    CATEGORY,
    CLIENTS,
    JSON,
    MAJOR,
    MEMBER_A,
    MINOR,
    NOBODY,
    OTHER,
    PATCH,
    PLAIN,
    SCHEME,
    SERVERS,
    edits,
    minus,
    parameter,
    plus,
)

OPERATIONS = (
    *edits(
        MAJOR,
        CLIENTS,
        ("a path goes", "path-removed", ((("paths", ENDPOINT), GONE),)),
        ("a method goes", "method-removed", ((GET, GONE),), (((*GET[:2], "put"), PLAIN),)),
        (
            *("a parameter that has to be sent", "required-parameter-added"),
            (((*GET, "parameters"), plus(parameter(required=True))),),
        ),
        (
            *("a parameter goes", "parameter-removed"),
            (((*GET, "parameters"), lambda some: some[1:]),),
        ),
        ("a parameter has to be sent", "parameter-required", (((*CATEGORY, "required"), True),)),
        (
            *("a category is supported no longer", "enum-narrowed"),
            (((*CATEGORY, "schema", "enum"), minus("GIT")),),
        ),
        (
            *("a parameter gets a limit", "maxLength-narrowed"),
            (((*CATEGORY, "schema", "maxLength"), 9),),
        ),
        (
            *("a parameter may not be empty", "minLength-narrowed"),
            (((*CATEGORY, "schema", "minLength"), 1),),
        ),
        (
            *("a body that has to be sent", "required-body-added"),
            ((BODY, {**PLAIN, "required": True}),),
        ),
        ("a body goes", "body-removed", ((BODY, GONE),), ((BODY, PLAIN),)),
        (
            "a body has to be sent",
            "body-required",
            (((*BODY, "required"), True),),
            ((BODY, PLAIN),),
        ),
        (
            *("a member of a body has to be sent", "member-required"),
            (((*BODY, "content", "application/json", "schema", "required"), ["a"]),),
            ((BODY, {"content": {"application/json": {"schema": MEMBER_A}}}),),
        ),
        (
            *("a media type of bodies goes", "media-type-removed"),
            (((*BODY, "content"), {"text/plain": {}}),),
            ((BODY, {"content": {"text/plain": {}, "application/json": {}}}),),
        ),
        (
            *("strangers are refused", "security-added"),
            (((*GET, "security"), GONE),),
            (((*GET, "security"), []),),
        ),
        (
            *("one of two credentials goes", "credential-removed"),
            (((*GET, "security"), [{"accessToken": []}]),),
            (OTHER, ((*GET, "security"), [{"accessToken": []}, {"other": []}])),
        ),
        (
            *("two credentials at once", "credential-removed"),
            ((("security",), [{"accessToken": [], "other": []}]),),
            (OTHER,),
        ),
        ("another server", "server-changed", ((("servers", 0, "url"), "https://a.example"),)),
        (
            *("a server goes", "server-removed"),
            ((("servers",), lambda some: some[:1]),),
            ((("servers",), plus({"url": "https://a.example"})),),
        ),
        (
            *("another host by default", "server-default-changed"),
            ((("servers", 0, "variables", "host", "default"), "a.example"),),
        ),
        (
            *("hosts are listed", "server-values-narrowed"),
            ((("servers", 0, "variables", "host", "enum"), ["conductor.example.com"]),),
        ),
    ),
    *edits(
        MAJOR,
        SERVERS,
        ("strangers have to be served", "security-removed", ((("security",), []),)),
        (
            *("strangers may ask as well", "security-removed"),
            ((("security",), plus({})),),
        ),
    ),
    *edits(
        MAJOR,
        BOTH,
        ("a parameter moves to a header", "parameter-moved", (((*CATEGORY, "in"), "header"),)),
        (
            *("another default", "default-changed"),
            (((*ACTIVE, "schema", "default"), False),),
        ),
        ("no default", "default-changed", (((*ACTIVE, "schema", "default"), GONE),)),
        ("another style", "parameter-style-changed", (((*CATEGORY, "style"), "spaceDelimited"),)),
        ("not exploded", "parameter-style-changed", (((*CATEGORY, "explode"), False),)),
        (
            "another operator",
            "filter-operator-changed",
            (((*ACTIVE, "x-filter", "operator"), "equals"),),
        ),
        (
            *("another property", "filter-property-changed"),
            (((*CATEGORY, "x-filter", "property"), "type"),),
        ),
        (
            *("another meaning of absence", "filter-default-changed"),
            (((*ACTIVE, "x-filter", "default"), None),),
        ),
        ("no filter any more", "filter-removed", (((*CATEGORY, "x-filter"), GONE),)),
        (
            *("a filter where none was", "filter-added"),
            (((*ACTIVE, "x-filter"), {"property": "enabled"}),),
            (((*ACTIVE, "x-filter"), GONE),),
        ),
        (
            *("something new about a filter", "filter-letterCase-changed"),
            (((*CATEGORY, "x-filter", "letterCase"), "ignored"),),
        ),
        ("another header for the token", "credential-changed", (((*SCHEME, "name"), "X-Token"),)),
        ("another kind of token", "credential-changed", (((*SCHEME, "type"), "http"),)),
        ("an unknown word in an operation", "unknown-keyword", (((*GET, "callbacks"), {"a": {}}),)),
        ("an unknown word in a parameter", "unknown-keyword", (((*CATEGORY, "x-odd"), 1),)),
        ("an unknown word at the top", "unknown-keyword", ((("x-odd",), 1),)),
    ),
    *edits(
        MINOR,
        NOBODY,
        ("a path comes", "path-added", ((("paths", "/api/a"), {}),)),
        ("a method comes", "method-added", (((*GET[:2], "put"), PLAIN),)),
        (
            *("a parameter comes", "optional-parameter-added"),
            (((*GET, "parameters"), plus(parameter())),),
        ),
        (
            *("a parameter need not be sent", "parameter-no-longer-required"),
            (((*CATEGORY, "required"), False),),
            (((*CATEGORY, "required"), True),),
        ),
        (
            *("a category is supported", "enum-widened"),
            (((*CATEGORY, "schema", "enum"), plus("SEARCH")),),
        ),
        ("any category is supported", "enum-widened", (((*CATEGORY, "schema", "enum"), GONE),)),
        (
            *("a parameter may be null", "null-permitted"),
            (((*CATEGORY, "schema", "type"), ["string", "null"]),),
        ),
        ("a body may be sent", "optional-body-added", ((BODY, PLAIN),)),
        (
            *("another media type may be sent", "media-type-added"),
            (((*BODY, "content", "text/plain"), {}),),
            ((BODY, PLAIN),),
        ),
        (
            "another credential does",
            "credential-added",
            ((("security",), plus({"other": []})),),
            (OTHER,),
        ),
        (
            "another server as well",
            "server-added",
            ((("servers",), plus({"url": "https://a.example"})),),
        ),
        ("given up", "deprecated", (((*GET, "deprecated"), True),)),
        ("a parameter is given up", "deprecated", (((*CATEGORY, "deprecated"), True),)),
        ("another operation id", "operation-id-changed", (((*GET, "operationId"), "list"),)),
        ("another tag of the operation", "operation-tags-changed", (((*GET, "tags"), ["Other"]),)),
    ),
    *edits(
        PATCH,
        NOBODY,
        ("another summary", "summary-reworded", (((*GET, "summary"), "All of them"),)),
        ("another description", "description-reworded", (((*GET, "description"), "All."),)),
        (
            "a parameter described",
            "description-reworded",
            (((*CATEGORY, "description"), "Which."),),
        ),
        ("another example", "example-reworded", (((*CATEGORY, "example"), "GIT"),)),
        (
            *("another answer as an example", "examples-reworded"),
            (((*JSON, "examples", "allProviders", "value"), []),),
        ),
        (
            "a style that is the usual one",
            "parameter-style-reworded",
            (((*CATEGORY, "style"), "form"),),
        ),
        (
            *("no longer given up", "deprecation-lifted"),
            (((*GET, "deprecated"), GONE),),
            (((*GET, "deprecated"), True),),
        ),
        ("a token described", "description-reworded", (((*SCHEME, "description"), "A token."),)),
        ("a tag described", "tag-reworded", ((("tags", 0, "description"), "Those."),)),
        ("another title", "title-reworded", ((("info", "title"), "Providers"),)),
        ("another contact", "contact-reworded", ((("info", "contact", "name"), "We"),)),
        (
            *("the usual dialect is named", "dialect-reworded"),
            ((("jsonSchemaDialect",), "https://spec.openapis.org/oas/3.1/dialect/base"),),
        ),
        ("a newer patch of OpenAPI", "openapi-version-changed", ((("openapi",), "3.1.1"),)),
    ),
)
