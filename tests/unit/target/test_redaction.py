"""Test that secrets, and nothing else, are redacted from recordings and reports."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.canned.verdicts import LAW

from conformance.checks.verdict import Finding, Outcome, Verdict
from conformance.core.text import pointer
from conformance.evidence.exchange import AccessKind
from conformance.target.credentials import AccessKey, Token
from conformance.target.redaction import Redactor
from conformance.target.refused_credentials import Form, forms
from conformance.target.secret_search import base64url
from conformance.target.transport import Answer

GRANTED = AccessKind.GRANTED


def recorded(redactor: Redactor, body: bytes, **headers: str) -> tuple[str, bytes, tuple[str, ...]]:
    answer = Answer(200, tuple(headers.items()), body)
    found, content, leaks = redactor.recordable(answer, GRANTED, None, None)
    return " ".join(value for _, value in found), content, leaks


def test_a_credential_is_blotted_out_and_its_places_named() -> None:
    redactor = Redactor(AccessKey("the-key-of-a-client", "the-secret-of-a-client"), {})
    redactor.remember("the-token-of-a-client")
    headers, body, leaks = recorded(
        redactor,
        b"the-key-of-a-client the-secret-of-a-client the-token-of-a-client rest",
        x="the-token-of-a-client",
    )
    assert headers == "[credential]"
    assert body == b"the-key-of-a-client [credential] [credential] rest"
    assert leaks == ("header x", "body")


def test_an_echoed_key_alone_is_no_leak_of_a_credential() -> None:
    redactor = Redactor(AccessKey("the-key-of-a-client", "the-secret-of-a-client"), {})
    assert recorded(redactor, b"the-key-of-a-client") == ("", b"the-key-of-a-client", ())
    assert redactor.text("the-key-of-a-client") == "[credential]"


def test_values_of_headers_are_blotted_out_of_reports_and_judged_as_they_are() -> None:
    redactor = Redactor(
        Token("the-token-of-a-client"), {"X-Api-Key": "of-gateway", "X-T": "MODEL-T1"}
    )
    assert recorded(redactor, b"of-gateway MODEL-T1")[1] == b"of-gateway MODEL-T1"
    assert redactor.text("of-gateway MODEL-T1 \ud800") == "[credential] [header value] \ud800"


@pytest.mark.parametrize(
    ("name", "public"),
    [
        *((name, "") for name in ("Accept", "accept-language", "Cache-Control")),
        *((name, "content: application/json:") for name in ("X-Token-Format", "X-Tenant")),
    ],
)
def test_words_of_http_and_of_the_contract_are_no_secrets(name: str, public: str) -> None:
    redactor = Redactor(None, {name: "application/json"}, public)
    assert redactor.text("application/json") == "application/json"


@pytest.mark.parametrize(
    ("token", "printed"),
    [("s3cr7x", "for [credential] and s3cr7xx"), ("category", "for category and categoryx")],
)
def test_what_stands_in_answers_by_chance_is_no_leak_for_sure(token: str, printed: str) -> None:
    redactor = Redactor(Token(token), {}, "the name category")
    body = f"for {token} and {token}x".encode()
    assert recorded(redactor, body, x=token) == (token, body, ("perhaps header x", "perhaps body"))
    assert recorded(redactor, f"{token}x".encode())[2] == ()
    assert redactor.text(body.decode()) == printed


def test_no_member_of_a_verdict_shows_a_secret() -> None:
    secret = "the-token-of-a-client"
    redactor = Redactor(Token(secret), {})
    finding = Finding(secret, "a=b", "curl", f"/{secret}", secret, secret)
    verdict = Verdict(LAW.requirements[0], Outcome.FAILED, secret, "1 answer", (finding,))
    redacted = verdict.redacted(redactor.text)
    assert secret not in repr(redacted)
    assert redacted.findings[0].pointer == "/[credential]"
    assert redacted.findings[0].curl == "curl"
    assert redacted.evidence == "1 answer"


def test_a_value_of_a_header_is_not_shown_as_the_name_of_a_field() -> None:
    value = "gate/Rr5~Tt9+x8Wq2Zp7"
    redactor = Redactor(None, {"X-Gate": value})
    place = pointer(0, value, "tags")
    finding = Finding(f"at {place}", "", "curl", place, f"differs in {place[:20]}…", "nothing")
    assert finding.redacted(redactor.text) == Finding(
        "at /0/[header value]/tags",
        "",
        "curl",
        "/0/[header value]/tags",
        "differs in /0/[header value]…",
        "nothing",
    )


def test_equal_bodies_are_kept_once() -> None:
    redactor = Redactor(None, {})
    bodies = [recorded(redactor, bytes([value % 2]) * 1000)[1] for value in range(10)]
    assert len({id(body) for body in bodies}) == 2
    assert redactor.kept == 2000


def test_a_credential_in_the_name_of_a_header_is_blotted_out() -> None:
    redactor = Redactor(Token("The-Token-Of-A-Client9"), {})
    answer = Answer(200, (("x-the-token-of-a-client9", "1"),), b"[]")
    headers, _, leaks = redactor.recordable(answer, GRANTED, None, None)
    assert headers == (("x-[credential]", "1"),)
    assert leaks == ("name of header x-[credential]",)


TAMPERED = {AccessKind.TAMPERED}
JWT = ".".join((base64url('{"alg": 1}'), base64url('{"sub": "me"}'), "s1gNature" * 3))
DISGUISES: dict[str, Callable[[str], str]] = {
    "percent": lambda text: "".join(f"%{ord(one):02X}" for one in text),
    "xml": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "json": lambda text: "".join(f"\\\\u{ord(one):04x}" for one in text),
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("form", [form for form in forms(JWT) if form.access.kind in TAMPERED])
def test_a_tampered_credential_is_masked_like_the_accepted_one(form: Form, disguise: str) -> None:
    assert form.make is not None
    redactor = Redactor(Token(JWT), {})
    tampered = form.make(JWT)
    body = f"bad {DISGUISES[disguise](tampered)}!"
    answer = Answer(401, (), body.encode())
    redactor.recordable(answer, AccessKind.TAMPERED, tampered, Token(JWT))
    assert redactor.text(body).replace("[credential]", "") == "bad !"


def test_a_tampered_word_of_the_contract_is_no_secret() -> None:
    redactor = Redactor(Token("category"), {}, "the name category")
    answer = Answer(401, (), b"no")
    redactor.recordable(answer, AccessKind.TAMPERED, "CATEGORY", Token("category"))
    assert redactor.text("CATEGORY and category") == "CATEGORY and category"
