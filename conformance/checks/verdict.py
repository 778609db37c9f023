"""What a check finds, and what is concluded from it for one requirement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from conformance.contract.model import Level, Requirement


class Outcome(StrEnum):
    """The five ends a requirement can come to."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation: what was asked, what came back and what the contract says.

    ``message`` says all of it in one line. ``pointer`` is the JSON pointer of the place in the
    answer, empty for the answer as a whole. No value from ``configuration`` and no credential is in
    any member; ``curl`` names the token by its environment variable.
    """

    message: str
    query: str
    curl: str
    pointer: str
    observed: str
    expected: str

    def redacted(self, redact: Callable[[str], str]) -> Finding:
        """Return the finding with ``redact`` applied to every text that a target can influence."""
        return replace(
            self,
            message=redact(self.message),
            curl=redact(self.curl),
            pointer=redact(self.pointer),
            observed=redact(self.observed),
            expected=redact(self.expected),
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of failure: what many findings, of this run and of later ones, have in common.

    The ``fingerprint`` is the same in every run; see ``checks.fingerprints`` for its recipe.
    """

    fingerprint: str
    description: str


@dataclass(frozen=True, slots=True)
class Known:
    """Why a failure does not count against the target: the baseline has an entry for it."""

    reason: str
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What a check saw.

    ``looked`` counts, by measure, what the check could look at. ``found`` is the number of distinct
    violations, or ``at_least`` that many; ``findings`` are examples of them, out of ``kept``, the
    first hundreds. ``unable`` says why the check could not tell, ``not_applicable`` why its
    question does not arise. ``queries`` are the documented queries whose answers showed violations,
    all of them, as they go on the wire.
    """

    measured: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    found: int = 0
    at_least: bool = False
    unable: str | None = None
    not_applicable: str | None = None
    kept: tuple[Finding, ...] = ()
    queries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The conclusion for one requirement; ``reason`` is a sentence, ``evidence`` what was seen.

    ``kinds`` are those of all its failures, of which ``findings`` are examples. ``queries`` are the
    documented queries whose answers showed it broken; there are none where only others did.
    """

    requirement: Requirement
    outcome: Outcome
    reason: str
    evidence: str
    findings: tuple[Finding, ...] = ()
    kinds: tuple[Kind, ...] = ()
    known: Known | None = None
    queries: tuple[str, ...] = ()

    @property
    def binding(self) -> bool:
        """Whether the requirement is a MUST."""
        return self.requirement.level is Level.MUST

    def redacted(self, redact: Callable[[str], str]) -> Verdict:
        """Return the verdict with ``redact`` applied to its texts; fingerprints stay the same."""
        return replace(
            self,
            reason=redact(self.reason),
            findings=tuple(finding.redacted(redact) for finding in self.findings),
            kinds=tuple(replace(kind, description=redact(kind.description)) for kind in self.kinds),
        )
