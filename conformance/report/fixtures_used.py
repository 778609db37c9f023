"""What a run with fixtures created, and whether it is gone."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any

from conformance.core.text import counted, listed


def removal(receipt: str, url: str) -> str:
    """Return the command that removes what a receipt lists."""
    words = ("conductor-conformance", "fixtures", "remove", "--receipt", receipt, url)
    return shlex.join(words)


@dataclass(frozen=True, slots=True)
class Leftover:
    """A provider that could not be removed, and the command that removes it."""

    name: str
    curl: str


@dataclass(frozen=True, slots=True)
class FixturesUsed:
    """The providers that a run created, by name, and what is left of them.

    ``seconds`` is how long the cluster had them, ``requests`` what was sent for them in addition to
    the requests of the run. ``refused`` has a clause for each further request that was refused.
    ``receipt`` is the file that lists what is left, or empty.
    """

    created: tuple[str, ...] = ()
    seconds: float = 0.0
    requests: int = 0
    refused: tuple[str, ...] = ()
    left: tuple[Leftover, ...] = ()
    receipt: str = ""

    @property
    def summary(self) -> str:
        """What happened, in a sentence."""
        if not self.created and not self.left:
            return "No provider was created."
        number = counted(len(self.created), "provider")
        made = f"{number} created for {self.seconds:.0f} s ({listed(list(self.created))})"
        if self.refused:
            made += f", though {listed(list(self.refused))}"
        if self.left:
            return f"{made}; {len(self.left)} could not be removed."
        return f"{made}, and removed again: none of them is left."

    def advice(self, url: str) -> str:
        """Return how to remove what is left and its models; empty without a receipt.

        ``url`` is the address of the API.
        """
        return f"To remove models, too: {removal(self.receipt, url)}" if self.receipt else ""

    def as_dict(self) -> dict[str, Any]:
        """Return it in the shape of ``spec/report.schema.json``."""
        return {
            "created": list(self.created),
            "seconds": round(self.seconds, 3),
            "requests": self.requests,
            "refused": list(self.refused),
            "left": [{"name": one.name, "curl": one.curl} for one in self.left],
            **({"receipt": self.receipt} if self.receipt else {}),
        }
