"""Edits of what servers answer: schemas, statuses, headers, media types."""

from __future__ import annotations

from support.canned.contracts import GONE, PROVIDER
from support.canned.edits import (
    ANSWERS,
    BOTH,
    CLIENTS,
    HEADERS,
    MAJOR,
    MEMBERS,
    MINOR,
    NOBODY,
    OK,
    PATCH,
    SCHEMAS,
    SERVERS,
    edits,
    limit,
    minus,
    plus,
)

ANSWERED = (
    *edits(
        MAJOR,
        CLIENTS,
        (
            "a member need not be there",
            "member-no-longer-required",
            (((*PROVIDER, "required"), minus("type")),),
        ),
        (
            *("a member goes", "member-removed"),
            (((*MEMBERS, "ownerApp"), GONE),),
        ),
        (
            *("a member in a closed object", "member-added"),
            (((*MEMBERS, "owner"), {"type": "string"}),),
            (((*PROVIDER, "additionalProperties"), False),),
        ),
        ("a member may be null", "null-permitted", limit("type", ["string", "null"])),
        ("a number may be a fraction", "type-widened", limit("type", "number", "modelsCount")),
        ("a string may be empty", "minLength-widened", limit("minLength", 0)),
        ("a lower minimum", "minimum-widened", limit("minimum", -1, "modelsCount")),
        ("an array may hold something", "maxItems-widened", limit("maxItems", 1, "apis")),
        (
            *("a longer string", "maxLength-widened"),
            limit("maxLength", 20),
            limit("maxLength", 10),
        ),
        ("no pattern", "pattern-widened", limit("pattern", GONE), limit("pattern", "^a")),
        (
            *("another value of an enumeration", "enum-widened"),
            limit("enum", ["a", "b"]),
            limit("enum", ["a"]),
        ),
        (
            *("an object is opened", "schema-widened"),
            (((*PROVIDER, "additionalProperties"), True),),
            (((*PROVIDER, "additionalProperties"), False),),
        ),
        (
            *("elements may repeat", "uniqueItems-widened"),
            limit("uniqueItems", False, "tags"),
            limit("uniqueItems", True, "tags"),
        ),
        ("another success", "status-added", (((*ANSWERS, "204"), {"description": "None."}),)),
        ("anything else", "status-added", (((*ANSWERS, "default"), {"description": "Any."}),)),
        (
            *("another media type", "media-type-added"),
            (((*OK, "content", "text/csv"), {}),),
        ),
        (
            *("a header goes", "header-removed"),
            ((HEADERS, GONE),),
            ((HEADERS, {"ETag": {"schema": {"type": "string"}}}),),
        ),
        (
            *("a header need not be there", "header-no-longer-required"),
            (((*HEADERS, "ETag", "required"), False),),
            ((HEADERS, {"ETag": {"required": True}}),),
        ),
    ),
    *edits(
        MAJOR,
        SERVERS,
        (
            *("a member has to be there", "member-required"),
            (((*PROVIDER, "required"), plus("description")),),
        ),
        (
            *("a new member has to be there", "member-required"),
            (
                ((*PROVIDER, "required"), plus("owner")),
                ((*MEMBERS, "owner"), {"type": "string"}),
            ),
        ),
        (
            "an object is closed",
            "additionalProperties-added",
            (((*PROVIDER, "additionalProperties"), False),),
        ),
        (
            *("other members get a schema", "additionalProperties-added"),
            (((*PROVIDER, "additionalProperties"), {"type": "string"}),),
        ),
        ("a higher minimum", "minimum-narrowed", limit("minimum", 1, "modelsCount")),
        ("a maximum", "maximum-narrowed", limit("maximum", 9, "modelsCount")),
        ("a longer minimum", "minLength-narrowed", limit("minLength", 2)),
        ("a pattern", "pattern-narrowed", limit("pattern", "^a")),
        ("a format", "format-narrowed", limit("format", "uuid")),
        ("a smaller format", "format-narrowed", limit("format", "int32", "modelsCount")),
        ("an enumeration", "enum-narrowed", limit("enum", ["a"])),
        ("one value only", "const-narrowed", limit("const", True, "enabled")),
        ("elements may not repeat", "uniqueItems-narrowed", limit("uniqueItems", True, "tags")),
        ("a multiple", "multipleOf-narrowed", limit("multipleOf", 2, "modelsCount")),
        (
            *("a number has to be whole", "type-narrowed"),
            limit("type", "integer", "modelsCount"),
            limit("type", "number", "modelsCount"),
        ),
        (
            *("a member may not be null", "null-forbidden"),
            limit("type", "string"),
            limit("type", ["string", "null"]),
        ),
        ("something must not be", "not-added", limit("not", {"const": "a"})),
        ("one more rule", "allOf-added", limit("allOf", [{"pattern": "^a"}])),
        ("a refusal goes", "status-removed", (((*ANSWERS, "403"), GONE),)),
        (
            *("a header that has to be there", "required-header-added"),
            ((HEADERS, {"ETag": {"required": True}}),),
        ),
    ),
    *edits(
        MAJOR,
        BOTH,
        ("another type", "type-changed", limit("type", "integer")),
        ("another pattern", "pattern-changed", limit("pattern", "^b"), limit("pattern", "^a")),
        ("another format", "format-changed", limit("format", "date"), limit("format", "time")),
        (
            *("other values", "enum-changed"),
            limit("enum", ["a", "c"]),
            limit("enum", ["a", "b"]),
        ),
        ("the only success goes", "status-removed", ((OK, GONE),)),
        (
            *("the media type goes", "media-type-removed"),
            (((*OK, "content"), {}),),
        ),
        (
            *("a member of a closed object goes", "member-removed"),
            (((*MEMBERS, "ownerApp"), GONE),),
            (((*PROVIDER, "additionalProperties"), False),),
        ),
        ("one of several", "oneOf-added", limit("oneOf", [{"type": "string"}])),
        ("an unknown word in a schema", "unknown-keyword", limit("x-odd", 1)),
        ("an unknown word in an answer", "unknown-keyword", (((*OK, "links"), {"a": {}}),)),
        ("another dialect", "dialect-changed", ((("jsonSchemaDialect",), "urn:other"),)),
    ),
    *edits(
        MINOR,
        NOBODY,
        ("a member may be there", "member-added", (((*MEMBERS, "owner"), {"type": "string"}),)),
        ("a member is given up", "deprecated", limit("deprecated", True)),
        ("another refusal", "status-added", (((*ANSWERS, "429"), {"description": "Slow."}),)),
        ("a header may be there", "optional-header-added", ((HEADERS, {"ETag": {}}),)),
    ),
    *edits(
        PATCH,
        NOBODY,
        (
            *("the dialect that holds anyway is named", "dialect-reworded"),
            ((("jsonSchemaDialect",), "https://spec.openapis.org/oas/3.1/dialect/base"),),
        ),
        ("an answer described", "description-reworded", (((*OK, "description"), "Some."),)),
        ("a member described", "description-reworded", limit("description", "Its name.")),
        (
            "an object that was open",
            "additionalProperties-added",
            (((*PROVIDER, "additionalProperties"), True),),
        ),
        (
            *("elements of what has to be empty", "items-removed"),
            limit("items", GONE, "apis"),
        ),
        (
            *("a component that nobody uses", "unused-component-changed"),
            (((*SCHEMAS, "Other"), {"type": "object"}),),
        ),
    ),
)
