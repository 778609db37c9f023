"""Checks of what a client read: its answer compared with the list that it was sent.

Each judges one scenario. Values are never shown, for they may be settings.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.clients.observation import (
    Breach,
    ClientEvidence,
    NotOffered,
    Observation,
    Undecided,
)
from conformance.core.text import CONFIDENTIAL, counted, format_value

Provider = Mapping[str, Any]
TAGS = "tags"
EMPTY: tuple[Any, ...] = (None, "", [], {})
"""Values that stand for an absent one in some languages."""


def categories(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-08.

    No provider may be lost, and the field category must be unchanged.
    """
    yield from _lost(seen)
    yield from _changed(run, seen, ["category"])


def kept(_run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-09.

    No provider may be lost; providers are told apart by their names.
    """
    return _lost(seen)


def whole(_run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-11.

    No provider may be lost, invented or repeated.
    """
    yield from _lost(seen)
    yield from _added(seen)


def absent(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-10.

    An optional field that was not sent must be null, empty or absent in the answer.
    """
    yield from _lost(seen)
    sent = {one.get("name"): one for one in seen.delivered or ()}
    for provider in seen.required_answer().providers or ():
        original = sent.get(provider.get("name"), provider)
        for name in _optional(run):
            if name not in original and provider.get(name) not in EMPTY:
                yield Breach(f"a value of {name} that was not sent", f"no value of {name}")


def required(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-12.

    Compares the required fields, and that no provider is lost, invented or repeated. If a filter
    was to be used, only providers that it selects are expected.
    """
    if seen.scenario.active_only is False and all(one["enabled"] for one in seen.required_list()):
        raise Undecided("no inactive provider was sent to the client")
    yield from _lost(seen)
    yield from _added(seen)
    yield from _changed(run, seen, _required(run))


def large_count(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-13.

    Compares modelsCount.
    """
    yield from _lost(seen)
    yield from _changed(run, seen, ["modelsCount"])


def optional(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-14.

    Compares the optional fields that the adapter writes; the order of tags does not matter. A
    provider that is lost is a matter of CLIENT-12.
    """
    if not run.written.intersection(_optional(run)):
        seen.required_list()
        seen.required_answer()
        raise NotOffered("the adapter writes no optional field")
    return _changed(run, seen, _optional(run))


def not_a_list(_run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-15.

    The answer must be an error, with or without a status.
    """
    last = seen.required_listings()[-1]
    answer = seen.required_answer()
    if answer.providers is not None:
        yield Breach(counted(len(answer.providers), "provider"), "an error", last)


def refusal(_run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-16.

    There must be an error, with the status of the last response.
    """
    last = seen.required_listings()[-1]
    answer = seen.required_answer()
    if not answer.failed or answer.status != last.status:
        yield Breach(answer.words, f"an error with status {last.status}", last)


def _lost(seen: Observation) -> Iterator[Breach]:
    """Yield which providers were lost on the way to the answer."""
    delivered = seen.required_list()
    answer = seen.required_answer()
    scenario = seen.scenario
    unfiltered = scenario.category is None and scenario.active_only is None
    # Where no filter is to be used, a client that uses one all the same loses providers.
    expected = seen.held if unfiltered else [one for one in delivered if _selected(seen, one)]
    if answer.providers is None:
        yield Breach(answer.words, counted(len(expected), "provider"))
        return
    read = set(map(_key, answer.providers))
    lost = sum(_key(one) not in read for one in expected)
    if lost:
        number = f"{lost:,} of {counted(len(expected), 'provider')}"
        yield Breach(f"lost {number}", "no provider lost")


def _added(seen: Observation) -> Iterator[Breach]:
    """Yield which providers the answer has that were not sent, or more often than they were."""
    sent = Counter(map(_key, seen.required_list()))
    more = Counter(map(_key, seen.required_answer().providers or ())) - sent
    invented = counted(len(more.keys() - sent.keys()), "provider")
    repeated = counted(len(more.keys() & sent.keys()), "provider")
    if more.keys() - sent.keys():
        yield Breach(f"{invented} that the server did not send", "no provider invented")
    if more.keys() & sent.keys():
        yield Breach(f"{repeated} more than once", "each provider once")


def _changed(run: ClientEvidence, seen: Observation, fields: Iterable[str]) -> Iterator[Breach]:
    """Yield which of the fields that the adapter writes have another value in the answer."""
    delivered = seen.required_list()
    read = {_key(one): one for one in seen.required_answer().providers or ()}
    pairs = [(one, read[_key(one)]) for one in delivered if _key(one) in read]
    for name in fields:
        if name not in run.written:
            continue
        wrong = [
            (sent, got)
            for sent, got in pairs
            if _plain(name, sent.get(name)) != _plain(name, got.get(name))
        ]
        if wrong:
            sent, got = wrong[0]
            others = f", and {len(wrong) - 1} more" if wrong[1:] else ""
            yield Breach(f"{name} {_shown(name, sent, got)}{others}", f"{name} unchanged")


def _selected(seen: Observation, provider: Provider) -> bool:
    """Whether the filters of the scenario select a provider; the client may apply them itself."""
    scenario = seen.scenario
    chosen = scenario.category in (None, provider.get("category"))
    return chosen and (scenario.active_only is False or provider.get("enabled") is True)


def _key(provider: Provider) -> str:
    return json.dumps(provider.get("name"))


def _plain(name: str, value: Any) -> Any:
    """Return a value in a form in which equal ones are equal, and true is not 1."""
    if value in EMPTY:
        return None
    if name == TAGS and isinstance(value, list):
        return sorted(json.dumps([_field(one, "key"), _field(one, "value")]) for one in value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else value


def _shown(name: str, sent: Provider, got: Provider) -> str:
    if name == CONFIDENTIAL:
        return "is not what the server sent"
    return f"is {format_value(got.get(name))} instead of {format_value(sent.get(name))}"


def _required(run: ClientEvidence) -> list[str]:
    return list(run.contract.element_schema["required"])


def _optional(run: ClientEvidence) -> list[str]:
    required = _required(run)
    return [one for one in run.contract.element_schema["properties"] if one not in required]
