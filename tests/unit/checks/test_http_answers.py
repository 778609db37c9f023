"""HTTP requirements on canned responses: violations, legal responses and missing evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.exchanges import CLUSTER, evidence, exchange, provider, select
from support.canned.verdicts import (
    UNFILTERED,
    Broken,
    answering,
    as_tests,
    only,
    replacing,
    verdict,
)

from conformance.checks.registry import all_checks
from conformance.checks.verdict import Outcome
from conformance.contract.loader import load
from conformance.contract.query import documented
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, Trouble, TroubleKind
from conformance.evidence.spans import Span

LAW = load()
ONE_TEXT = "one complete JSON text in UTF-8"
SAME = "under which the body reads differently than in UTF-8"


def typed(content_type: str | None, body: Any = CLUSTER) -> Evidence:
    headers = {} if content_type is None else {"Content-Type": content_type}
    return answering(body, headers=headers)


def with_trouble(kind: TroubleKind, *, status: int = 200) -> Evidence:
    lost = replace(exchange(b"", "category=GIT", status=status), trouble=Trouble(kind, "why"))
    return evidence(replaced={"category=GIT": lost})


DEEP = b'[{"name": "a", "configuration": ' + b'{"a":' * 600 + b"1" + b"}" * 601 + b"]"
"""Well-formed, and nested more deeply than the suite decodes."""


def git(requirement: str, body: Any, observed: str, expected: str, status: int = 200) -> Broken:
    gathered = replacing("category=GIT", body, status=status)
    return Broken(requirement, gathered, observed, expected, "category=GIT")


def heads(*found: Exchange) -> Evidence:
    return evidence(head_requests=found)


def head(status: int, body: Any = b"") -> Exchange:
    return exchange(body, UNFILTERED, method="HEAD", status=status)


def malformed(of_head: int, of_get: int) -> Evidence:
    query = "activeOnly=maybe"
    asked = exchange(b"", query, method="HEAD", status=of_head)
    return evidence(exchange(b"", query, status=of_get), head_requests=(asked,))


def negotiated(status: int, *accepts: str) -> Evidence:
    found = (exchange(b"", UNFILTERED, status=status) for _ in accepts)
    return evidence(
        negotiated=tuple(
            replace(one, request=replace(one.request, accept=accept))
            for one, accept in zip(found, accepts, strict=True)
        )
    )


LOST = Trouble(TroubleKind.CLOSED, "why")
ACCEPTS = ("*/*", "application/*", "application/json;q=0.5")
HEAD = f"HEAD {LAW.path}?{UNFILTERED.wire}"
BROKEN = [
    *(
        Broken(
            "HTTP-06",
            heads(head(status)),
            f"status {status}",
            "status 200, like GET",
            UNFILTERED.wire,
            asked=HEAD,
        )
        for status in (204, 400, 500)
    ),
    Broken(
        "HTTP-06",
        heads(head(200, CLUSTER)),
        "a body after the headers",
        "headers only",
        UNFILTERED.wire,
        asked=HEAD,
    ),
    Broken(
        "HTTP-06",
        malformed(200, 400),
        "status 200",
        "status 400, like GET",
        "activeOnly=maybe",
        asked=f"HEAD {LAW.path}?activeOnly=maybe",
    ),
    Broken(
        "HTTP-07",
        negotiated(406, "*/*"),
        "status 406 for Accept: */*",
        "status 200",
        UNFILTERED.wire,
    ),
    *(
        Broken("HTTP-01", replacing("", b"", status=status), f"status {status}", "status 200")
        for status in (201, 204, 302, 400, 401, 404, 500)
    ),
    *(git("HTTP-01", b"", f"status {status}", "status 200", status) for status in (401, 500)),
    *(
        Broken(requirement, with_trouble(kind, status=status), "why", expected, "category=GIT")
        for requirement, kind, status, expected in (
            ("HTTP-01", TroubleKind.TIMEOUT, 0, "status 200"),
            ("HTTP-03", TroubleKind.CUT_SHORT, 200, ONE_TEXT),
            ("HTTP-03", TroubleKind.UNDECODABLE, 200, ONE_TEXT),
        )
    ),
    Broken(
        "HTTP-01",
        evidence(
            spans=(), opening=exchange(b"", status=404), refusal="the server has no such path"
        ),
        "status 404",
        "status 200",
    ),
    Broken("HTTP-02", typed(None), "no Content-Type", "Content-Type: application/json"),
    *(
        Broken("HTTP-02", typed(sent), f"Content-Type: {shown or sent}", "application/json")
        for sent, shown in (
            ("text/html; charset=utf-8", ""),
            *((sent, "") for sent in ("text/json", "application/json, text/html", "json", "")),
            ("text/\x1b[31mplain", "text/\\u001b[31mplain"),
            ("x" * 200, "x" * 79 + "…"),
        )
    ),
    *(
        Broken(
            "HTTP-02",
            typed(f"application/json; charset={charset}", body),
            f"Content-Type: application/json; charset={charset}, {SAME}",
            "UTF-8, or no charset",
        )
        for charset, body in (
            ("utf-16", CLUSTER),
            ("iso-8859-1", '[{"name": "bücher"}]'.encode()),
            ("us-ascii", '[{"name": "bücher"}]'.encode()),
            ("klingon", CLUSTER),
        )
    ),
    *(
        Broken("HTTP-03", replacing("", body), observed, ONE_TEXT)
        for body, observed in (
            (b"", "the body is empty"),
            (b"[]]", "something follows the JSON text at character 2"),
            (b'[{"name": "op', "the JSON text is cut short at character 13"),
            (b"\xff[]", "byte 0 is not UTF-8"),
            (b"\xef\xbb\xbf[]", "the body begins with a byte order mark"),
            (b"<html/>", "the body is not JSON at character 0: Expecting value"),
            (b"[NaN]", "the word NaN, which JSON does not have"),
            (b'["\n"]', "the body is not JSON at character 2: Invalid control character"),
            # Nested too deeply to be decoded, but recognisably not JSON.
            (b"[NaN," + DEEP[1:], "the word NaN, which JSON does not have"),
        )
    ),
    *(
        Broken(
            "HTTP-04",
            replacing("", body),
            f'the field "{shown}" occurs twice in one object',
            "each field once",
            "",
            place,
        )
        for body, shown, place in (
            (b'[{"name": "a"}, {"name": "b", "x": {"k": 1, "k": 1}}]', "k", "/1/x/k"),
            (b'[{"a\\u001b": 1, "a\\u001b": 2, "name": "a"}]', "a\\u001b", "/0/a\x1b"),
        )
    ),
    *(
        git("HTTP-05", b"", f"status {status}", "status 200 and []", status)
        for status in (201, 204, 302, 400, 404)
    ),
    *(
        git("HTTP-05", body, observed, "[]")
        for body, observed in (
            (None, "null"),
            ({}, "empty object"),
            ("", "string of 0 characters"),
            ({"content": []}, "object with content"),
            (b"", "the body is empty"),
            (b" \n", "the body holds nothing but blanks"),
        )
    ),
]

LEGAL = [
    ("HTTP-06", heads(head(200))),
    # Something else answered, or was too busy.
    ("HTTP-06", heads(head(200), head(503), replace(head(0), trouble=LOST))),
    # A part of the server that is down may have answered the GET.
    (
        "HTTP-06",
        replace(malformed(400, 404), head_requests=(head(200), *malformed(400, 404).head_requests)),
    ),
    # A client that accepts anything may get something else than JSON.
    ("HTTP-07", negotiated(200, *ACCEPTS)),
    ("HTTP-01", evidence()),
    # HTTP-05 judges what takes the place of an empty array.
    ("HTTP-01", replacing("category=GIT", b"", status=404)),
    # HTTP-03 judges a truncated body; no requirement forbids a 400 for an unusual query.
    ("HTTP-01", with_trouble(TroubleKind.CUT_SHORT)),
    ("HTTP-01", evidence(exchange(b"", "category=NONE&activeOnly=false", status=400))),
    *(
        ("HTTP-02", typed(content_type))
        for content_type in (
            "application/json;charset=UTF-8",
            'Application/JSON ; charset="utf8"',
            "application/json; charset=ISO-8859-1",
            "application/json; profile=x",
        )
    ),
    ("HTTP-02", evidence(exchange(b"<html/>", "category=NONE", status=400, headers={}))),
    ("HTTP-03", answering(b" \r\n\t[]\n")),
    ("HTTP-03", answering('["语言", "\\ud83d", 1e400]'.encode())),
    ("HTTP-03", evidence(exchange(b"<html/>", "category=NONE", status=404))),
    ("HTTP-04", answering(b'[{"name": "a", "x": {"name": "a"}}, {"name": "b", "Name": 1}]')),
    ("HTTP-05", evidence()),
    # HTTP-01 judges other failures of such a query.
    *(("HTTP-05", replacing("category=GIT", b"", status=status)) for status in (401, 500)),
    # Undocumented queries may return any status.
    ("HTTP-05", evidence(exchange(b"", "category=NONE&activeOnly=false", status=404))),
]


@pytest.mark.slow
def test_a_body_too_deep_to_decode_violates_no_requirement() -> None:
    gathered = replacing("category=AI_MODEL", DEEP)
    result = verdict("HTTP-03", gathered)
    reason = (
        "the response to ?category=AI_MODEL could not be judged: the JSON is nested too deeply to "
        "be read"
    )
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, reason)
    for requirement in LAW.requirements:
        assert verdict(requirement.id, gathered).outcome is not Outcome.FAILED
        assert verdict(requirement.id, answering(DEEP)).outcome is not Outcome.FAILED


def empty_results(body: bytes) -> Evidence:
    """Return evidence in which this is the body of every result that is empty."""
    empty = [query for query in documented(LAW) if not select(query)]
    return evidence(replaced={query.wire: exchange(body, query) for query in empty})


EVERY_VIEW_FULL = tuple(
    provider(f"{category}-{enabled}", category=category, enabled=enabled)
    for category in LAW.filter("category").supported
    for enabled in (True, False)
)
REFUSED = only(exchange(b"", UNFILTERED, status=500))
NOTHING_EMPTY = "the target showed no documented query with an empty result"

INCONCLUSIVE = [
    (
        "HTTP-01",
        only(exchange([], UNFILTERED)),
        "the target showed only 1 response to a documented query (2 needed)",
    ),
    (
        "HTTP-01",
        evidence(passed_over=(exchange(b"", "category=GIT", status=403),)),
        (
            "a query (?category=GIT) got status 403, and not when it was repeated at once: an "
            "outage may have ended then"
        ),
    ),
    ("HTTP-02", REFUSED, "the target showed no response with status 200"),
    ("HTTP-03", REFUSED, "the target showed no response with status 200"),
    ("HTTP-04", answering([]), "the target showed no provider"),
    ("HTTP-05", evidence(cluster=EVERY_VIEW_FULL), NOTHING_EMPTY),
    *(
        ("HTTP-05", empty_results(body), NOTHING_EMPTY)
        for body in (b"[", b"\xff", b"<html/>", DEEP)
    ),
    # Between two different unfiltered lists, no result is known to be empty.
    (
        "HTTP-05",
        evidence(
            spans=(
                Span(
                    exchange([], UNFILTERED),
                    (exchange(b"", "category=GIT", status=404),),
                    exchange(CLUSTER, UNFILTERED),
                ),
            )
        ),
        NOTHING_EMPTY,
    ),
]
test_broken, test_unusual_but_legal, test_inconclusive = as_tests(BROKEN, LEGAL, INCONCLUSIVE)


def test_each_distinct_violation_counts_once() -> None:
    assert all_checks()["HTTP-02"](typed("text/plain")).found == 1
    number = len(documented(LAW))
    assert all_checks()["HTTP-01"](answering(b"", status=500)).found == number


PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
CODECS = ("idna", "punycode", "unicode_escape", "hex", "undefined", "utf-7", "rot13", "a\0")


@given(
    st.text(st.characters(max_codepoint=255), max_size=40)
    | (PRINTABLE | st.sampled_from(CODECS)).map(lambda one: f"application/json; charset={one}")
)
def test_no_content_type_breaks_the_check(value: str) -> None:
    body = exchange(b'["\\u00e9"]', UNFILTERED, headers={"Content-Type": value})
    all_checks()["HTTP-02"](only(body))


def test_head_need_not_be_offered() -> None:
    for status in (404, 405, 501):
        result = verdict("HTTP-06", heads(head(status)))
        assert (result.outcome, result.reason) == (
            Outcome.NOT_APPLICABLE,
            "the server does not offer HEAD",
        )
