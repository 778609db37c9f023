"""Places in JSON documents; their pointers are written only when somebody reads them."""

from __future__ import annotations

from conformance.core.text import pointer

LONGEST = 2000
"""Characters of a JSON pointer that is written; of a longer one, only the end is."""


class Place:
    """The place of a value, as the place that contains it and the last part of the pointer.

    A place takes constant time and memory, whatever its depth and the names of fields, so a
    response can be walked through in linear time. Equal places are equal keys of a dictionary.
    """

    __slots__ = ("_hash", "_parent", "_part")

    def __init__(self, parent: Place | None = None, part: str | int = "") -> None:
        self._parent = parent
        self._part = part
        # The hashes of 0 and of an empty string are equal.
        beside = None if parent is None else parent._hash
        self._hash: int = hash((beside, isinstance(part, int), part))

    @classmethod
    def of(cls, *parts: str | int) -> Place:
        """Return the place that these unescaped parts lead to."""
        place = ROOT
        for part in parts:
            place = Place(place, part)
        return place

    def __truediv__(self, part: str | int) -> Place:
        return Place(self, part)

    def __str__(self) -> str:
        """Return the JSON pointer (RFC 6901), cut at its beginning if it is too long."""
        texts: list[str] = []
        length = 0
        place: Place | None = self
        while place is not None and place._parent is not None:
            texts.append(pointer(place._part))
            length += len(texts[-1])
            if length > LONGEST:
                return "/…" + "".join(reversed(texts))[2 - LONGEST :]
            place = place._parent
        return "".join(reversed(texts))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        # The hashes of strings are seeded at random, so no target can make two of them equal.
        return isinstance(other, Place) and self._hash == other._hash and self._part == other._part


ROOT = Place()
"""The place of the document as a whole."""
