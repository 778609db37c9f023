"""Find many names in a text at once, in time that does not depend on their number."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

_WORD = re.compile(r"\w+")


class Names:
    """Names to be found in texts, by the first word of each.

    A name is found where its first word stands as a whole word. Names without a letter or digit
    are never found.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.all = frozenset(names)
        # Where a name begins before its first word, and its length; many names share them.
        self._shapes: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for name in self.all:
            word = _WORD.search(name)
            if word is not None:
                self._shapes[word[0]].add((word.start(), len(name)))

    def found(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield the beginning of each name in a text, and the name."""
        for word in _WORD.finditer(text) if self._shapes else ():
            for before, length in self._shapes.get(word[0], ()):
                begin = word.start() - before
                name = text[begin : begin + length] if begin >= 0 else ""
                if len(name) == length and name in self.all:
                    yield begin, name
