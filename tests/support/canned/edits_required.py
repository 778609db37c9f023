"""Edits of what is required of servers, and of what belongs to that."""

from __future__ import annotations

from support.canned.contracts import GONE
from support.canned.edits import (
    ADVISED,
    BOTH,
    CLIENTS,
    FIRST,
    MAJOR,
    MINOR,
    NOBODY,
    PATCH,
    SCHEMAS,
    SERVERS,
    edits,
    plus,
    requirement,
)

CATALOGUE = (
    *edits(
        MAJOR,
        SERVERS,
        (
            *("a MUST comes", "requirement-added"),
            ((("x-requirements",), plus(requirement("MUST"))),),
        ),
        ("a SHOULD is a MUST now", "level-raised", (((*ADVISED, "level"), "MUST"),)),
        (
            *("a MAY is a MUST now", "level-raised"),
            (((*ADVISED, "level"), "MUST"),),
            (((*ADVISED, "level"), "MAY"),),
        ),
        (
            *("one more member is of models", "recognised-member-added"),
            (((*SCHEMAS, "ModelDetails", "properties", "provider"), {"type": "string"}),),
        ),
        (
            "another endpoint is looked at",
            "related-changed",
            ((("x-related", "models", "path"), "/api/m"),),
        ),
    ),
    *edits(
        MAJOR,
        CLIENTS,
        ("a MUST goes", "requirement-removed", ((("x-requirements",), lambda some: some[1:]),)),
        ("a MUST is a SHOULD now", "level-lowered", (((*FIRST, "level"), "SHOULD"),)),
        (
            *("one member less is of models", "recognised-member-removed"),
            (((*SCHEMAS, "ModelDetails", "properties", "api"), GONE),),
        ),
        ("another OpenAPI", "openapi-version-changed", ((("openapi",), "3.2.0"),)),
    ),
    *edits(
        MAJOR,
        BOTH,
        (
            "a MUST says something else",
            "statement-changed",
            (((*FIRST, "statement"), "It is so."),),
        ),
        ("an unknown word in a requirement", "unknown-keyword", (((*FIRST, "x-odd"), 1),)),
    ),
    *edits(
        MINOR,
        NOBODY,
        (
            *("a SHOULD comes", "requirement-added"),
            ((("x-requirements",), plus(requirement("SHOULD"))),),
        ),
        ("a MAY comes", "requirement-added", ((("x-requirements",), plus(requirement("MAY"))),)),
        (
            *("a SHOULD goes", "requirement-removed"),
            ((("x-requirements",), lambda some: [*some[:10], *some[11:]]),),
        ),
        ("a SHOULD is a MAY now", "level-lowered", (((*ADVISED, "level"), "MAY"),)),
        (
            *("a MAY is a SHOULD now", "level-raised"),
            (((*ADVISED, "level"), "SHOULD"),),
            (((*ADVISED, "level"), "MAY"),),
        ),
        (
            "a SHOULD says something else",
            "statement-changed",
            (((*ADVISED, "statement"), "It is so."),),
        ),
        ("more evidence", "evidence-changed", (((*FIRST, "evidence", "documentedQueries"), 3),)),
        ("less evidence", "evidence-changed", (((*FIRST, "evidence"), {}),)),
        ("another witness", "related-added", ((("x-related", "tags"), {"path": "/api/t"}),)),
        ("a witness less", "related-removed", ((("x-related", "models"), GONE),)),
    ),
    *edits(
        PATCH,
        NOBODY,
        ("another source", "source-reworded", (((*FIRST, "source"), "composition: x"),)),
        (
            *("only blanks", "statement-reworded"),
            (((*FIRST, "statement"), lambda text: text.replace(" ", "\n ")),),
        ),
        ("words of a family", "family-reworded", ((("x-families", "HTTP"), "Statuses"),)),
        ("words of a measure", "evidence-reworded", ((("x-evidence", "tags"), "label"),)),
    ),
)
