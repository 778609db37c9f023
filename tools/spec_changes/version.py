"""Semantic versions of the contract, and the version that changes require."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from spec_changes.change import Bump, Change

_FORM = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version of three numbers; the contract has no pre-releases."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Parse a version such as ``0.2.1``.

        Raises:
            ValueError: the text has another form.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not of the form X.Y.Z")
        return cls(*map(int, found.groups()))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def raised(self, bump: Bump) -> Version:
        """Return the next version; below 1.0.0 the minor number replaces the major number."""
        if bump is Bump.PATCH:
            return Version(self.major, self.minor, self.patch + 1)
        if bump is Bump.MAJOR and self.major:
            return Version(self.major + 1, 0, 0)
        return Version(self.major, self.minor + 1, 0)


def demanded(version: Version, found: Iterable[Change]) -> Version:
    """Return the lowest version that a contract with these changes may have."""
    bumps = [change.bump for change in found]
    return version.raised(max(bumps)) if bumps else version
