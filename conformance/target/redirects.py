"""Following redirects within the origin of a target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urljoin, urlsplit

from conformance.core.text import clipped, visible
from conformance.evidence.exchange import AccessKind, Request
from conformance.target.address import origin_of
from conformance.target.transport import Answer

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Redirects:
    """Decides which redirects to follow, and remembers those that were followed."""

    def __init__(self) -> None:
        self._followed: dict[str, None] = {}
        self._usual: set[tuple[str, str]] = set()

    def next_url(self, request: Request, url: str, answer: Answer, origin: str) -> str | None:
        """Return the URL to request next, or ``None`` if the response is final."""
        if answer.status not in REDIRECTS or answer.trouble is not None:
            return None
        location = next((value for name, value in answer.headers if name == "location"), None)
        if location is None:
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

    def remember(self, request: Request, steps: Iterable[str]) -> None:
        """Remember redirects that were followed with the accepted credential, for the notes."""
        if request.access.kind is AccessKind.GRANTED:
            self._followed.update((one, None) for one in steps)

    def notes(self) -> Iterator[str]:
        """Return one sentence per redirect that was followed."""
        return (f"A redirect was followed: {redirect}." for redirect in self._followed)


def step(url: str, next_url: str) -> str:
    """Describe a redirect by its two paths, with control characters escaped."""
    return f"{_path(url)} to {_path(next_url)}"


def _path(url: str) -> str:
    return visible(clipped(urlsplit(url).path))
