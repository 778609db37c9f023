"""SHAPE: the form of the list and of provider objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard

from conformance.checks.findings import Findings
from conformance.checks.registry import check
from conformance.checks.verdict import Observed
from conformance.contract.filter_oracle import may_be_extended
from conformance.contract.schema import Breach
from conformance.core.text import format_typed_value_at, format_value, pointer, visible
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange
from conformance.evidence.providers import COUNT, EMBEDDED, repeated_names

TIMES = ("createTime", "updateTime")
EARLIEST = 946_684_800_000
"""Midnight of 2000-01-01 UTC, in milliseconds since 1970."""
DAY = 86_400_000
"""Milliseconds."""

Selects = Callable[[Breach], bool]


def _field(breach: Breach) -> str | None:
    """Return the field of a provider that contains a violation, ``None`` if none does."""
    return str(breach.path[1]) if len(breach.path) > 1 else None


def _report(
    evidence: Evidence,
    selects: Selects,
    expected: Callable[[Breach], str],
    measure: Mapping[str, int],
) -> Observed:
    findings = Findings(evidence)
    for exchange, breaches in evidence.breaches:
        # An extension may choose fields or pages; ROBUST-07 judges that.
        if may_be_extended(evidence.contract, exchange.query):
            continue
        for breach in breaches:
            if selects(breach):
                provider = _name(exchange, breach)
                key = (provider, breach.path[1:], breach.keyword, breach.missing)
                observed = _observed(breach) + (f" in provider {provider}" if provider else "")
                findings.add(key, exchange, observed, expected(breach), pointer=breach.pointer)
    return findings.by_schema(measure)


def _name(exchange: Exchange, breach: Breach) -> str:
    if not breach.path or not isinstance(exchange.value, list):
        return ""
    element = exchange.value[int(breach.path[0])]
    name = element.get("name") if isinstance(element, dict) else None
    return format_value(name) if isinstance(name, str) else f"number {int(breach.path[0]) + 1}"


def _observed(breach: Breach) -> str:
    if breach.missing is not None:
        return f'no field "{visible(breach.missing)}"'
    return f"{_place(breach)} is {format_typed_value_at(breach.pointer, breach.value)}"


def _place(breach: Breach) -> str:
    if len(breach.path) < 2:
        return "an element" if breach.path else "the answer"
    last = breach.path[-1]
    if isinstance(last, int):
        return f'an element of "{visible(str(breach.path[-2]))}"'
    return f'"{visible(last)}"'


@check("SHAPE-01")
def answers_are_arrays_of_objects(evidence: Evidence) -> Observed:
    """Judge SHAPE-01.

    Validate every response with status 200 against the schema: the array and its elements.
    """
    return _report(
        evidence,
        lambda breach: len(breach.path) < 2 and breach.keyword == "type",
        lambda breach: "a provider object" if breach.path else "an array of providers",
        {"answers": len(evidence.answers)},
    )


@check("SHAPE-02")
def required_members_are_present(evidence: Evidence) -> Observed:
    """Judge SHAPE-02.

    Validate every provider in every response with status 200 against the schema: required fields.
    """
    return _report(
        evidence,
        lambda breach: len(breach.path) == 1 and breach.keyword == "required",
        lambda breach: f'the field "{breach.missing}" in every provider',
        {"providers": len(evidence.held)},
    )


@check("SHAPE-03")
def required_members_have_their_types(evidence: Evidence) -> Observed:
    """Judge SHAPE-03.

    Validate every provider in every response with status 200 against the schema: types of required
    fields.
    """
    # MODEL-04 judges modelsCount.
    required = set(evidence.contract.element_schema["required"]) - {COUNT}
    return _report(
        evidence,
        lambda breach: _field(breach) in required,
        lambda breach: _type_in_words(evidence, breach),
        {"providers": len(evidence.held)},
    )


@check("SHAPE-04")
def optional_members_have_their_types(evidence: Evidence) -> Observed:
    """Judge SHAPE-04.

    Validate every provider in every response with status 200 against the schema: types of optional
    fields.
    """
    schema = evidence.contract.element_schema
    elsewhere = {*schema["required"], *TIMES}
    optional = {name for name in schema["properties"] if name not in elsewhere}
    present = sum(name in optional for provider in evidence.held.values() for name in provider)
    return _report(
        evidence,
        # MODEL-01 judges a non-empty apis of any type.
        lambda breach: (
            _field(breach) in optional
            and len(breach.path) == 2
            and not (_field(breach) == EMBEDDED and breach.value)
        ),
        lambda breach: _type_in_words(evidence, breach),
        {"optionalMembers": present, "providers": len(evidence.held)},
    )


def _type_in_words(evidence: Evidence, breach: Breach) -> str:
    field = str(breach.path[1])
    rules = evidence.contract.resolve(evidence.contract.element_schema["properties"][field])
    if breach.keyword == "minLength":
        return "a string that is not empty"
    kind = str(rules.get("type"))
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


@check("SHAPE-05")
def times_are_integers(evidence: Evidence) -> Observed:
    """Judge SHAPE-05.

    Validate every provider in every response with status 200 against the schema: types of
    createTime and updateTime.
    """
    return _report(
        evidence,
        lambda breach: _field(breach) in TIMES,
        lambda _: "an integer of milliseconds since 1970",
        {"times": sum(1 for _ in _times(evidence))},
    )


def _times(evidence: Evidence) -> Iterator[tuple[str, Any]]:
    for provider in evidence.held.values():
        for field in TIMES:
            if field in provider:
                yield field, provider[field]


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


@check("SHAPE-06")
def times_are_plausible(evidence: Evidence) -> Observed:
    """Judge SHAPE-06.

    Compare createTime and updateTime of every provider with the year 2000 and with the clock of
    this machine.
    """
    findings = Findings(evidence)
    for exchange, place, provider in evidence.elements():
        for field in TIMES:
            value = provider.get(field)
            if _is_number(value) and not EARLIEST <= value <= evidence.now + DAY:
                findings.add(
                    (format_value(provider.get("name")), field),
                    exchange,
                    f'"{field}" is {format_value(value)} '
                    f"in provider {format_value(provider.get('name'))}",
                    "milliseconds since 1970, between the year 2000 and tomorrow",
                    pointer=pointer(place, field),
                )
    return findings.observed({"times": sum(1 for _ in _times(evidence))}, by_element=True)


@check("SHAPE-07")
def updates_follow_creation(evidence: Evidence) -> Observed:
    """Judge SHAPE-07.

    Compare updateTime with createTime in every provider.
    """
    findings = Findings(evidence)
    created, updated = TIMES
    for exchange, place, provider in evidence.elements():
        first, last = provider.get(created), provider.get(updated)
        if _is_number(first) and _is_number(last) and last < first:
            findings.add(
                format_value(provider.get("name")),
                exchange,
                f'"{updated}" {format_value(last)} is before "{created}" {format_value(first)} '
                f"in provider {format_value(provider.get('name'))}",
                "an updateTime at or after createTime",
                pointer=pointer(place, updated),
            )
    both = [p for p in evidence.held.values() if created in p and updated in p]
    return findings.observed({"bothTimes": len(both)}, by_element=True)


@check("SHAPE-08")
def tags_are_key_and_value(evidence: Evidence) -> Observed:
    """Judge SHAPE-08.

    Validate every tag in every response with status 200 against the schema.
    """
    tags = [provider.get("tags") for provider in evidence.held.values()]
    return _report(
        evidence,
        lambda breach: _field(breach) == "tags" and len(breach.path) > 2,
        _tag_in_words,
        {"tags": sum(len(value) for value in tags if isinstance(value, list))},
    )


def _tag_in_words(breach: Breach) -> str:
    if len(breach.path) > 3 and breach.path[3] not in ("key", "value"):
        return f'a string as "{visible(str(breach.path[3]))}", or no such field'
    return "an object with the strings key and value"


@check("SHAPE-09")
def names_are_unique(evidence: Evidence) -> Observed:
    """Judge SHAPE-09.

    Search every response for names that occur twice.
    """
    findings = Findings(evidence)
    for exchange in evidence.distinct:
        seen: set[str] = set()
        if not repeated_names(exchange):
            continue
        for place, provider in enumerate(exchange.value):
            name = provider.get("name") if isinstance(provider, dict) else None
            if not isinstance(name, str):
                continue
            if name in seen:
                findings.add(
                    name,
                    exchange,
                    f"two providers with the name {format_value(name)}",
                    "each name once",
                    pointer=pointer(place, "name"),
                )
            seen.add(name)
    return findings.observed(
        {"answers": len(evidence.listings), "providers": len(evidence.held)}, by_body=True
    )


@check("SHAPE-10")
def type_is_present(evidence: Evidence) -> Observed:
    """Judge SHAPE-10.

    Search every response for providers without the field type.
    """
    findings = Findings(evidence)
    for exchange, place, provider in evidence.elements():
        # A contract may require the field, which SHAPE-02 judges.
        if may_be_extended(evidence.contract, exchange.query):
            continue
        if "type" not in provider and "type" not in evidence.contract.element_schema["required"]:
            findings.add(
                format_value(provider.get("name")),
                exchange,
                f'no field "type" in provider {format_value(provider.get("name"))}',
                'the field "type" in every provider',
                pointer=pointer(place),
            )
    return findings.observed({"providers": len(evidence.held)}, by_element=True)
