"""Where in an answer there may be something secret: by names of members, whatever holds them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from conformance.checks.detectors.secret_values import in_clear, is_secret
from conformance.core.text import CONFIDENTIAL

SETTINGS = frozenset(
    {CONFIDENTIAL, "configurations", "config", "configs", "settings", "credentials", "secrets"}
)
"""Members that hold settings, in lower case; servers have other names for them, too."""
MENTION = re.compile(rf"\b{CONFIDENTIAL}\b", re.IGNORECASE)
"""The word behind which settings may stand in what is no JSON."""
ASSIGNED = re.compile(
    r"(?:passw(?:or)?d|passphrase|secret|token|credentials?|api[ _-]?key|private[ _-]?key)"
    r"[\w-]{0,40}[\"']?\s{0,9}(?:=>|[=:>])\s{0,9}[\"']?([^\s\"'<>,;&]+)",
    re.IGNORECASE,
)
"""A secret in what is no JSON, with its value."""
SHORTEST = 8
"""Characters; a shorter secret would be found in other texts by chance."""
_WORD = re.compile(r"\w+")


class Names:
    """Names that the target shows in the open, and which of them stand in a text."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.all = frozenset(names)
        self._by_word: dict[str, list[str]] = defaultdict(list)
        for name in self.all:
            word = _WORD.search(name)
            if word is not None:
                self._by_word[word[0]].append(name)

    def within(self, text: str) -> list[str]:
        """Return the names that a text may hold; a name without any letter or digit is none."""
        if not self._by_word:
            return []
        words = {word[0] for word in _WORD.finditer(text)} & self._by_word.keys()
        return [name for word in words for name in self._by_word[word] if name in text]


@lru_cache(maxsize=4096)
def is_confidential(member: str) -> bool:
    """Whether a member holds settings or a secret, at any place of an answer."""
    return member.lower() in SETTINGS or is_secret(member)


def is_recognisable(value: str) -> bool:
    """Whether a secret can be told from other text wherever it stands."""
    return (
        len(value) >= SHORTEST
        and in_clear(value)
        and any(map(str.isdigit, value))
        and any(map(str.isalpha, value))
    )
