"""Data of providers is detected in responses, and what only resembles it is not."""

from __future__ import annotations

from typing import Any

import pytest
from support.canned.exchanges import evidence, exchange, provider

from conformance.checks.detectors.provider_data import ProviderData

SENTENCE = "All mail of the shop"
ADDRESS = "kafka://broker.example:9092"
CLUSTER = [
    provider("mail-out", description=SENTENCE),
    provider("queue_7", configuration={"bootstrap": ADDRESS}),
    provider("kafka", category="MESSAGE_BROKER"),
    provider("api", description="Too short a text"),
    provider("alike", description="word " * 5),
    provider("odd", configuration={"tokenUrl": "https://sso.example.com/token"}),
]
NAMES = 'the names of 2 providers, such as "mail-out" and "queue_7"'
DATA = ProviderData(evidence(cluster=CLUSTER))
ERROR = {"message": "a valid token is required", "status": 401}


def found(body: Any, **members: Any) -> str | None:
    return DATA.found_in(exchange(body, status=401, **members))


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (CLUSTER[:1], "an object with the fields "),
        ({"error": {"of": CLUSTER[1]}}, "an object with the fields "),
        ({"message": "mail-out or queue_7?"}, NAMES),
        (
            {"names": ["mail-out", "queue_7", "kafka"]},
            'the names of 3 providers, such as "mail-out" and "queue_7"',
        ),
        (b"<p>mail-out</p>, queue_7", NAMES),
        ({"message": SENTENCE}, 'the description of provider "mail-out"'),
        ({"message": f"({SENTENCE})"}, 'the description of provider "mail-out"'),
        ({"at": ADDRESS}, 'the address in the configuration of provider "queue_7"'),
    ],
)
def test_data_of_providers(body: Any, what: str) -> None:
    assert (found(body) or "").startswith(what)


@pytest.mark.parametrize(
    "body",
    [
        ERROR,
        # An error may have some of the fields, too.
        {"name": "Unauthorized", "type": "about:blank", "category": "AUTH"},
        # One name may be a word of the message.
        {"message": "mail-out"},
        {"message": "kafka"},
        # Others are part of a longer word.
        {"message": "mail-outs or queue_77 or email-out or my_queue_7"},
        {"message": "mail-out-2, queue_7-b"},
        # Too short to be distinctive.
        {"message": "api odd"},
        {"message": "Too short a text"},
        {"message": CLUSTER[4]["description"].strip()[:-1]},
        {"message": f"{SENTENCE}s"},
        # It says where to get a token.
        {"login": "https://sso.example.com/token"},
    ],
)
def test_what_resembles_data_of_providers(body: Any) -> None:
    assert found(body) is None


def test_headers_are_searched_except_those_with_words_of_their_own() -> None:
    names = "mail-out queue_7"
    assert found(ERROR, headers={"x-cache": names}) == f"{NAMES}, in a header"
    for name in ("server", "access-control-allow-headers", "www-authenticate"):
        assert found(ERROR, headers={name: names}) is None


def test_a_text_of_several_providers_or_of_the_contract_identifies_none() -> None:
    twice = [provider(name, configuration={"at": ADDRESS}) for name in ("mail-out", "queue_7")]
    data = ProviderData(evidence(cluster=twice))
    assert data.found_in(exchange({"at": ADDRESS}, status=401)) is None


@pytest.mark.parametrize(
    ("description", "is_distinctive"),
    [
        ("ab cd " + "e" * 14, True),
        ("ab cd " + "e" * 13, False),
        ("ab " + "e" * 40, False),
        (f"  {'ab cd ef'}            ", False),
    ],
)
def test_how_long_a_description_must_be(description: str, is_distinctive: bool) -> None:
    data = ProviderData(evidence(cluster=[provider("mail-out", description=description)]))
    text = {"message": description.strip()}
    assert (data.found_in(exchange(text, status=401)) is not None) == is_distinctive


@pytest.mark.parametrize(
    ("address", "is_distinctive"),
    [
        ("redis://ab.c:123", True),
        ("redis://a.b:1234", True),
        ("redis://ab.c:12", False),
        ("no address at all, but long", False),
    ],
)
def test_what_is_an_address(address: str, is_distinctive: bool) -> None:
    one = provider("mail-out", configuration={"at": address})
    data = ProviderData(evidence(cluster=[one]))
    assert (data.found_in(exchange({"at": address}, status=401)) is not None) == is_distinctive


@pytest.mark.parametrize(
    ("body", "status", "served"),
    [
        ([CLUSTER[0]], 200, 'provider "mail-out"'),
        ({"items": [CLUSTER[0]]}, 200, 'provider "mail-out"'),
        ([CLUSTER[0]], 404, None),
        # A public catalogue may have providers of the same names.
        ([{**CLUSTER[0], "modelsCount": 99}], 200, None),
        ([{"name": "mail-out"}], 200, None),
        ([provider("unknown")], 200, None),
        ([{**CLUSTER[0], "name": ["mail-out"]}], 200, None),
    ],
)
def test_a_provider_is_served_if_its_required_fields_are(
    body: Any, status: int, served: str | None
) -> None:
    assert DATA.served_by(exchange(body, status=status)) == served
