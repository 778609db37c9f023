"""What there is to learn about a requirement: why it matters, and an answer that breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from conformance.contract.model import Requirement
from conformance.core.yaml_document import read_yaml
from conformance.evidence.exchange import AccessKind

TOKENS = {
    AccessKind.GRANTED: "",
    AccessKind.ABSENT: "without a token",
    AccessKind.EMPTY: "with an empty token",
    AccessKind.UNKNOWN: "with a token that was never issued",
    AccessKind.TAMPERED: "with a token that was tampered with",
}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A request and what comes back; without a ``path`` it is asked of the endpoint itself."""

    query: str
    body: str
    path: str = ""
    method: str = "GET"
    access: AccessKind = AccessKind.GRANTED
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)

    def asked(self, path: str) -> str:
        """Return the request in a line; ``path`` is the endpoint's."""
        wire = f"?{self.query}" if self.query else ""
        return f"{self.method} {self.path or path}{wire} {TOKENS[self.access]}".rstrip()

    def told(self) -> str:
        """Return what comes back before the body, in a line."""
        unusual = [f"{name}: {value}" for name, value in self.headers.items()]
        return ", ".join([f"status {self.status}", *(unusual if self.headers != JSON else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """About one requirement.

    ``answer`` is the smallest that breaks it, seen ``beside`` another one where it takes two;
    ``also`` are the requirements that it cannot but break, too. Where no single answer breaks it,
    ``exchange`` says what does.
    """

    why: str
    answer: Answer | None = None
    beside: Answer | None = None
    also: tuple[str, ...] = ()
    exchange: str = ""


@cache
def lessons() -> Mapping[str, Lesson]:
    """Return what this version of the suite teaches, by requirement id."""
    raw = resources.files("conformance.checks").joinpath("guidance.yaml").read_bytes()
    return {name: _lesson(entry) for name, entry in read_yaml(raw).items()}


def _lesson(entry: Mapping[str, Any]) -> Lesson:
    members = dict(entry)
    kept = {name: members.pop(name) for name in ("why", "exchange") if name in members}
    beside, also = members.pop("beside", None), tuple(members.pop("also", ()))
    return Lesson(
        **kept,
        answer=_answer(members) if members else None,
        beside=None if beside is None else _answer(beside),
        also=also,
    )


def _answer(members: Mapping[str, Any]) -> Answer:
    access = AccessKind(members.get("access", AccessKind.GRANTED))
    return Answer(**{**members, "access": access})


def needed(requirement: Requirement, measures: Mapping[str, str]) -> str:
    """Return what has to be seen before a requirement can be passed, in the words of a contract."""
    return "; ".join(
        measures[measure] + (f", {minimum} at least" if minimum > 1 else "")
        for measure, minimum in requirement.evidence.items()
    )


def how_checked(requirement: Requirement) -> str:
    """Return how this version of the suite checks a requirement, in a sentence or more."""
    from conformance.checks.registry import all_checks

    if requirement.id not in all_checks():
        return "not by this version of the suite."
    # The first line of a check's docstring names the requirement, the rest says how.
    return " ".join((all_checks()[requirement.id].__doc__ or "").partition("\n")[2].split())
