"""ROBUST requirements on canned responses: violations, legal responses and missing evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.canned.exchanges import CLUSTER, evidence, exchange, provider
from support.canned.verdicts import LAW, UNFILTERED, Broken, as_tests, verdict

from conformance.checks.verdict import Outcome
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, Trouble, TroubleKind
from conformance.evidence.spans import Span
from conformance.runner.unusual_queries import unusual
from conformance.target.refused_credentials import forms

OPEN, OLD, PINE, KAFKA = CLUSTER
ACTIVE = [OPEN, PINE]
INACTIVE = [OLD, KAFKA]
TRACE = "java.lang.IllegalState: no\n\tat com.example.Switches.parse(Switches.java:57)"
CAUSE = "Caused by: java.lang.IllegalArgumentException"
NESTED = b'{"a":' * 600 + b"1" + b"}" * 600
TOO_DEEP = b'[{"description": "' + CAUSE.encode() + b'", "configuration": ' + NESTED + b"}]"
"""Nested more deeply than the suite decodes."""
NO_TOKEN = forms("an-opaque-token")[0].access

EXPECTED = {
    "ROBUST-01": "a response with a status below 500",
    "ROBUST-02": "a response without internal details of the server",
    "ROBUST-03": "a 4xx status, the active providers, or all of them",
    "ROBUST-04": "the response without that parameter, or a 4xx status",
    "ROBUST-07": "the response without that parameter, or a 4xx status",
    "ROBUST-05": "a 4xx status, or the response to one of the values or to all of them",
    "ROBUST-06": "a 4xx status, no provider, or the response without a category",
}


def troubled(query: str, kind: TroubleKind, reason: str, status: int = 0) -> Exchange:
    return replace(exchange(b"", query, status=status), trouble=Trouble(kind, reason))


def refused(body: Any, status: int = 400) -> Exchange:
    return exchange(body, "activeOnly=maybe", status=status)


def unauthenticated(body: Any) -> Evidence:
    return evidence(refusals=(exchange(body, status=401, access=NO_TOKEN),))


def broken(requirement: str, answer: Exchange, observed: str) -> Broken:
    return Broken(
        id=requirement,
        gathered=evidence(answer),
        observed=observed,
        expected=EXPECTED[requirement],
        query=answer.query.wire,
    )


def view(requirement: str, query: str, body: list[Any], which: str) -> Broken:
    number = f"{len(body)} provider{'' if len(body) == 1 else 's'}"
    return broken(requirement, exchange(body, query), f"{number}, {which}")


WITH, WITHOUT = 'with provider "{}"'.format, 'without provider "{}"'.format
BOTH = "activeOnly=true&activeOnly=false"
TWO = "category=AI_MODEL&category=VECTOR_DB&activeOnly=false"

VIEWS: list[tuple[str, str, list[Any], str]] = [
    ("ROBUST-03", "activeOnly=maybe", INACTIVE, WITHOUT("openAI")),
    ("ROBUST-03", "activeOnly", [*ACTIVE, OLD], WITH("old-openAI")),
    ("ROBUST-03", "activeOnly=TRUE", [*ACTIVE, provider("ghost")], WITH("ghost")),
    ("ROBUST-03", "category=AI_MODEL&activeOnly=0", list(CLUSTER), WITH("kafka")),
    ("ROBUST-04", "zvqx=1", [OPEN], WITHOUT("pinecone")),
    ("ROBUST-04", "category=AI_MODEL&activeOnly=false&zvqx1=1", [OPEN], WITHOUT("old-openAI")),
    ("ROBUST-07", "limit=1", [OPEN], WITHOUT("pinecone")),
    ("ROBUST-07", "fields=apis", [{}, {}], 'all without a name, and none called "openAI"'),
    (
        "ROBUST-07",
        "fields=type",
        [OPEN, {"type": "pineconedb"}],
        '1 of them without a name, and none called "pinecone"',
    ),
    ("ROBUST-07", "activeOnly=false&page=2&size=1", [OLD], WITHOUT("kafka")),
    ("ROBUST-07", "type=openai", [OPEN, OLD], WITH("old-openAI")),
    ("ROBUST-07", "category=AI_MODEL&activeOnly=false&x=", [OPEN], WITHOUT("old-openAI")),
    ("ROBUST-05", BOTH, INACTIVE, WITHOUT("openAI")),
    ("ROBUST-05", "activeOnly=true&activeOnly=true", [], WITHOUT("openAI")),
    ("ROBUST-05", TWO, [OPEN, PINE], WITH("openAI")),
    ("ROBUST-05", "category=GIT&category=GIT&activeOnly=false", [PINE], WITH("pinecone")),
    ("ROBUST-06", "category=", [OPEN], WITH("openAI")),
    ("ROBUST-06", "category=&activeOnly=true", INACTIVE, WITH("kafka")),
    ("ROBUST-06", "category=%20&activeOnly=false", [OPEN, OLD, PINE], WITHOUT("kafka")),
]
BROKEN = [
    *(
        broken("ROBUST-01", exchange(b"", query, status=number), f"status {number}")
        for query, number in (
            ("activeOnly=maybe", 500),
            ("category=%00&activeOnly=false", 500),
            ("activeOnly=false&page=2&size=1", 501),
            (BOTH, 505),
            ("category=NO_SUCH", 599),
        )
    ),
    *(
        broken("ROBUST-01", troubled("category=%FF", kind, reason), reason)
        for kind, reason in (
            (TroubleKind.CLOSED, "the connection was closed without a response"),
            (TroubleKind.TIMEOUT, "no answer within 10 seconds"),
            (TroubleKind.NOT_HTTP, "what came back is not HTTP"),
        )
    ),
    broken(
        "ROBUST-01",
        replace(exchange(b"", "category=%25", status=503), settled=True, attempts=4),
        "status 503, in each of 4 attempts while other queries were answered",
    ),
    Broken(
        "ROBUST-01",
        evidence(
            refusals=tuple(
                exchange(b"", "category=GIT", status=status, access=NO_TOKEN)
                for status in (500, 401)
            )
        ),
        "status 500, but not when repeated",
        EXPECTED["ROBUST-01"],
        "category=GIT",
        asked=f"GET {LAW.path}?category=GIT with {NO_TOKEN.form}",
    ),
    *(
        broken("ROBUST-02", answer, f"status {answer.status} with {what}")
        for answer, what in (
            (refused({"status": 400, "trace": TRACE}), "a stack trace of Java"),
            (refused(TRACE.encode(), 500), "a stack trace of Java"),
            (refused({"trace": TRACE}, 200), "a stack trace of Java"),
            (refused(TOO_DEEP, 500), "the class of an exception"),
            (
                refused({"message": CAUSE}),
                "the class of an exception",
            ),
            (
                refused({"stack": ["at parse (/srv/app/providers.js:41:17)"]}),
                "a stack trace of JavaScript",
            ),
            (
                refused({"message": 'ERROR: syntax error at or near "OR"'}, 422),
                "an error of a database",
            ),
        )
    ),
    Broken(
        id="ROBUST-02",
        gathered=unauthenticated({"message": "Unauthorized", "details": {"cause": TRACE}}),
        observed="status 401 with a stack trace of Java",
        expected=EXPECTED["ROBUST-02"],
        asked=f"GET {LAW.path} with {NO_TOKEN.form}",
    ),
    # Including the response to a documented query, if it is not a list of providers.
    Broken(
        id="ROBUST-02",
        gathered=evidence(replaced={"": exchange(TRACE.encode(), status=500)}),
        observed="status 500 with a stack trace of Java",
        expected=EXPECTED["ROBUST-02"],
    ),
    *(view(*case) for case in VIEWS),
    *(
        broken(requirement, exchange(b"", query, status=number), f"status {number}")
        for requirement, query in (
            ("ROBUST-03", "activeOnly=maybe"),
            ("ROBUST-04", "activeOnly=false&zvqx=2"),
            ("ROBUST-07", "activeOnly=false&page=2"),
            ("ROBUST-05", BOTH),
            ("ROBUST-06", "category=&activeOnly=false"),
        )
        for number in (204, 302, 304)
    ),
]


def asking(body: Any, *wires: str) -> Evidence:
    """Return evidence of a run that got the same response to each of these queries."""
    return evidence(*(exchange(body, wire) for wire in wires))


def refusing(wires: tuple[str, ...], status: int = 400) -> Evidence:
    return evidence(*(exchange({"message": "no"}, wire, status=status) for wire in wires))


BOOLEANS = tuple(f"activeOnly={value}" for value in ("maybe", "TRUE", "1", "", "%20true"))
MEANINGLESS = ("activeOnly=false&zvqx=1", "zvqx1=1&zvqx2=2")
UNKNOWNS = tuple(f"activeOnly=false&{one}" for one in ("page=2", "limit=1", "x", "%5B%5D=&="))
SWITCHES = (BOTH, "activeOnly=false&activeOnly=true")
TWICE = (TWO, "category=VECTOR_DB&category=AI_MODEL&activeOnly=false")
EMPTIES = ("category=&activeOnly=false", "category=%20&activeOnly=false")
INPUTS = unusual(LAW)


def robust(body: Any, status: int) -> Evidence:
    """Return evidence of a run that got the same response to every unusual query."""
    return evidence(*(exchange(body, query, status=status) for query in INPUTS))


CONVERSION = (
    "Failed to convert value of type 'java.lang.String' to required type 'java.lang.Boolean'; "
    "nested exception is java.lang.IllegalArgumentException: Invalid boolean value [maybe]"
)

LEGAL = [
    *(("ROBUST-01", robust({"message": "no"}, number)) for number in (400, 404, 414, 422, 431)),
    ("ROBUST-01", robust([], 200)),
    ("ROBUST-01", robust(b"<html>", 302)),
    # HTTP-01 judges errors of documented queries, and HTTP-03 judges bodies.
    (
        "ROBUST-01",
        evidence(
            *(exchange([], query) for query in INPUTS),
            exchange(b"", "activeOnly=false&category=GIT", status=500),
            exchange(b"", "%63ategory=GI%54", status=500),
            *(
                troubled(f"category={kind}", kind, "it broke", 200)
                for kind in TroubleKind
                if kind.name in ("CUT_SHORT", "UNDECODABLE", "TOO_LARGE")
            ),
            replaced={"": exchange(b"", status=500)},
        ),
    ),
    *(
        ("ROBUST-02", evidence(refused(body)))
        for body in (
            {"status": 400, "message": CONVERSION, "retryable": False},
            {"message": "at least one value of activeOnly is required (line 3)"},
            {"message": 'near "maybe": expected true or false'},
            {"message": "Select a category from the list where one is needed"},
            {"error": "java.lang.IllegalArgumentException"},
            b"<html><h1>400</h1></html>",
            b"",
            b"\xff\xfe\x00",
        )
    ),
    ("ROBUST-02", unauthenticated({"message": "A token is required"})),
    # The description of a provider is data, and other endpoints are not judged.
    (
        "ROBUST-02",
        evidence(
            refused({"message": "no"}),
            exchange([provider(description=TRACE)], "activeOnly=TRUE"),
            exchange(TOO_DEEP, "activeOnly=TRUE"),
            exchange({"trace": TRACE}, UNFILTERED, path="/api/integrations/", status=500),
            cluster=[provider(description=TRACE)],
        ),
    ),
    *(("ROBUST-03", asking(body, *BOOLEANS)) for body in (ACTIVE, list(CLUSTER[::-1]))),
    # FILTER-07 judges providers that the unfiltered list omits.
    ("ROBUST-03", asking([*CLUSTER, provider("hidden", enabled=False)], *BOOLEANS)),
    # A server may interpret each value differently, strictly or not.
    (
        "ROBUST-03",
        evidence(
            exchange(ACTIVE, "activeOnly=TRUE"),
            exchange(list(CLUSTER), "activeOnly=no"),
            exchange([], "category=GIT&activeOnly="),
            exchange([OPEN], "category=AI_MODEL&activeOnly=1"),
            exchange([OPEN, OLD], "category=AI_MODEL&activeOnly=0"),
            exchange({}, "activeOnly=maybe", status=400),
        ),
    ),
    *(("ROBUST-03", refusing(BOOLEANS, number)) for number in (400, 404, 422)),
    # Other requirements judge a body that is not a list, a 5xx status, and these queries.
    (
        "ROBUST-03",
        evidence(
            *(exchange(ACTIVE, wire) for wire in BOOLEANS),
            exchange(b"", "activeOnly=x", status=500),
            exchange({"content": []}, "activeOnly=y"),
            exchange(b"[", "activeOnly=z"),
            exchange(INACTIVE, "activeOnly=maybe&page=2"),
            exchange(INACTIVE, "activeOnly=maybe&activeOnly=maybe"),
            exchange(INACTIVE, "category=NO_SUCH&activeOnly=maybe"),
            exchange(INACTIVE, "category=&activeOnly=maybe"),
        ),
    ),
    ("ROBUST-04", asking(list(CLUSTER), MEANINGLESS[0])),
    ("ROBUST-04", asking(ACTIVE, MEANINGLESS[1])),
    ("ROBUST-04", refusing(MEANINGLESS)),
    # A server may have learnt these: ROBUST-07 judges them.
    (
        "ROBUST-04",
        evidence(
            exchange(ACTIVE, "zvqx=1"),
            *(exchange([OPEN], wire) for wire in ("zvqx=1&limit=1", "limit=1", "CATEGORY=GIT")),
        ),
    ),
    ("ROBUST-07", asking(list(CLUSTER), *UNKNOWNS)),
    ("ROBUST-07", refusing(UNKNOWNS)),
    (
        "ROBUST-07",
        evidence(
            exchange(ACTIVE, "x=1"),
            exchange(ACTIVE, "x=1&activeOnly=true"),
            exchange([OPEN, OLD], "category=AI_MODEL&x=1&activeOnly=false"),
            exchange([{**PINE, "etag": 1}], "category=VECTOR_DB&x=1"),
            exchange({}, "activeonly=false", status=400),
            # Other requirements judge results that are wrong without the parameter, too.
            exchange([], "activeOnly=maybe&x=1"),
            exchange([], "activeOnly=true&activeOnly=true&x=1"),
            exchange([KAFKA], "category=NO_SUCH&x=1"),
        ),
    ),
    *(("ROBUST-05", asking(body, *SWITCHES)) for body in (ACTIVE, list(CLUSTER))),
    # The values joined by commas are a category that no provider has.
    (
        "ROBUST-05",
        asking([], *(f"category={one}&category={one}" for one in ("AI_MODEL", "VECTOR_DB"))),
    ),
    *(("ROBUST-05", asking(body, *TWICE)) for body in ([OPEN, OLD], [PINE], [OPEN, OLD, PINE], [])),
    ("ROBUST-05", refusing((*SWITCHES, *TWICE))),
    (
        "ROBUST-05",
        evidence(
            *(exchange(ACTIVE, wire) for wire in SWITCHES),
            exchange([], "x=1&x=2"),
            exchange([], "activeOnly=true&activeOnly=true&x=1"),
            exchange([KAFKA], "category=NO_SUCH&category=ANOTHER&activeOnly=false"),
        ),
    ),
    *(("ROBUST-06", asking(body, *EMPTIES)) for body in ([], list(CLUSTER))),
    ("ROBUST-06", asking(ACTIVE, "category=")),
    ("ROBUST-06", refusing(EMPTIES)),
    (
        "ROBUST-06",
        evidence(
            exchange([], "category="),
            exchange([OPEN], "category=&category="),
            exchange([OPEN], "category=&activeOnly=maybe"),
            exchange([OPEN], "category=&x=1"),
            exchange([OPEN], "category=%00&activeOnly=false"),
        ),
    ),
]


A, MANY = "conclusive response to a", "conclusive responses to"
JUDGED = {
    "ROBUST-03": (4, BOOLEANS, f"{A} malformed boolean", f"{MANY} malformed booleans"),
    "ROBUST-04": (1, MEANINGLESS, f"{A}n unknown parameter", ""),
    "ROBUST-07": (4, UNKNOWNS, f"{A} parameter of other APIs", f"{MANY} parameters of other APIs"),
    "ROBUST-05": (2, SWITCHES, f"{A} repeated parameter", ""),
    "ROBUST-06": (1, EMPTIES, f"{A}n empty category", ""),
}
SHOWED = "the target showed"
NO_PROVIDER = {"ROBUST-03": "no active provider", "ROBUST-06": "no provider (2 needed)"}
"""What a cluster without providers lacks, other than one provider."""
TOO_SMALL = {
    # Without active ones, none and all are the two legal results.
    "ROBUST-03": ([OLD], "no active provider"),
    "ROBUST-06": ([OLD], "only 1 provider (2 needed)"),
}


def few(number: int, requirement: str) -> str:
    needed, _, *nouns = JUDGED[requirement]
    amount = f"only {number}" if number else "no"
    more = "" if needed == 1 else f" ({needed} needed)"
    return f"{SHOWED} {amount} {nouns[number > 1]}{more}"


INCONCLUSIVE = [
    ("ROBUST-01", evidence(), f"{SHOWED} no unusual query (20 needed)"),
    (
        "ROBUST-01",
        asking([], *(query.wire for query in INPUTS[:19])),
        f"{SHOWED} only 19 unusual queries (20 needed)",
    ),
    ("ROBUST-02", evidence(), f"{SHOWED} no response other than a list of providers"),
]
test_broken, test_unusual_but_legal, test_inconclusive = as_tests(BROKEN, LEGAL, INCONCLUSIVE)

WHOLE = exchange(list(CLUSTER), UNFILTERED)
LESS = exchange(list(CLUSTER[:3]), UNFILTERED)


@pytest.mark.parametrize("requirement", JUDGED)
def test_inconclusive_comparisons(requirement: str) -> None:
    needed, wires, *_ = JUDGED[requirement]
    none = few(0, requirement)
    nobody = NO_PROVIDER.get(requirement, "no provider")
    small, lacking = TOO_SMALL.get(requirement, ([], nobody))
    unreadable = [exchange({"oops": 1}, wire) for wire in wires]
    unreadable += [exchange(b"", wire, status=500) for wire in wires]
    empty = [exchange([], wire) for wire in wires]
    wrong = tuple(exchange([OLD], wire) for wire in wires)
    changed = Span(WHOLE, wrong, LESS)
    kept_changing = "the target kept changing while it was read, so its responses could not be"
    steady = Span(WHOLE, wrong, WHOLE)
    for gathered, reason in (
        (evidence(), none),
        (evidence(*unreadable), none),
        (
            evidence(*empty[: needed - 1], cluster=[]),
            f"{few(needed - 1, requirement)}; {nobody}",
        ),
        # Without providers, all results are equal.
        (evidence(*empty, cluster=[]), f"{SHOWED} {nobody}"),
        (evidence(*empty, cluster=small), f"{SHOWED} {lacking}"),
        (evidence(spans=(changed,) * 5, opening=WHOLE), f"{kept_changing} compared"),
        # A difference must recur every time; until then, the requirement does not pass, either.
        (evidence(spans=(steady,) * 4, opening=WHOLE), none),
    ):
        result = verdict(requirement, gathered)
        assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, reason)
    settled = evidence(spans=(steady,) * 5, opening=WHOLE)
    assert verdict(requirement, settled).outcome is Outcome.FAILED
    # A refusal is judged however the cluster changes.
    refusals = tuple(exchange(b"", wire, status=400) for wire in wires)
    gathered = evidence(spans=(Span(WHOLE, refusals, LESS),), opening=WHOLE)
    assert verdict(requirement, gathered).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("requirement", "query", "plain"),
    [
        ("ROBUST-03", "activeOnly=maybe", "activeOnly=true"),
        ("ROBUST-07", "activeOnly=true&page=2", "activeOnly=true"),
        ("ROBUST-05", BOTH, "activeOnly=true"),
        ("ROBUST-06", "category=&activeOnly=true", "activeOnly=true"),
    ],
)
def test_a_violation_of_the_documented_query_is_reported_once(
    requirement: str, query: str, plain: str
) -> None:
    alone = evidence(exchange([KAFKA], query))
    assert verdict(requirement, alone).outcome is Outcome.FAILED
    both = evidence(exchange([KAFKA], query), replaced={plain: exchange([KAFKA], plain)})
    assert verdict(requirement, both).outcome is not Outcome.FAILED


def test_each_combination_of_parameters_is_counted_once() -> None:
    answers = [exchange(b"", f"activeOnly={value}", status=500) for value in ("1", "maybe")]
    answers += [exchange(b"", f"category={value}", status=500) for value in ("%00", "%01")]
    answers += [exchange(b"", "category=%00", status=501)]
    assert verdict("ROBUST-01", evidence(*answers)).reason == "3 violations"


def test_a_parameter_is_not_responsible_for_a_status_without_it() -> None:
    query = "category=GIT&activeOnly=false"
    empty = exchange(b"", query, status=204)
    with_unknown = exchange(b"", f"{query}&odd=1", status=204)
    # For another query, the unknown parameter is responsible.
    other = exchange(b"", "activeOnly=false&odd=1", status=204)
    result = verdict("ROBUST-07", evidence(with_unknown, other, replaced={empty.query.wire: empty}))
    assert [finding.query for finding in result.findings] == [other.query.wire]


def test_a_status_for_an_empty_result_is_judged_elsewhere() -> None:
    query = "category=EMAIL&activeOnly=false"
    empty = {query: exchange(b"", query, status=204)}
    for requirement, strange in (
        ("FILTER-03", "category=NONE&activeOnly=false"),
        ("ROBUST-06", "category=%20&activeOnly=false"),
    ):
        silent = exchange(b"", strange, status=204)
        assert verdict(requirement, evidence(silent)).outcome is Outcome.FAILED
        assert verdict(requirement, evidence(silent, replaced=empty)).outcome is not Outcome.FAILED


def test_a_finding_names_the_query_without_the_parameter_for_comparison() -> None:
    gathered = evidence(exchange(list(CLUSTER), "category=AI_MODEL&zvqx=1"))
    (finding, *_) = verdict("ROBUST-04", gathered).findings
    assert finding.compared is not None
    assert finding.compared.query == "category=AI_MODEL"
    # Either answer is legal, so the unfiltered list shows what there is.
    gathered = evidence(exchange([], "activeOnly=yes"))
    (finding, *_) = verdict("ROBUST-03", gathered).findings
    assert finding.compared is not None
    assert finding.compared.query == UNFILTERED.wire
