"""ROBUST requirements on canned responses: violations, legal responses and missing evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.canned.exchanges import CLUSTER, evidence, exchange, provider, select
from support.canned.verdicts import LAW, UNFILTERED, Broken, label, verdict

from conformance.checks.verdict import Outcome
from conformance.contract.query import Query
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange, Trouble, TroubleKind
from conformance.evidence.spans import Span
from conformance.evidence.view_comparison import CONFIRMATIONS, KEPT_CHANGING
from conformance.runner.unusual_queries import NO_BOOLEANS, unusual
from conformance.target.refused_credentials import forms

OPEN, OLD, PINE, KAFKA = CLUSTER
ACTIVE = [OPEN, PINE]
INACTIVE = [OLD, KAFKA]
TRACE = "java.lang.IllegalState: no\n\tat com.example.Switches.parse(Switches.java:57)"
NO_TOKEN = forms("an-opaque-token")[0].access

BELOW = "an answer with a status below 500"
NO_LOOK = "an answer without a look into the server"
BOOLEAN = "a 4xx status, the active providers, or all of them"
UNKNOWN = "the answer without that parameter, or a 4xx status"
REPEATED = "a 4xx status, or the answer to one of the values or to all of them"
EMPTY = "a 4xx status, no provider, or the answer without a category"


def troubled(query: str, kind: TroubleKind, reason: str, status: int = 0) -> Exchange:
    return replace(exchange(b"", query, status=status), trouble=Trouble(kind, reason))


def refused(body: Any, status: int = 400, query: str = "activeOnly=maybe") -> Exchange:
    return exchange(body, query, status=status)


def unauthenticated(body: Any, status: int = 401) -> Evidence:
    return evidence(refusals=(exchange(body, status=status, access=NO_TOKEN),))


def internals(answer: Exchange, what: str) -> Broken:
    return Broken(
        id="ROBUST-02",
        gathered=evidence(answer),
        observed=f"status {answer.status} with {what}",
        expected=NO_LOOK,
        query=answer.query.wire,
    )


def view(requirement: str, query: str, body: Any, observed: str, expected: str) -> Broken:
    return Broken(
        id=requirement,
        gathered=evidence(exchange(body, query)),
        observed=observed,
        expected=expected,
        query=query,
    )


def status(requirement: str, query: str, number: int, expected: str) -> Broken:
    return Broken(
        id=requirement,
        gathered=evidence(exchange(b"", query, status=number)),
        observed=f"status {number}",
        expected=expected,
        query=query,
    )


BROKEN = [
    *(
        status("ROBUST-01", query, number, BELOW)
        for query, number in (
            ("activeOnly=maybe", 500),
            ("category=%00&activeOnly=false", 500),
            ("activeOnly=false&page=2&size=1", 501),
            ("activeOnly=true&activeOnly=false", 505),
            ("category=NO_SUCH", 599),
        )
    ),
    *(
        Broken(
            id="ROBUST-01",
            gathered=evidence(troubled("category=%FF", kind, reason)),
            observed=reason,
            expected=BELOW,
            query="category=%FF",
        )
        for kind, reason in (
            (TroubleKind.CLOSED, "the connection was closed without an answer"),
            (TroubleKind.TIMEOUT, "no answer within 10 seconds"),
            (TroubleKind.NOT_HTTP, "what came back is not HTTP"),
        )
    ),
    Broken(
        id="ROBUST-01",
        gathered=evidence(
            replace(exchange(b"", "category=%25", status=503), settled=True, attempts=4)
        ),
        observed="status 503, in each of 4 attempts while other queries were answered",
        expected=BELOW,
        query="category=%25",
    ),
    internals(refused({"status": 400, "trace": TRACE}), "a stack trace of Java"),
    internals(refused(TRACE.encode(), 500), "a stack trace of Java"),
    internals(
        refused({"message": "Caused by: java.lang.IllegalArgumentException"}),
        "the class of an exception",
    ),
    internals(refused(TRACE.encode(), 200), "a stack trace of Java"),
    internals(
        refused({"stack": ["at parse (/srv/app/providers.js:41:17)"]}),
        "a stack trace of JavaScript",
    ),
    internals(
        refused({"message": 'ERROR: syntax error at or near "OR"'}, 422), "an error of a database"
    ),
    Broken(
        id="ROBUST-02",
        gathered=unauthenticated({"message": "Unauthorized", "details": {"cause": TRACE}}),
        observed="status 401 with a stack trace of Java",
        expected=NO_LOOK,
        asked=f"GET {LAW.path} with {NO_TOKEN.form}",
    ),
    # Including the response to a documented query, if it is not a list of providers.
    Broken(
        id="ROBUST-02",
        gathered=evidence(replaced={"": exchange(TRACE.encode(), status=500)}),
        observed="status 500 with a stack trace of Java",
        expected=NO_LOOK,
    ),
    *(
        view("ROBUST-03", query, body, observed, BOOLEAN)
        for query, body, observed in (
            ("activeOnly=maybe", INACTIVE, '2 providers, without provider "openAI"'),
            ("activeOnly=maybe", [], '0 providers, without provider "openAI"'),
            ("activeOnly=", [OPEN], '1 provider, without provider "pinecone"'),
            ("activeOnly", [*ACTIVE, OLD], '3 providers, with provider "old-openAI"'),
            ("activeOnly=TRUE", [*ACTIVE, provider("ghost")], '3 providers, with provider "ghost"'),
            (
                "category=AI_MODEL&activeOnly=0",
                list(CLUSTER),
                '4 providers, with provider "kafka"',
            ),
            ("category=AI_MODEL&activeOnly=0", [OLD], '1 provider, without provider "openAI"'),
        )
    ),
    *(
        view("ROBUST-04", query, body, observed, UNKNOWN)
        for query, body, observed in (
            ("limit=1", [OPEN], '1 provider, without provider "pinecone"'),
            (
                "fields=apis",
                [{}, {}],
                '2 providers, all without a name, and none called "openAI"',
            ),
            (
                "fields=type",
                [OPEN, {"type": "pineconedb"}],
                '2 providers, 1 of them without a name, and none called "pinecone"',
            ),
            ("activeOnly=false&page=2&size=1", [OLD], '1 provider, without provider "kafka"'),
            ("activeOnly=false&verbose", ACTIVE, '2 providers, without provider "kafka"'),
            ("type=openai", [OPEN, OLD], '2 providers, with provider "old-openAI"'),
            (
                "category=AI_MODEL&activeOnly=false&x=",
                [OPEN],
                '1 provider, without provider "old-openAI"',
            ),
            ("q=a", [*ACTIVE, provider("ghost")], '3 providers, with provider "ghost"'),
        )
    ),
    *(
        view("ROBUST-05", query, body, observed, REPEATED)
        for query, body, observed in (
            (
                "activeOnly=true&activeOnly=false",
                INACTIVE,
                '2 providers, without provider "openAI"',
            ),
            ("activeOnly=true&activeOnly=true", [], '0 providers, without provider "openAI"'),
            (
                "category=AI_MODEL&category=VECTOR_DB&activeOnly=false",
                list(CLUSTER),
                '4 providers, with provider "kafka"',
            ),
            (
                "category=AI_MODEL&category=VECTOR_DB&activeOnly=false",
                [OPEN, PINE],
                '2 providers, with provider "openAI"',
            ),
            (
                "category=AI_MODEL&category=AI_MODEL&activeOnly=false",
                [],
                '0 providers, without provider "old-openAI"',
            ),
            (
                "category=GIT&category=GIT&activeOnly=false",
                [PINE],
                '1 provider, with provider "pinecone"',
            ),
        )
    ),
    *(
        view("ROBUST-06", query, body, observed, EMPTY)
        for query, body, observed in (
            ("category=", [OPEN], '1 provider, with provider "openAI"'),
            ("category=", list(CLUSTER), '4 providers, with provider "kafka"'),
            ("category=&activeOnly=true", INACTIVE, '2 providers, with provider "kafka"'),
            (
                "category=%20&activeOnly=false",
                [OPEN, OLD, PINE],
                '3 providers, without provider "kafka"',
            ),
        )
    ),
    *(
        status(requirement, query, number, expected)
        for requirement, query, expected in (
            ("ROBUST-03", "activeOnly=maybe", BOOLEAN),
            ("ROBUST-04", "activeOnly=false&page=2", UNKNOWN),
            ("ROBUST-05", "activeOnly=true&activeOnly=false", REPEATED),
            ("ROBUST-06", "category=&activeOnly=false", EMPTY),
        )
        for number in (204, 302, 304)
    ),
]


@pytest.mark.parametrize("case", BROKEN, ids=label)
def test_broken(case: Broken) -> None:
    case.check()


def asking(body: Any, *wires: str) -> Evidence:
    """Return evidence of a run that got the same response to each of these queries."""
    return evidence(*(exchange(body, wire) for wire in wires))


def refusing(wires: tuple[str, ...], status: int = 400) -> Evidence:
    return evidence(*(exchange({"message": "no"}, wire, status=status) for wire in wires))


BOOLEANS = tuple(f"activeOnly={value}" for value in ("maybe", "TRUE", "1", "", "%20true"))
UNKNOWNS = tuple(f"activeOnly=false&{one}" for one in ("page=2", "limit=1", "x", "%5B%5D=&="))
SWITCHES = ("activeOnly=true&activeOnly=false", "activeOnly=false&activeOnly=true")
TWO = "category=AI_MODEL&category=VECTOR_DB&activeOnly=false"
OWT = "category=VECTOR_DB&category=AI_MODEL&activeOnly=false"
TWICE = (TWO, OWT)
EMPTIES = ("category=&activeOnly=false", "category=%20&activeOnly=false")
INPUTS = unusual(LAW)


def robust(body: Any, status: int) -> Evidence:
    """Return evidence of a run that got the same response to every unusual query."""
    return evidence(*(exchange(body, query, status=status) for query in INPUTS))


CONVERSION = (
    "Failed to convert value of type 'java.lang.String' to required type 'java.lang.Boolean'; "
    "nested exception is java.lang.IllegalArgumentException: Invalid boolean value [maybe]"
)


@pytest.mark.parametrize(
    ("requirement", "gathered"),
    [
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
                replaced={"": exchange(b"", status=500)},
            ),
        ),
        *(
            (
                "ROBUST-01",
                evidence(
                    *(exchange([], query) for query in INPUTS),
                    troubled("category=x", kind, "it broke", 200),
                ),
            )
            for kind in (TroubleKind.CUT_SHORT, TroubleKind.UNDECODABLE, TroubleKind.TOO_LARGE)
        ),
        *(
            ("ROBUST-02", evidence(refused(body)))
            for body in (
                {"status": 400, "message": CONVERSION, "retryable": False},
                {"message": "at least one value of activeOnly is required (line 3)"},
                {"message": 'near "maybe": expected true or false'},
                {"message": "Select a category from the list where one is needed"},
                {"error": "java.lang.IllegalArgumentException"},
                {"timestamp": 1, "path": "/api/integrations/provider", "error": "Bad Request"},
                b"<html><h1>400</h1></html>",
                b"",
                b"\xff\xfe\x00",
            )
        ),
        (
            "ROBUST-02",
            unauthenticated({"error": "INVALID_TOKEN", "message": "A token is required"}),
        ),
        # The description of a provider is data.
        (
            "ROBUST-02",
            evidence(
                refused({"message": "no"}),
                exchange([provider(description=TRACE)], "activeOnly=TRUE"),
                cluster=[provider(description=TRACE)],
            ),
        ),
        (
            "ROBUST-02",
            evidence(
                refused({"message": "no"}),
                exchange({"trace": TRACE}, UNFILTERED, path="/api/integrations/", status=500),
            ),
        ),
        *(("ROBUST-03", asking(body, *BOOLEANS)) for body in (ACTIVE, list(CLUSTER))),
        ("ROBUST-03", asking(list(CLUSTER[::-1]), *BOOLEANS)),
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
        # HTTP and SHAPE judge a body that is not a list, and ROBUST-01 a 5xx status.
        (
            "ROBUST-03",
            evidence(
                *(exchange(ACTIVE, wire) for wire in BOOLEANS),
                exchange(b"", "activeOnly=x", status=500),
                exchange({"content": []}, "activeOnly=y"),
                exchange(b"[", "activeOnly=z"),
            ),
        ),
        # Other requirements judge these.
        (
            "ROBUST-03",
            evidence(
                *(exchange(ACTIVE, wire) for wire in BOOLEANS),
                exchange(INACTIVE, "activeOnly=maybe&page=2"),
                exchange(INACTIVE, "activeOnly=maybe&activeOnly=maybe"),
                exchange(INACTIVE, "category=NO_SUCH&activeOnly=maybe"),
                exchange(INACTIVE, "category=&activeOnly=maybe"),
            ),
        ),
        ("ROBUST-04", asking(list(CLUSTER), *UNKNOWNS)),
        ("ROBUST-04", refusing(UNKNOWNS)),
        (
            "ROBUST-04",
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
        *(
            ("ROBUST-05", asking(body, *TWICE))
            for body in ([OPEN, OLD], [PINE], [OPEN, OLD, PINE], [])
        ),
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
    ],
)
def test_unusual_but_legal(requirement: str, gathered: Evidence) -> None:
    result = verdict(requirement, gathered)
    assert (result.outcome, result.findings) == (Outcome.PASSED, ())


JUDGED = {
    "ROBUST-03": ("malformedBooleans", 4, BOOLEANS),
    "ROBUST-04": ("unknownParameters", 4, UNKNOWNS),
    "ROBUST-05": ("repeatedParameters", 2, SWITCHES),
    "ROBUST-06": ("emptyCategories", 1, EMPTIES),
}
COMPARING = sorted(JUDGED)


NAMES = {
    "inputs": ("unusual query", "unusual queries"),
    "refusedOrUnusual": ("response other than a list of providers", ""),
    "malformedBooleans": (
        "conclusive response to a malformed boolean",
        "conclusive responses to malformed booleans",
    ),
    "unknownParameters": (
        "conclusive response to an unknown parameter",
        "conclusive responses to unknown parameters",
    ),
    "repeatedParameters": ("conclusive response to a repeated parameter", ""),
    "emptyCategories": ("conclusive response to an empty category", ""),
}


def few(number: int, measure: str, needed: int) -> str:
    amount = f"only {number}" if number else "no"
    more = "" if needed == 1 else f" ({needed} needed)"
    return f"the target showed {amount} {NAMES[measure][number > 1]}{more}"


@pytest.mark.parametrize(
    ("requirement", "gathered", "reason"),
    [
        ("ROBUST-01", evidence(), few(0, "inputs", 20)),
        (
            "ROBUST-01",
            evidence(*(exchange([], query) for query in INPUTS[:19])),
            few(19, "inputs", 20),
        ),
        ("ROBUST-02", evidence(), few(0, "refusedOrUnusual", 1)),
        *((requirement, evidence(), few(0, *JUDGED[requirement][:2])) for requirement in COMPARING),
        *(
            (
                requirement,
                evidence(
                    *(exchange({"oops": 1}, wire) for wire in wires),
                    *(exchange(b"", wire, status=500) for wire in wires),
                ),
                few(0, measure, needed),
            )
            for requirement, (measure, needed, wires) in JUDGED.items()
        ),
        *(
            (
                requirement,
                evidence(
                    *(exchange([], wire) for wire in wires[: needed - 1]),
                    cluster=[],
                ),
                f"{few(needed - 1, measure, needed)}; no provider",
            )
            for requirement, (measure, needed, wires) in JUDGED.items()
        ),
        # Without providers, all results are equal.
        *(
            (requirement, asking_of_none, "the target showed no provider")
            for requirement, (_, __, wires) in JUDGED.items()
            for asking_of_none in [evidence(*(exchange([], wire) for wire in wires), cluster=[])]
        ),
    ],
)
def test_inconclusive(requirement: str, gathered: Evidence, reason: str) -> None:
    result = verdict(requirement, gathered)
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, reason)


WHOLE = exchange(list(CLUSTER), UNFILTERED)
LESS = exchange(list(CLUSTER[:3]), UNFILTERED)


@pytest.mark.parametrize("requirement", COMPARING)
def test_a_cluster_that_changed_is_not_judged_by_comparison(requirement: str) -> None:
    answers = tuple(exchange([OLD], wire) for wire in JUDGED[requirement][2])
    gathered = evidence(spans=(Span(WHOLE, answers, LESS),) * CONFIRMATIONS, opening=WHOLE)
    result = verdict(requirement, gathered)
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, KEPT_CHANGING)


@pytest.mark.parametrize("requirement", COMPARING)
def test_a_difference_must_recur_every_time(requirement: str) -> None:
    measure, needed, wires = JUDGED[requirement]
    answers = tuple(exchange([OLD], wire) for wire in wires)
    spans = (Span(WHOLE, answers, WHOLE),) * (CONFIRMATIONS - 1)
    doubted = evidence(spans=spans, opening=WHOLE)
    # It does not pass, either.
    result = verdict(requirement, doubted)
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, few(0, measure, needed))
    settled = evidence(spans=(*spans, spans[0]), opening=WHOLE)
    assert verdict(requirement, settled).outcome is Outcome.FAILED


@pytest.mark.parametrize("requirement", COMPARING)
def test_a_refusal_is_judged_however_the_cluster_changes(requirement: str) -> None:
    answers = tuple(exchange(b"", wire, status=400) for wire in JUDGED[requirement][2])
    gathered = evidence(spans=(Span(WHOLE, answers, LESS),), opening=WHOLE)
    assert verdict(requirement, gathered).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("requirement", "query", "plain"),
    [
        ("ROBUST-03", "activeOnly=maybe", "activeOnly=true"),
        ("ROBUST-03", "category=AI_MODEL&activeOnly=1", "category=AI_MODEL&activeOnly=true"),
        ("ROBUST-04", "activeOnly=true&page=2", "activeOnly=true"),
        ("ROBUST-04", "x=1", ""),
        ("ROBUST-05", "activeOnly=true&activeOnly=false", "activeOnly=true"),
        (
            "ROBUST-05",
            "category=GIT&category=AI_MODEL&activeOnly=true",
            "category=AI_MODEL&activeOnly=true",
        ),
        ("ROBUST-06", "category=&activeOnly=true", "activeOnly=true"),
    ],
)
def test_a_violation_of_the_documented_query_is_reported_once(
    requirement: str, query: str, plain: str
) -> None:
    broken = [KAFKA]
    alone = evidence(exchange(broken, query))
    assert verdict(requirement, alone).outcome is Outcome.FAILED
    both = evidence(exchange(broken, query), replaced={plain: exchange(broken, plain)})
    assert verdict(requirement, both).outcome is not Outcome.FAILED


def test_each_combination_of_parameters_is_counted_once() -> None:
    answers = [exchange(b"", f"activeOnly={value}", status=500) for value in NO_BOOLEANS]
    answers += [exchange(b"", f"category={value}", status=500) for value in ("%00", "%01")]
    answers += [exchange(b"", "category=%00", status=501)]
    assert verdict("ROBUST-01", evidence(*answers)).reason == "3 violations"


def test_lenient_and_strict_servers_comply_with_every_requirement() -> None:
    lenient = []
    for query in INPUTS:
        switch = query.values("activeOnly")[:1]
        category = query.values("category")[:1]
        pairs = [("category", value) for value in category]
        pairs += [("activeOnly", "false")] * (switch == ("false",))
        lenient.append(exchange(select(Query.of(pairs)), query))
    strict = robust({"message": "no"}, 400)
    for gathered in (evidence(*lenient), strict):
        outcomes = {
            item.id: verdict(item.id, gathered).outcome
            for item in LAW.requirements
            if item.family == "ROBUST"
        }
        lacking = {"ROBUST-02": Outcome.INCONCLUSIVE} if gathered is not strict else {}
        assert outcomes == dict.fromkeys(outcomes, Outcome.PASSED) | lacking


def test_a_parameter_is_not_responsible_for_a_status_without_it() -> None:
    query = "category=GIT&activeOnly=false"
    empty = exchange(b"", query, status=204)
    with_unknown = exchange(b"", f"{query}&odd=1", status=204)
    # For another query, the unknown parameter is responsible.
    other = exchange(b"", "activeOnly=false&odd=1", status=204)
    result = verdict("ROBUST-04", evidence(with_unknown, other, replaced={empty.query.wire: empty}))
    assert [finding.query for finding in result.findings] == [other.query.wire]
