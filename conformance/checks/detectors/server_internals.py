"""Detect internals of a server in a response, such as stack traces and database errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from conformance.core.json_walk import strings_in
from conformance.core.strict_json import decode
from conformance.evidence.exchange import Exchange

LONGEST = 200_000
"""Characters of a body that are searched; a stack trace is near the beginning of an error."""

SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "a stack trace of Java",
        re.compile(
            r"\bat [\w$./@-]+\.[\w$<>]+"
            r"\((?:[\w$]+\.(?:java|kt|scala|groovy):\d+|Native Method|Unknown Source)\)"
        ),
    ),
    (
        "a stack trace of Python",
        re.compile(r"Traceback \(most recent call last\)|\bFile \"[^\"\n]+\", line \d+"),
    ),
    (
        "a stack trace of JavaScript",
        re.compile(
            r"\bat (?:[\w$.<>\[\] ]{1,200} \()?(?:file://|node:|/|[A-Z]:\\)[^\s()]{0,500}:\d+:\d+"
        ),
    ),
    (
        "a stack trace of .NET",
        re.compile(r"\bat [\w.`<>]{1,300}\([^)\n]{0,300}\) in [^\n]{1,300}:line \d+"),
    ),
    ("a stack trace of Go", re.compile(r"\bgoroutine \d+ \[\w[\w ]*\]:")),
    ("a stack trace of Ruby", re.compile(r"\.rb:\d+:in [`'][^'\n]{1,200}'")),
    (
        "a stack trace of PHP",
        re.compile(
            r"\bStack trace:\s*#0 "
            r"|\bin (?:<b>)?/[^\s<]+\.php(?:</b>)?(?: on line |:)(?:<b>)?\d+"
        ),
    ),
    (
        "a panic of Rust",
        re.compile(
            r"\bthread '[^'\n]*' panicked at "
            r"|\bcalled `(?:Option|Result)::\w{1,30}\(\)` on an? `(?:None|Err|Ok)` value"
        ),
    ),
    (
        "an error of a database",
        re.compile(
            r"\bSQLSTATE\b|\bORA-\d{5}\b|You have an error in your SQL syntax"
            r"|\bsyntax error at or near\b|\bnear \"[^\"\n]*\": syntax error"
            r"|\b(?:PSQL|SQLSyntaxError|SQLGrammar|SQLite|Mongo(?:Query|Server)?)Exception\b"
            r"|\bsqlite3\.\w*Error\b|\bMongo(?:Server|Network|BulkWrite|Parse)?Error\b"
            r"|\bSQLITE_(?:BUSY|CANTOPEN|CONSTRAINT|CORRUPT|ERROR|LOCKED|MISMATCH|RANGE)\b"
            r"|\bERROR [\dA-Z]{4,5} \([\dA-Z]{5}\):|\bError \d{4} \([\dA-Z]{5}\):"
            r"|\binvalid input (?:syntax|value) for (?:type|enum) [\w ]{1,40}: \""
            r"|\bIncorrect \w{1,20} value: '[^'\n]{0,300}' for column\b"
            r"|\bConversion failed when converting the \w{1,20} value\b"
            r"|\bUnclosed quotation mark after the character string\b"
            r"|\bSELECT\s[\w*.,\s\"`]{1,300}\sFROM\s[\w\"`.]{1,100}\s{1,9}WHERE\b",
        ),
    ),
    (
        "a statement of a database",
        # In mixed case these words are plain English as well, so the whole statement must match.
        re.compile(
            r"\bselect\s{1,9}(?:distinct\s{1,9})?"
            r"[\w\"`.*]{1,60}(?:\s{0,9},\s{0,9}[\w\"`.*]{1,60}){0,30}"
            r"\s{1,9}from\s{1,9}[\w\"`.]{1,100}(?:\s{1,9}(?:as\s{1,9})?\w{1,60})?"
            r"\s{1,9}where\s{1,9}\(?[\w\"`.]{1,100}"
            r"\s{0,9}(?:[=<>]|!=|like\s{1,9}['?$:]|in\s{0,9}\(|is (?:not )?null\b)",
            re.IGNORECASE,
        ),
    ),
    (
        "the class of an exception",
        # On its own, or in a framework's message for the caller ("…; nested exception is …"), the
        # name of an exception may be an error code. In a chain of causes, or as an HTML element, it
        # is an exception of the server.
        re.compile(
            r"(?:\bCaused by: |>)"
            r"(?:[a-z_]\w{0,40}\.){2,9}[A-Z][\w$]{0,100}(?:Exception|Error)\b"
        ),
    ),
    (
        "a class of its code",
        re.compile(
            r"\bCannot (?:deserialize|construct) (?:value|instance) of (?:type )?[`'\"]?"
            r"(?!javax?\.)(?:[a-z_]\w{0,40}\.){2,9}[A-Z]\w{0,100}"
        ),
    ),
    (
        "a place in its source code",
        re.compile(
            r"(?<![\w.:/%-])(?:[A-Z]:\\|/)(?:[\w.@+-]{1,100}[\\/]){1,20}[\w.@+-]{1,100}"
            r"\.(?:[cm]?[jt]sx?|py|rb|php|go|rs|java|kt|scala|cs|exs?):\d+"
        ),
    ),
)
"""Descriptions and patterns of internals.

Repetition is bounded, so that every body can be searched quickly.
"""


def exposed(exchange: Exchange) -> str | None:
    """Describe the internals of the server in a response; ``None`` if there are none."""
    return _exposed(exchange.body)


@lru_cache(maxsize=256)
def _exposed(body: bytes) -> str | None:
    for text in _texts(body):
        for what, sign in SIGNS:
            if sign.search(text):
                return what
    return None


def _texts(body: bytes) -> Iterator[str]:
    """Yield the strings of a JSON body, or any other body as text."""
    decoded = decode(body)
    if decoded.error is not None:
        yield body[:LONGEST].decode("utf-8", "replace")
        return
    # The frames of a stack trace may also be elements of an array or fields of an object.
    yield "\n".join(strings_in(decoded.value))[:LONGEST]
