"""What a client reads, from answers made by hand."""

from __future__ import annotations

from typing import Any

import pytest
from support.canned.clients import PROVIDERS, evidence, providers, seen, sent

from conformance.clients import reading_checks
from conformance.clients.answer import Answer
from conformance.clients.judging import Check
from conformance.clients.observation import NotOffered, Observation, Undecided

FIRST, SECOND = PROVIDERS


def observed(check: Check, one: Observation) -> list[str]:
    return [breach.observed for breach in check(evidence(one), one)]


def reading(*those: Any, scenario: str = "plain", content: Any = PROVIDERS) -> Observation:
    return seen(scenario, sent(content=content), answer=providers(*those), held=tuple(content))


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (providers(SECOND, FIRST), []),
        (providers(FIRST), ["lost 1 of 2 providers"]),
        (
            providers(FIRST, SECOND, SECOND, {"name": None}),
            ["1 provider that the server did not send", "1 provider more than once"],
        ),
        (Answer(failed=True), ["an error without a status"]),
        (Answer(failed=True, status=500), ["error 500"]),
    ],
)
def test_lost_and_invented_providers(answer: Answer, found: list[str]) -> None:
    one = seen("unknown-field", sent(), answer=answer)
    assert observed(reading_checks.whole, one) == found


def test_the_category_of_providers() -> None:
    answer = [FIRST | {"category": None}, SECOND]
    (found,) = observed(reading_checks.categories, reading(*answer))
    assert found == 'category is null instead of "GIT"'


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"modelsCount": 3.0}, []),
        ({"modelsCount": "3"}, ['modelsCount is "3" instead of 3']),
        ({"enabled": 1}, ["enabled is 1 instead of true"]),
        ({"configuration": {"k": 2}}, ["configuration is not what the server sent"]),
        ({"modelsCount": None}, ["modelsCount is null instead of 3"]),
    ],
)
def test_required_fields(change: dict[str, Any], found: list[str]) -> None:
    assert observed(reading_checks.required, reading(FIRST | change, SECOND)) == found


def test_a_field_that_is_never_written_is_not_judged() -> None:
    names = [{"name": one["name"]} for one in PROVIDERS]
    assert observed(reading_checks.required, reading(*names)) == []


def test_a_field_that_is_written_somewhere_is_judged_everywhere() -> None:
    one = reading(FIRST, {"name": "b", "category": "EMAIL", "enabled": True})
    assert observed(reading_checks.required, one) == ["modelsCount is null instead of 0"]


def test_only_what_the_filters_select_is_expected() -> None:
    both = ({**FIRST, "category": "VECTOR_DB"}, SECOND)
    filtered = reading(both[0], scenario="category", content=both)
    assert observed(reading_checks.required, filtered) == []
    ignored = reading(*both, scenario="category", content=both)
    assert observed(reading_checks.required, ignored) == []


def test_inactive_providers_must_have_been_sent() -> None:
    with pytest.raises(Undecided, match="no inactive provider"):
        observed(reading_checks.required, reading(*PROVIDERS, scenario="inactive"))


def test_a_large_count() -> None:
    large = [{**FIRST, "modelsCount": 2**53 + 1}]
    one = reading({**FIRST, "modelsCount": 2**53}, scenario="large-count", content=large)
    (found,) = observed(reading_checks.large_count, one)
    assert found == "modelsCount is 9007199254740992 instead of 9007199254740993"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"tags": FIRST["tags"][::-1]}, []),  # type: ignore[index]
        ({"tags": [{**tag, "type": "META"} for tag in FIRST["tags"]]}, []),  # type: ignore[attr-defined]
        ({"tags": []}, ["tags is empty array instead of array of 2 (object)"]),
        ({"createTime": None}, ["createTime is null instead of 5"]),
    ],
)
def test_optional_fields(change: dict[str, Any], found: list[str]) -> None:
    assert observed(reading_checks.optional, reading(FIRST | change, SECOND)) == found


def test_an_adapter_without_optional_fields_is_not_judged_by_them() -> None:
    with pytest.raises(NotOffered, match="no optional field"):
        observed(reading_checks.optional, reading(SECOND, content=[SECOND]))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"description": None, "tags": [], "createdBy": ""}, []),
        ({"createTime": 0}, ["a value of createTime that was not sent"]),
    ],
)
def test_absent_fields(change: dict[str, Any], found: list[str]) -> None:
    one = reading(SECOND | change, scenario="absent-fields", content=[SECOND])
    assert observed(reading_checks.absent, one) == found


def test_a_response_without_a_list() -> None:
    page = sent(content=b"<html>")
    assert observed(
        reading_checks.not_a_list, seen("web-page", page, answer=providers({}, {}))
    ) == ["2 providers"]
    error = seen("web-page", page, answer=Answer(failed=True))
    assert observed(reading_checks.not_a_list, error) == []


def test_the_status_of_a_refusal() -> None:
    refused = sent(status=403, content={})
    right, wrong = Answer(failed=True, status=403), Answer(failed=True)
    check = reading_checks.refusal
    assert observed(check, seen("forbidden", refused, answer=right)) == []
    assert observed(check, seen("forbidden", refused, answer=wrong)) == [
        "an error without a status"
    ]
    assert observed(check, seen("forbidden", refused, answer=providers())) == ["a list"]


def test_what_a_needless_filter_hides_is_lost() -> None:
    each = [sent("category=GIT", content=[FIRST]), sent("category=CLOUD", content=[])]
    one = seen("unknown-category", *each, answer=providers(FIRST))
    assert observed(reading_checks.whole, one) == ["lost 1 of 2 providers"]


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (seen("plain", sent(), code=1), "wrote no answer"),
        (seen("plain", sent(), answer=providers(), code=None), "did not end"),
        (seen("plain", sent(status=401), answer=providers()), "did not receive a list"),
    ],
)
def test_what_does_not_decide(one: Observation, reason: str) -> None:
    with pytest.raises(Undecided, match=reason):
        observed(reading_checks.whole, one)


def test_a_filter_that_is_not_offered() -> None:
    one = seen("both", sent(), answer=Answer(unsupported="category"))
    with pytest.raises(NotOffered):
        observed(reading_checks.whole, one)
