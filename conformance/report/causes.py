"""Group failures by the response that shows them, so that a reader begins with few of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.checks.verdict import Finding, Outcome, Verdict

MOST = 3
"""Most causes that are shown."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A response that breaks several requirements.

    ``finding`` is one that it shows, and ``requirements`` are the ids of all that it breaks.
    """

    finding: Finding
    requirements: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the cause in the shape of ``spec/report.schema.json``."""
        names = ("message", "query", "curl")
        shown = {name: getattr(self.finding, name) for name in names}
        return {**shown, "requirements": list(self.requirements)}


def causes(verdicts: Sequence[Verdict]) -> tuple[Cause, ...]:
    """Return few responses that break many requirements, each with those not explained before.

    The next one is always the response that breaks most of what is left; if several do, the one
    with the shortest request. Responses that break a single requirement are left out.
    """
    failed = [verdict for verdict in verdicts if verdict.outcome is Outcome.FAILED]
    left = {verdict.requirement.id: verdict for verdict in failed}
    found: list[Cause] = []
    while len(found) < MOST:
        broken: dict[tuple[str, str], list[tuple[str, Finding]]] = {}
        for name, verdict in left.items():
            for request, finding in _by_request(verdict).items():
                broken.setdefault(request, []).append((name, finding))
        if not broken:
            break
        best = broken[max(broken, key=lambda one: (len(broken[one]), -len(one[0])))]
        names = tuple(name for name, _ in best)
        if len(names) < 2:
            break
        found.append(Cause(best[0][1], names))
        left = {name: verdict for name, verdict in left.items() if name not in names}
    return tuple(found)


def _by_request(verdict: Verdict) -> dict[tuple[str, str], Finding]:
    """Return the first finding of each request that a requirement's findings are about.

    Request lines are cut, so that the query belongs to the key.
    """
    found: dict[tuple[str, str], Finding] = {}
    for finding in verdict.findings:
        found.setdefault((finding.request_line, finding.query), finding)
    return found
