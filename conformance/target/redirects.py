"""Following redirects within the origin of a target."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from conformance.core.text import clipped, counted, visible
from conformance.evidence.exchange import AccessKind, Request
from conformance.target.address import origin_of
from conformance.target.transport import Answer

MOST_NAMED = 20
"""Redirects that a report names."""
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Redirects:
    """Decides which redirects to follow, and remembers those that were followed."""

    def __init__(self) -> None:
        self.followed: dict[str, None] = {}
        """The redirects that were followed with the accepted credential."""
        self._usual: set[tuple[str, str]] = set()

    def next_url(self, request: Request, url: str, answer: Answer, origin: str) -> str | None:
        """Return the URL to request next, or ``None`` if the response is final."""
        location = dict(reversed(answer.headers)).get("location")
        if answer.status not in REDIRECTS or answer.trouble is not None or location is None:
            return None
        try:
            target = urljoin(url, location)
            if origin_of(target) != origin:
                return None
        except ValueError:
            return None
        paths = urlsplit(url).path, urlsplit(target).path
        if request.access.kind is AccessKind.GRANTED:
            self._usual.add(paths)
        # An unauthenticated request may be redirected to a login page. That redirect is judged, so
        # it is followed only if authenticated requests are redirected in the same way.
        return target if paths in self._usual else None

    def notes(self) -> list[str]:
        """Return one sentence per redirect that was followed; the last one sums up the others."""
        named = list(self.followed)[:MOST_NAMED]
        more = len(self.followed) - len(named)
        notes = [f"A redirect was followed: {redirect}." for redirect in named]
        return [*notes, f"So were {counted(more, 'other redirect')}."] if more else notes


def step(*urls: str) -> str:
    """Describe a redirect by its two paths, with control characters escaped.

    A query is not shown, since it may hold a secret of the server's.
    """
    first, *others = (visible(clipped(urlsplit(url).path)) for url in urls)
    if set(others) == {first}:
        return f"{first} with another query"
    return " to ".join((first, *others))
