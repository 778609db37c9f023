"""Which redirects of a target are followed, and which were."""

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
    """The redirects of a target, of which those within its origin are followed."""

    def __init__(self) -> None:
        self._followed: dict[str, None] = {}
        self._usual: set[tuple[str, str]] = set()

    def following(self, request: Request, url: str, answer: Answer, origin: str) -> str | None:
        """Return the URL to ask next; ``None`` if the answer is to be taken as it is."""
        if answer.status not in REDIRECTS or answer.trouble is not None:
            return None
        place = next((value for name, value in answer.headers if name == "location"), None)
        if place is None:
            return None
        try:
            following = urljoin(url, place)
            if origin_of(following) != origin:
                return None
        except ValueError:
            return None
        paths = urlsplit(url).path, urlsplit(following).path
        if request.access.kind is AccessKind.GRANTED:
            self._usual.add(paths)
        # A stranger is redirected to a login page, unless everyone is redirected there.
        return following if paths in self._usual else None

    def remember(self, request: Request, steps: Iterable[str]) -> None:
        """Keep for the notes what was followed with the accepted credential."""
        if request.access.kind is AccessKind.GRANTED:
            self._followed.update((one, None) for one in steps)

    def notes(self) -> Iterator[str]:
        """Yield a sentence for each redirect that was followed."""
        return (f"A redirect was followed: {redirect}." for redirect in self._followed)


def step(url: str, following: str) -> str:
    """Describe a redirect by its paths, which a server may have made up, as plain text."""
    return f"{_place(url)} to {_place(following)}"


def _place(url: str) -> str:
    return visible(clipped(urlsplit(url).path))
