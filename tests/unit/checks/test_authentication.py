"""AUTH requirements on canned responses: violations, legal responses and missing evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from support.canned.exchanges import CLUSTER, GRANTED, PROPER, evidence, exchange, provider
from support.canned.verdicts import LAW, UNFILTERED, Broken, as_tests, verdict

from conformance.checks.verdict import Outcome
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Access, AccessKind, Exchange, Trouble, TroubleKind
from conformance.evidence.spans import Span
from conformance.target.refused_credentials import expired, forms

FORMS = {form.access.kind: form.access for form in reversed(forms("an-opaque-token"))}
KINDS = AccessKind.ABSENT, AccessKind.EMPTY, AccessKind.UNKNOWN, AccessKind.TAMPERED
BY_KIND = {f"AUTH-0{number}": FORMS[kind] for number, kind in enumerate(KINDS, 1)}
ABSENT = FORMS[AccessKind.ABSENT]
UNAUTHORISED = {"status": 401, "error": "INVALID_TOKEN", "message": "Token cannot be null"}


def unauthenticated(
    status: int = 401,
    body: Any = UNAUTHORISED,
    *,
    access: Access = ABSENT,
    query: str = "",
    **members: Any,
) -> Exchange:
    return exchange(body, query, status=status, access=access, **members)


def met(*refusals: Exchange, **members: Any) -> Evidence:
    return evidence(refusals=refusals, **members)


def elsewhere(status: int, body: Any) -> Exchange:
    """Return a response to another spelling of the path."""
    return unauthenticated(status, body, path=f"{LAW.path}/")


def head(status: int, access: Access = ABSENT) -> Exchange:
    return exchange(b"", UNFILTERED, status=status, access=access, method="HEAD")


def telling_head(query: str, value: int, name: str = "Content-Length") -> Exchange:
    headers = {name: str(value)}
    return exchange(b"", query, status=401, access=ABSENT, method="HEAD", headers=headers)


def with_results(
    values: Mapping[str, int], *heads: Exchange, name: str = "Content-Length"
) -> Evidence:
    """Return refused HEAD requests beside results with these values of a header."""
    results = [
        exchange([], query, headers=PROPER | {name: str(value)}) for query, value in values.items()
    ]
    refused = unauthenticated(headers={name: "77"})
    return evidence(*results, refusals=(refused,), head_requests=heads)


def lost(kind: TroubleKind, access: Access = ABSENT) -> Exchange:
    whole = unauthenticated(access=access)
    return replace(whole, status=0, body=b"", trouble=Trouble(kind, "why"))


def leaking(access: Access = GRANTED, *places: str) -> Exchange:
    return replace(exchange([], UNFILTERED, access=access), leaks=places or ("body",))


def asked(access: Access, wire: str = "", method: str = "GET") -> str:
    return f"{method} {LAW.path}{wire} with {access.form}"


UNKNOWN_CLIENT = asked(ABSENT, f"?{UNFILTERED.wire}")
ADDRESS = "https://kafka-7.shop.example.net:9093"
IDENTIFIABLE = [
    provider("first", configuration={"region": "eu-1", "brokers": [{"at": ADDRESS}]}),
    provider("second", description="Keeps the orders of the shop"),
    *(
        provider(name, configuration={"at": "https://shared.example.net/v1"})
        for name in ("third", "fourth")
    ),
    provider(
        "fifth",
        description="A valid token is required",
        configuration={
            "tokenUrl": "https://login.example.net/oauth2/token",
            "endpoint": "https://conductor.example.com/api",
            "driver": "org.postgresql.ds.PGSimpleDataSource",
            "documented": "https://api.openai.com",
            "short": "a.example:9092",
        },
    ),
    provider("sixth", description="Not to be used"),
]
TWO_NAMES = 'the names of 2 providers, such as "old-openAI" and "openAI"'
ALL_NAMES = [one["name"] for one in IDENTIFIABLE]
FIRST_NAMES = " and ".join(f'"{name}"' for name in sorted(ALL_NAMES)[:2])
NAMES_IN_HEADER = f"the names of 6 providers, such as {FIRST_NAMES}, in a header"

EXPECTED = dict.fromkeys((*BY_KIND, "AUTH-05", "AUTH-07"), "status 401 or 403") | {
    "AUTH-06": "no provider data",
    "AUTH-08": "no credential in any response",
}


def broken(
    requirement: str, gathered: Evidence, observed: str, request: str = "", query: str = ""
) -> Broken:
    return Broken(requirement, gathered, observed, EXPECTED[requirement], query, asked=request)


EXPIRED = expired("an-old-token").access


def too_old(status: int, body: Any = UNAUTHORISED) -> Evidence:
    return met(unauthenticated(status, body, access=EXPIRED))


def stored(**headers: str) -> Evidence:
    sent = {"content-type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    whole = exchange(CLUSTER, UNFILTERED, headers=sent)
    return evidence(opening=whole, spans=(Span(whole, (), whole),))


LENGTHS = {"category=GIT": 812, "category=EMAIL": 2}
CODE = '"error": "EXPIRED_TOKEN" or "INVALID_TOKEN"'
NOT_STORED = "Cache-Control: no-store, or private"
MEMBERS = "an object with the fields category, configuration, enabled, modelsCount, name, type"
BROKEN = [
    *(
        Broken(
            "AUTH-05",
            with_results(
                LENGTHS,
                *(telling_head(query, LENGTHS[query], name) for query in LENGTHS),
                name=name,
            ),
            f"status 401, and {name} 812, that of the result",
            "nothing about the result",
            "category=GIT",
            asked=asked(ABSENT, "?category=GIT", "HEAD"),
            found=2,
        )
        for name in ("Content-Length", "ETag", "X-Total-Count")
    ),
    Broken(
        "AUTH-09",
        met(unauthenticated(401, headers={})),
        "status 401 without WWW-Authenticate",
        "WWW-Authenticate with the name of a scheme",
        asked=asked(ABSENT),
    ),
    *(
        Broken("AUTH-10", stored(**headers), shown, NOT_STORED, UNFILTERED.wire)
        for headers, shown in (
            ({}, "no Cache-Control"),
            ({"cache_control": "max-age=60"}, "Cache-Control: max-age=60"),
            ({"cache_control": "no-cache"}, "Cache-Control: no-cache"),
            ({"vary": "Accept, Origin"}, "no Cache-Control"),
        )
    ),
    Broken(
        "AUTH-11",
        too_old(200, []),
        "status 200 with 0 providers",
        "status 401 or 403",
        asked=asked(EXPIRED),
    ),
    *(
        Broken(
            "AUTH-12",
            too_old(401, body),
            f"status 401 with {found}",
            CODE,
            asked=asked(EXPIRED),
        )
        for body, found in (
            ({"message": "expired"}, "no error code"),
            ([], "no error code"),
            (b"<html>", "no error code"),
            ({"error": "Unauthorized"}, 'the error code "Unauthorized"'),
        )
    ),
    *(
        broken(
            "AUTH-06",
            met(unauthenticated(401, body, headers=headers), cluster=IDENTIFIABLE),
            f"status 401 with {leak}",
            asked(ABSENT),
        )
        for body, headers, leak in (
            (
                {"message": f"no access to {ADDRESS}."},
                None,
                'the address in the configuration of provider "first"',
            ),
            (
                {"partial": [{"configuration": one["configuration"]} for one in IDENTIFIABLE]},
                None,
                'the address in the configuration of provider "first"',
            ),
            (
                b"<p>Ask for: Keeps the orders of the shop</p>",
                None,
                'the description of provider "second"',
            ),
            *(
                ({}, {name: between.join(ALL_NAMES)}, NAMES_IN_HEADER)
                for name, between in (("X-Providers", ","), ("Location", "?"))
            ),
        )
    ),
    *(
        broken(
            "AUTH-06",
            met(elsewhere(200, body)),
            'status 200 with provider "old-openAI"',
            f"GET {LAW.path}/ with {ABSENT.form}",
        )
        for body in ([CLUSTER[1]], {"items": [{**CLUSTER[1], "links": []}]})
    ),
    *(
        broken(
            "AUTH-06",
            met(unauthenticated(status, body)),
            f"status {status} with {leak}",
            asked(ABSENT),
        )
        for status, body, leak in (
            (200, [provider()], MEMBERS),
            (401, {"error": {"content": [provider()]}}, MEMBERS),
            (401, {"known": ["openAI", "old-openAI"]}, TWO_NAMES),
            (403, {"no access to openAI or old-openAI": 1}, TWO_NAMES),
            (401, b"<li>openAI</li><li>old-openAI</li>", TWO_NAMES),
        )
    ),
    *(
        broken(
            requirement,
            met(unauthenticated(status, body, access=access, query="category=GIT")),
            observed,
            asked(access, "?category=GIT"),
            "category=GIT",
        )
        for requirement, access in BY_KIND.items()
        for status, body, observed in (
            (200, list(CLUSTER), "status 200 with 4 providers"),
            (200, [], "status 200 with 0 providers"),
            *((status, {}, f"status {status}") for status in (200, 302, 400, 404, 406, 500)),
        )
    ),
    *(
        broken(
            "AUTH-05",
            evidence(head_requests=(head(200, GRANTED), head(status))),
            f"status {status}",
            asked(ABSENT, f"?{UNFILTERED.wire}", "HEAD"),
            UNFILTERED.wire,
        )
        for status in (200, 204, 302, 400, 500)
    ),
    *(
        broken(
            "AUTH-07",
            met(unauthenticated(status, b"", headers=headers)),
            f"status {status}, a redirect to {place}",
            asked(ABSENT),
        )
        for status, headers, place in (
            (302, {"Location": "/login"}, "/login"),
            (303, {"location": "https://sso/\x1b[31m"}, "https://sso/\\u001b[31m"),
            (307, {"Location": f"/{'x' * 200}"}, f"/{'x' * 78}…"),
            (301, {}, "nowhere"),
            (300, {}, "nowhere"),
            (399, {}, "nowhere"),
        )
    ),
    *(
        broken("AUTH-08", gathered, f"the credential in the {place}", sent, UNFILTERED.wire)
        for place in ("body", "header set-cookie")
        for gathered, sent in (
            (evidence(leaking(GRANTED, place)), ""),
            (met(leaking(ABSENT, place)), UNKNOWN_CLIENT),
            (evidence(head_requests=(leaking(ABSENT, place),)), UNKNOWN_CLIENT),
        )
    ),
]

LEGAL = [
    ("AUTH-09", met(unauthenticated(401), unauthenticated(403, headers={}))),
    *(
        ("AUTH-10", stored(**headers))
        for headers in (
            {"cache_control": "no-store"},
            {"cache_control": "max-age=0, Private"},
            {"cache_control": 'private="x-a", max-age=60'},
            {"vary": "accept,x-authorization"},
            {"vary": "*"},
        )
    ),
    *(("AUTH-11", too_old(status)) for status in (401, 403)),
    *(("AUTH-12", too_old(401, {"error": code})) for code in ("EXPIRED_TOKEN", "INVALID_TOKEN")),
    *(
        (requirement, met(unauthenticated(status, body, access=access)))
        for requirement, access in BY_KIND.items()
        for status, body in ((401, UNAUTHORISED), (403, b""), (401, b"<html>log in</html>"))
    ),
    # A server may throttle or disconnect clients that keep sending wrong tokens.
    *(
        (requirement, met(unauthenticated(access=access), other))
        for requirement, access in BY_KIND.items()
        for other in (unauthenticated(429, access=access), lost(TroubleKind.CLOSED, access))
    ),
    # An error that did not recur when the request was repeated is judged by ROBUST-01.
    *(
        (requirement, met(unauthenticated(status, access=access), unauthenticated(access=access)))
        for requirement, access in (*BY_KIND.items(), ("AUTH-07", ABSENT))
        for status in (302, 404, 500)
    ),
    ("AUTH-05", evidence(head_requests=(head(200, GRANTED), head(500), head(401)))),
    # One length may be a coincidence, and that of every refusal is one.
    *(
        ("AUTH-05", with_results(lengths, *map(telling_head, lengths, told)))
        for lengths, told in (
            (LENGTHS, (812, 812)),
            (LENGTHS, (77, 77)),
            (dict.fromkeys(LENGTHS, 77), (77, 77)),
            (LENGTHS, (0, 2)),
        )
    ),
    # Headers that do not depend on the result may be equal by coincidence.
    (
        "AUTH-05",
        with_results(
            LENGTHS,
            *(telling_head(query, LENGTHS[query], "X-Request-Id") for query in LENGTHS),
            name="X-Request-Id",
        ),
    ),
    # Content negotiation may come before authentication.
    ("AUTH-01", met(unauthenticated(), unauthenticated(406, accept="text/html"))),
    # Another requirement judges another kind of credential.
    ("AUTH-01", met(unauthenticated(), unauthenticated(200, access=BY_KIND["AUTH-03"]))),
    *(
        ("AUTH-05", evidence(head_requests=(head(200, GRANTED), *map(head, statuses))))
        for statuses in ((401, 403), (405, 501))
    ),
    ("AUTH-06", met(unauthenticated(), unauthenticated(403, b""))),
    ("AUTH-06", met(unauthenticated(200, []))),
    (
        "AUTH-06",
        met(unauthenticated(401, {"name": "Unauthorized", "type": "error", "category": "x"})),
    ),
    ("AUTH-06", met(unauthenticated(401, {"message": "no access to openAI"}))),
    *(
        ("AUTH-06", met(unauthenticated(401, {"message": message}), cluster=IDENTIFIABLE))
        for message in (
            "A valid token is required. Not to be used by strangers",
            "get a token at https://login.example.net/oauth2/token",
            "no access to https://conductor.example.com/api/integrations/provider",
            "no access to https://shared.example.net/v1",
            "no access to https://api.openai.com",
            "no access to a.example:9092",
            f"{ADDRESS}x is not known",
            "org.postgresql.ds.PGSimpleDataSource is missing",
        )
    ),
    # These headers have fixed words, and a single name may be a coincidence.
    (
        "AUTH-06",
        met(
            unauthenticated(headers={"Cache-Control": "no-store, no-cache", "X-Realm": "no-store"}),
            cluster=[provider("no-store"), provider("no-cache")],
        ),
    ),
    # The end of this name is the name of another provider.
    ("AUTH-06", met(unauthenticated(401, {"message": "no access to old-openAI"}))),
    ("AUTH-06", met(unauthenticated(401, b"\xff\x00 not even text"))),
    # Another spelling of the path may be another resource, or lead to the endpoint.
    *(
        ("AUTH-06", met(elsewhere(status, body)))
        for status, body in (
            (200, []),
            (200, b"<title>Conductor</title>"),
            (200, {"name": ["openAI"], "openAI": provider(enabled=False)}),
            (200, [{**one, "configuration": []} for one in CLUSTER]),
            (200, [{name: one[name] for name in ("name", "category")} for one in CLUSTER]),
            (404, [*CLUSTER]),
        )
    ),
    *(
        (requirement, met(unauthenticated(), elsewhere(status, [])))
        for requirement in ("AUTH-01", "AUTH-07")
        for status in (200, 301, 404)
    ),
    ("AUTH-07", met(unauthenticated(), unauthenticated(200, []))),
    *(
        ("AUTH-07", met(unauthenticated(status, b"", headers={"Location": "/login"})))
        for status in (401, 400, 299)
    ),
    ("AUTH-08", met(unauthenticated())),
]

NO_RESPONSE = "the target showed no response to an unauthenticated request"
COINCIDENCE = (
    "the credential is so short or common that responses may contain it by coincidence; use one of "
    "at least 8 characters"
)
NO_HEAD = "the target showed no conclusive response to a HEAD request"

INCONCLUSIVE = [
    *((requirement, evidence(), NO_RESPONSE) for requirement in BY_KIND),
    *(
        (
            requirement,
            met(lost(TroubleKind.TIMEOUT, access), unauthenticated(503, access=access)),
            NO_RESPONSE,
        )
        for requirement, access in BY_KIND.items()
    ),
    ("AUTH-05", evidence(), NO_HEAD),
    ("AUTH-05", evidence(head_requests=(head(200, GRANTED), head(429))), NO_HEAD),
    ("AUTH-06", evidence(), NO_RESPONSE),
    # Without providers, no response could contain their data.
    ("AUTH-06", met(unauthenticated(), cluster=[]), "the target showed no provider"),
    ("AUTH-07", evidence(), NO_RESPONSE),
    ("AUTH-08", evidence(leaking(GRANTED, "perhaps body")), COINCIDENCE),
]
test_broken, test_unusual_but_legal, test_inconclusive = as_tests(BROKEN, LEGAL, INCONCLUSIVE)

NO_HEAD_METHOD = "the server does not offer HEAD"
NO_AUTHENTICATION = "no credential was given and the server requires none, so none can be rejected"


@pytest.mark.parametrize(
    ("requirement", "gathered", "reason"),
    [
        *(
            (f"AUTH-0{n}", met(unauthenticated(200), authenticated=False), NO_AUTHENTICATION)
            for n in range(1, 9)
        ),
        *(
            ("AUTH-05", evidence(head_requests=(head(code, GRANTED), head(code))), NO_HEAD_METHOD)
            for code in (404, 405, 501)
        ),
    ],
)
def test_not_applicable(requirement: str, gathered: Evidence, reason: str) -> None:
    result = verdict(requirement, gathered)
    assert (result.outcome, result.reason) == (Outcome.NOT_APPLICABLE, reason)


def test_a_forbidden_request_is_shown_with_its_credential() -> None:
    access = BY_KIND["AUTH-04"]
    result = verdict("AUTH-04", met(unauthenticated(200, [], access=access)))
    assert str(access.shell) in result.findings[0].curl
    assert "an-opaque-token" not in repr(result)


def test_a_header_with_a_hostile_name_is_shown_as_text() -> None:
    result = verdict("AUTH-08", evidence(leaking(GRANTED, "header x\x1b[31m")))
    assert result.findings[0].observed == "the credential in the header x\\u001b[31m"
