"""Checks of what a client sent and printed. Each judges one scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from urllib.parse import parse_qsl, unquote

from conformance.clients.counterparts import RETRY_AFTER
from conformance.clients.exchanges import Sent
from conformance.clients.observation import (
    Breach,
    ClientEvidence,
    NotOffered,
    Observation,
    Undecided,
)
from conformance.contract.model import Operator
from conformance.core.text import clipped, counted, format_value, visible

MOST_REPEATED = 10
"""Requests for the list with tokens that have expired, until a client repeats itself without end.

A client that renews its token before each of three repetitions, which is a common number, and that
reads the list twice, sends eight.
"""
EARLY = 0.1
"""Seconds by which a repetition may be early: timers round, mostly to milliseconds."""


def parameters(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-01.

    Checks the names of all parameters of requests for the list.
    """
    documented = [item.parameter for item in run.contract.filters]
    for sent in seen.required_listings():
        for name in dict.fromkeys(name for name, _ in _query(sent)):
            if name not in documented:
                shown = visible(clipped(name, 40))
                yield Breach(
                    f"undocumented parameter {shown}", f"only {' and '.join(documented)}", sent
                )


def category(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-02.

    Without a category to request there must not be any, unless the client reads one category after
    the other. If nothing that it sends has the category, only an answer shows that it was asked to.
    A client may read the unfiltered list besides the one that it requests.
    """
    name, wanted = run.contract.filter_by(Operator.EQUALS).parameter, seen.scenario.category
    listings = seen.required_listings()
    if wanted is None and len({value for sent in listings for value in _values(sent, name)}) > 1:
        return
    if wanted is not None and not any(wanted in dict(_query(sent)).values() for sent in listings):
        _must_be_asked(seen)
    yield from _wrong(listings, name, wanted, [wanted])


def active_only(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-03.

    The default, true, may be sent or left out. If false is wanted and the parameter is absent, only
    an answer shows that the client was asked for it.
    """
    name = run.contract.filter_by(Operator.ONLY_WHEN_TRUE).parameter
    inactive = seen.scenario.active_only is False
    listings = seen.required_listings()
    if inactive and all(_values(sent, name) == (None,) for sent in listings):
        _must_be_asked(seen)
    if inactive:
        yield from _wrong(listings, name, "false", ["false"])
    else:
        yield from _wrong(listings, name, None, [None, "true"])


def offered(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-04.

    A filter is offered if it was sent, and not if the answer says so.
    """
    operator = Operator.EQUALS if seen.scenario.category is not None else Operator.ONLY_WHEN_TRUE
    name = run.contract.filter_by(operator).parameter
    if seen.answer is not None and seen.answer.unsupported:
        yield Breach(f"the client does not offer {seen.answer.unsupported}", f"a filter {name}")
    elif all(_values(sent, name) == (None,) for sent in seen.required_listings()):
        raise Undecided(
            f"the client did not send {name}, and only an answer with unsupported says that it "
            "lacks the filter"
        )


def token(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-05.

    At least one request for the list must have a token that was issued to the client; a first
    attempt without one is no violation.
    """
    header = run.contract.token_header
    if any(sent.token in seen.tokens for sent in seen.listings):
        return
    if not seen.sent:
        raise Undecided(f"the client sent no request; it {seen.ran.words}")
    expected = f"a token from POST /api/token with keyId and keySecret, sent as {header}"
    refused = next((sent for sent in seen.token_requests if sent.issued is None), None)
    if not seen.tokens and refused is not None:
        yield Breach(f"the token request got {_status(refused)}", expected, refused)
    elif not seen.tokens:
        yield Breach("no token request", expected, next(iter(seen.listings), None))
    elif seen.listings:
        last = seen.listings[-1]
        found = f"another value in {header}" if last.token is not None else f"no {header}"
        yield Breach(found, expected, last)
    else:
        raise Undecided(f"the client requested a token and no list; it {seen.ran.words}")


def methods(_run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-06.

    Any method other than GET is a violation, except for POST to the token endpoint.
    """
    if not seen.sent:
        raise Undecided(f"the client sent no request; it {seen.ran.words}")
    for sent in seen.sent:
        if sent.method != "GET" and not (sent.method == "POST" and sent.is_token_request):
            yield Breach(f"method {visible(clipped(sent.method, 20))}", "GET", sent)


def trailing_slash(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-07.

    The list must be received with a slash at the end of the URL if it was received without one.
    """
    if run.plain is not None and run.plain.delivered is None:
        raise Undecided("the client did not receive the list without the slash either")
    if seen.delivered is not None:
        return
    if not seen.sent or seen.ran.code is None:
        raise Undecided(f"the client did not receive the list; it {seen.ran.words}")
    wrong = next((one for one in seen.sent if one.status != 200), seen.sent[-1])
    yield Breach(f"the request got {_status(wrong)}, and no list was received", "the list", wrong)


def expiry(_run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-17.

    In ``expired-token`` the list must be received with a second token. In ``always-expired`` more
    than ``MOST_REPEATED`` requests for the list, or for tokens, are a loop.
    """
    refused = [sent for sent in seen.listings if sent.status == 401 and sent.token in seen.tokens]
    if not refused:
        raise Undecided("the client did not use the token that it was told has expired")
    if seen.scenario.name == "always-expired":
        number = max(len(refused), len(seen.token_requests))
        if number > MOST_REPEATED:
            yield Breach(
                f"{counted(number, 'request')} although each token was refused",
                f"at most {MOST_REPEATED} requests",
                refused[-1],
            )
        elif seen.ran.code is None:
            raise Undecided(f"the command {seen.ran.words}")
    elif seen.delivered is None:
        if not any(one.begun > refused[0].begun for one in seen.token_requests):
            yield Breach("no new token was requested", "a new token and the list", refused[0])
            return
        first = refused[0].token
        for one in seen.listings:
            if one.token in seen.tokens and one.token != first and one.status != 401:
                raise Undecided(f"the repeated request with a new token got {_status(one)}")
        yield Breach("no list was received with a new token", "the list", refused[0])


def plain_refusal(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-18.

    Counts what was sent after the first 403. A client that reads the list several times in the
    first scenario may do so here as well.
    """
    usual = Counter[str]() if run.plain is None else _sorts(run.plain.sent)
    refused = next((sent for sent in seen.listings if sent.status == 403), None)
    if refused is None:
        raise Undecided(f"the client got no 403; it {seen.ran.words}")
    after = _sorts(tuple(one for one in seen.sent if one.begun > refused.ended))
    for sort, what in (("token", "token request"), ("list", "request for the list")):
        if after[sort] > max(usual[sort] - 1, 0):
            yield Breach(f"{counted(after[sort], what)} after status 403", "no repetition", refused)


def retry_after(run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-19.

    A request that began before the response ended is no repetition of it.
    """
    usual = 0 if run.plain is None else len(run.plain.listings)
    throttled = next((sent for sent in seen.listings if sent.status == 429), None)
    if throttled is None:
        raise Undecided(f"the client got no 429; it {seen.ran.words}")
    early = [
        sent.begun - throttled.ended
        for sent in seen.listings
        if throttled.ended < sent.begun < throttled.ended + RETRY_AFTER - EARLY
    ]
    if len(early) > max(usual - 1, 0):
        yield Breach(
            f"repeated after {early[0]:.1f} s", f"at least {RETRY_AFTER} s, as asked", throttled
        )


def other_origin(_run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-20.

    Searches everything that the other origin received for the token, the key and its secret.
    """
    if not any(sent.status == 302 for sent in seen.listings):
        raise Undecided(f"the client was not redirected; it {seen.ran.words}")
    for sent in seen.sent:
        if sent.origin == 0:
            continue
        places = {
            **{f"the header {visible(clipped(name, 40))}": value for name, value in sent.headers},
            "the URL": unquote(sent.line, "latin-1"),
            "the body": sent.body.decode("latin-1"),
        }
        for secret, what in seen.confidential.items():
            for place, text in places.items():
                if secret in text:
                    yield Breach(
                        f"the {what} was sent to another origin in {place}",
                        "no credential at another origin",
                        sent,
                    )


def output(_run: ClientEvidence, seen: Observation) -> Iterator[Breach]:
    """Judge CLIENT-21.

    Searches both streams. A provider has a setting that nothing else contains, so that it is not
    found by chance.
    """
    if not seen.sent:
        raise Undecided(f"the client sent no request; it {seen.ran.words}")
    for secret, what in seen.confidential.items():
        if secret.encode() in seen.ran.output:
            yield Breach(f"a {what} in the output", "no secret in the output")


def _query(sent: Sent) -> list[tuple[str, str]]:
    return parse_qsl(sent.query, keep_blank_values=True)


def _values(sent: Sent, name: str) -> tuple[str | None, ...]:
    """Return the values of a parameter, ``None`` for a parameter that was not sent."""
    return tuple(value for one, value in _query(sent) if one == name) or (None,)


def _wrong(
    listings: Sequence[Sent], name: str, wanted: str | None, allowed: Collection[str | None]
) -> Iterator[Breach]:
    """Yield each value of a parameter that is not allowed.

    A request without the parameter is allowed if another one, with what is wanted, got the list.
    """
    received = any(_values(sent, name) == (wanted,) and sent.status == 200 for sent in listings)
    expected = " or ".join(_given(name, value) for value in allowed)
    for sent in listings:
        for value in dict.fromkeys(_values(sent, name)):
            if value not in allowed and not (value is None and received):
                yield Breach(_given(name, value), expected, sent)


def _given(name: str, value: str | None) -> str:
    return f"no {name}" if value is None else f"{name} {format_value(value)}"


def _must_be_asked(seen: Observation) -> None:
    """Raise unless an answer shows that an adapter heeds the filters of the scenario."""
    if seen.answer is not None and seen.answer.unsupported:
        raise NotOffered(f"the client does not offer {seen.answer.unsupported}")
    if seen.answer is None:
        raise Undecided(f"the filter was not sent, and {seen.unread}")


def _status(sent: Sent) -> str:
    return "no response" if sent.status is None else f"status {sent.status}"


def _sorts(sent: tuple[Sent, ...]) -> Counter[str]:
    mine = [one for one in sent if one.origin == 0]
    return Counter(
        "token" if one.is_token_request else "list" if one.is_listing else "other" for one in mine
    )
