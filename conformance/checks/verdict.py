"""Findings of checks, and verdicts on requirements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from conformance.contract.model import Level, Requirement


class Outcome(StrEnum):
    """The five possible outcomes of a requirement."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Compared:
    """The other request of a comparison: its query as sent, and the command that repeats it."""

    query: str
    curl: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation: the request, the response and what the contract requires.

    ``message`` contains all three in one line. ``pointer`` is the JSON pointer of the place in the
    response, empty for the response as a whole. No field contains a credential or a value from
    ``configuration``; ``curl`` refers to the token by its environment variable.
    """

    message: str
    query: str
    curl: str
    pointer: str
    observed: str
    expected: str
    right_for: str = ""
    """Another query, to which the response would have been right; empty if there is none."""
    method: str = "GET"
    credential: str = ""
    """What was sent instead of the accepted credential, in words; empty if that was sent."""
    provider: str = ""
    """The name of the only provider that the finding is about; empty if there is none."""
    compared: Compared | None = None
    seen: int = 0
    """How many of the responses to this request show the violation; 0 if that is not known."""
    responses: int = 0
    """How many responses to this request the run got."""

    @property
    def request_line(self) -> str:
        """What begins the message: method, path and query; of a client, scenario and request."""
        return self.message.partition(": ")[0]

    def redacted(self, redact: Callable[[str], str]) -> Finding:
        """Return a copy with ``redact`` applied to every text that a target can influence."""
        compared = self.compared
        return replace(
            self,
            provider=redact(self.provider),
            compared=compared and replace(compared, curl=redact(compared.curl)),
            message=redact(self.message),
            curl=redact(self.curl),
            pointer=redact(self.pointer),
            observed=redact(self.observed),
            expected=redact(self.expected),
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of failure, which many findings of this run and of later runs may share.

    The ``fingerprint`` is the same in every run; ``checks.fingerprints`` documents its recipe.
    """

    fingerprint: str
    description: str


@dataclass(frozen=True, slots=True)
class Known:
    """The baseline entry of a known failure, which does not count against the target."""

    reason: str
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """The result of a check.

    ``measured`` is the amount of evidence by measure. ``found`` is the number of distinct
    violations, or a lower bound if ``at_least`` is set, and ``findings`` the examples for reports.
    ``kept`` holds the first few hundred of them that queries written by hand show, or, if
    ``generated`` is set, that only generated queries show. ``unable`` is the reason if the check
    could not decide, ``not_applicable`` the reason if the requirement does not apply to the target.
    ``queries`` lists all documented queries whose responses show violations, as sent. ``power`` is
    a clause that says which mistakes the check would have caught.
    """

    measured: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    found: int = 0
    at_least: bool = False
    unable: str | None = None
    not_applicable: str | None = None
    kept: tuple[Finding, ...] = ()
    generated: bool = False
    queries: tuple[str, ...] = ()
    power: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The conclusion for one requirement.

    ``reason`` is a clause without a capital or a full stop, and ``evidence`` lists what was
    examined. ``kinds`` are the kinds of all failures; ``findings`` are examples. ``queries`` lists
    the documented queries whose responses violate the requirement; it is empty if only responses to
    other requests do.
    """

    requirement: Requirement
    outcome: Outcome
    reason: str
    evidence: str
    findings: tuple[Finding, ...] = ()
    kinds: tuple[Kind, ...] = ()
    known: Known | None = None
    queries: tuple[str, ...] = ()
    decided_by: str = ""
    """What would decide an inconclusive requirement, in words; empty if that is not known."""
    lacks: tuple[tuple[str, int], ...] = ()
    """The kinds of evidence of which there was too little, each with the amount that lacks."""

    @property
    def binding(self) -> bool:
        """Whether the requirement is a MUST."""
        return self.requirement.level is Level.MUST

    def redacted(self, redact: Callable[[str], str]) -> Verdict:
        """Return a copy with ``redact`` applied to all texts; fingerprints stay the same."""
        return replace(
            self,
            reason=redact(self.reason),
            findings=tuple(finding.redacted(redact) for finding in self.findings),
            kinds=tuple(replace(kind, description=redact(kind.description)) for kind in self.kinds),
        )
