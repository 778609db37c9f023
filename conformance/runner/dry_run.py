"""A run that sends nothing: it shows what a real one would send.

The run is the real one; only what would send its requests is replaced, by something that notes
them and answers like a server without any provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

from conformance.core.text import clipped, counted, visible
from conformance.report.report import Report
from conformance.runner.plan import Part
from conformance.target.target import Target
from conformance.target.transport import Answer, Settings

LONGEST_LINE = 160
_TOKEN = "the-token-of-a-rehearsal"  # noqa: S105 - no token of any server
_JSON = (("content-type", "application/json"),)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A request that would have been sent; ``part`` is empty for those that open the run."""

    part: str
    method: str
    url: str
    presented: str | None


class Rehearsal:
    """Stands in for a transport, notes every request, and lets in who has the first credential."""

    def __init__(self, settings: Settings, token_header: str) -> None:
        self._token_urls = settings.token_urls
        self._token_header = token_header
        self._part = ""
        self.requests: list[Rehearsed] = []

    def begin(self, part: Part, done: int, total: int) -> None:  # noqa: ARG002 - a Progress
        """Take note, as the progress of a run, of which part begins."""
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
        """Note a request and answer it; nothing is sent."""
        presented = headers.get(self._token_header)
        self.requests.append(Rehearsed(self._part, method, url, presented))
        if url in self._token_urls:
            return Answer(200, _JSON, f'{{"token":"{_TOKEN}"}}'.encode())
        if presented != self.accepted:
            return Answer(401)
        return Answer(200, _JSON, b"" if method == "HEAD" else b"[]")

    @property
    def accepted(self) -> str | None:
        """The credential of the first request that was not for a token."""
        for request in self.requests:
            if request.url not in self._token_urls:
                return request.presented
        return None

    def close(self) -> None:
        """Nothing is open."""


def described(rehearsal: Rehearsal, target: Target, report: Report) -> str:
    """Return the requests of a rehearsed run as text for a person.

    Args:
        rehearsal: what noted the requests.
        target: whose credentials are named; none of them is shown.
        report: the run's.
    """
    return "\n".join(_lines(rehearsal, target, report))


def _lines(rehearsal: Rehearsal, target: Target, report: Report) -> Iterator[str]:
    forms = _forms(rehearsal, target)
    yield f"Nothing is sent. A run against {visible(report.target)} would send:"
    for part, requests in groupby(rehearsal.requests, key=lambda request: request.part):
        group = list(requests)
        yield ""
        yield f"{part or 'the first'} ({counted(len(group), 'request')})"
        for request in group:
            parts = urlsplit(request.url)
            place = parts.path + (f"?{parts.query}" if parts.query else "")
            line = f"  {request.method:<4} {clipped(visible(place), LONGEST_LINE)}"
            form = forms.get(request.presented)
            yield f"{line}  [with {form}]" if form and request.method != "POST" else line
    number = len(rehearsal.requests)
    yield ""
    yield (
        f"{counted(number, 'request')} by profile {report.profile}, seed {report.seed}; then, by "
        "what is answered, the models of up to 8 providers, up to 2 providers by name, categories "
        "near to those that providers have instead of some of these, and again what failed, "
        "differs or is refused."
    )
    most = report.most_requests
    yield f"Never more than {counted(most, 'request')} in all, redirects and tokens included."
    if target.authenticated:
        yield "The credential goes to this origin only. Refused ones are made from it."


def _forms(rehearsal: Rehearsal, target: Target) -> dict[str | None, str]:
    accepted = rehearsal.accepted
    if accepted is None:
        return {}
    named = {
        form.make(accepted) if form.make is not None else None: form.access.form
        for form in target.forms()
    }
    named.pop(accepted, None)
    return named
