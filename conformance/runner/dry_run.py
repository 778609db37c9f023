"""Dry runs: showing the requests of a run without sending any.

The run is a real one. Only the transport is replaced, by one that records the requests and answers
like a server without providers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from conformance.core.text import clipped, counted, visible
from conformance.report.report import Report
from conformance.runner.plan import Part
from conformance.target.target import Target
from conformance.target.transport import Answer, Settings

LONGEST_LINE = 160
_TOKEN = "the-token-of-a-dry-run"  # noqa: S105 - no token of any server
_JSON = (("content-type", "application/json"),)


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """A request that a run would send; ``part`` is empty for those that open the run."""

    part: str
    method: str
    url: str
    presented: str | None


class DryRunTransport:
    """A transport that sends nothing and records every request.

    It accepts the first credential it sees and refuses all others.
    """

    def __init__(self, settings: Settings, token_header: str) -> None:
        self._token_urls = settings.token_urls
        self._token_header = token_header
        self._part = ""
        self.requests: list[PlannedRequest] = []

    def begin(self, part: Part, done: int, total: int) -> None:  # noqa: ARG002 - a Progress
        """Record which part of the run begins; a ``Progress``."""
        if done == 0:
            self._part = str(part)

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,  # noqa: ARG002 - a Sender
        *,
        timeout: float | None = None,  # noqa: ARG002
    ) -> Answer:
        """Record a request and return the response of an empty server."""
        presented = headers.get(self._token_header)
        self.requests.append(PlannedRequest(self._part, method, url, presented))
        if url in self._token_urls:
            return Answer(200, _JSON, f'{{"token":"{_TOKEN}"}}'.encode())
        if presented != self.accepted:
            return Answer(401)
        return Answer(200, _JSON, b"" if method == "HEAD" else b"[]")

    @property
    def accepted(self) -> str | None:
        """The credential of the first request that was not for a token."""
        others = (one.presented for one in self.requests if one.url not in self._token_urls)
        return next(others, None)

    def close(self) -> None:
        """Nothing is open."""


def described(transport: DryRunTransport, target: Target, report: Report) -> str:
    """Return the requests of a dry run as text; no value of a credential is shown."""
    return "\n".join(_lines(transport, target, report))


def _lines(transport: DryRunTransport, target: Target, report: Report) -> Iterator[str]:
    forms = _forms(transport, target)
    yield f"Nothing was sent. A run against {visible(report.target)} would send:"
    for part, requests in groupby(transport.requests, key=lambda request: request.part):
        group = list(requests)
        yield ""
        yield f"{part or 'the first'} ({counted(len(group), 'request')})"
        for request in group:
            place = request.url.removeprefix(target.address.origin)
            line = f"  {request.method:<4} {clipped(visible(place), LONGEST_LINE)}"
            form = forms.get(request.presented)
            yield f"{line}  [with {form}]" if form and request.method != "POST" else line
    yield ""
    number = counted(len(transport.requests), "request")
    yield (
        f"{number} with profile {report.profile} and seed {report.seed}. "
        "Depending on the responses, a run also requests the models of up to 8 providers and up to "
        "2 providers by name, replaces some categories by ones close to those of the providers, "
        "and repeats requests that failed, differed or were refused."
    )
    most = counted(report.most_requests, "request")
    yield f"At most {most} in total, including redirects and token requests."
    if target.authenticated:
        yield "The credential is sent to this origin only. Refused credentials are derived from it."


def _forms(transport: DryRunTransport, target: Target) -> dict[str | None, str]:
    accepted = transport.accepted
    if accepted is None:
        return {}
    forms = ((form, form.make(accepted) if form.make else None) for form in target.forms())
    return {made: form.access.form for form, made in forms if made != accepted}
