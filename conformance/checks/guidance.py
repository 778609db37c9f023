"""Explain requirements: why each one matters, and a response that violates it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from conformance.contract.model import Measure, Requirement
from conformance.core.yaml_document import read_yaml
from conformance.evidence.exchange import AccessKind

TOKENS = {
    AccessKind.GRANTED: "",
    AccessKind.ABSENT: "without a token",
    AccessKind.EMPTY: "with an empty token",
    AccessKind.UNKNOWN: "with a token that was never issued",
    AccessKind.TAMPERED: "with a token that was tampered with",
    AccessKind.EXPIRED: "with an expired token",
}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A request and its response; without a ``path`` the request is for the endpoint itself."""

    query: str
    body: str
    path: str = ""
    method: str = "GET"
    access: AccessKind = AccessKind.GRANTED
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)

    def request_line(self, path: str) -> str:
        """Describe the request in one line; ``path`` is the path of the endpoint."""
        wire = f"?{self.query}" if self.query else ""
        return f"{self.method} {self.path or path}{wire} {TOKENS[self.access]}".rstrip()

    def response_line(self) -> str:
        """Describe the status and the unusual headers of the response in one line."""
        unusual = [f"{name}: {value}" for name, value in self.headers.items()]
        return ", ".join([f"status {self.status}", *(unusual if self.headers != JSON else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """The explanation of one requirement.

    ``why`` says in a sentence what goes wrong for clients if a server violates the requirement.
    ``answer`` is the smallest response that violates it. If the violation shows only by comparison,
    ``beside`` is the other response. ``also`` lists the requirements that the response inevitably
    violates as well. If no single response violates the requirement, ``exchange`` describes what
    does.
    """

    why: str
    answer: Answer | None = None
    beside: Answer | None = None
    also: tuple[str, ...] = ()
    exchange: str = ""


@cache
def all_guidance() -> Mapping[str, Guidance]:
    """Return the explanations of this version of the suite, by requirement id."""
    raw = resources.files("conformance.checks").joinpath("guidance.yaml").read_bytes()
    return {name: _guidance(entry) for name, entry in read_yaml(raw).items()}


def _guidance(entry: Mapping[str, Any]) -> Guidance:
    fields = dict(entry)
    texts = {name: fields.pop(name) for name in ("why", "exchange") if name in fields}
    beside, also = fields.pop("beside", None), tuple(fields.pop("also", ()))
    return Guidance(
        **texts,
        answer=_answer(fields) if fields else None,
        beside=None if beside is None else _answer(beside),
        also=also,
    )


def _answer(fields: Mapping[str, Any]) -> Answer:
    access = AccessKind(fields.get("access", AccessKind.GRANTED))
    return Answer(**{**fields, "access": access})


def needed(requirement: Requirement, measures: Mapping[str, Measure]) -> str:
    """Return the evidence that a requirement needs to pass, such as ``at least 2 providers``.

    ``measures`` are the contract's kinds of evidence.
    """
    amounts = [
        f"{minimum:,} {measures[measure].full[minimum > 1]}"
        for measure, minimum in requirement.evidence.items()
    ]
    if not amounts:
        return "none"
    *others, last = amounts
    return "at least " + (f"{', '.join(others)} and {last}" if others else last)


def how_checked(requirement: Requirement) -> str:
    """Describe in one or more sentences how this version of the suite checks a requirement."""
    from conformance.checks.registry import all_checks

    if requirement.id not in all_checks():
        return "This version of the suite does not check it."
    return method(all_checks()[requirement.id])


def method(check: Callable[..., Any]) -> str:
    """Return what the docstring of a check says of its method.

    Its first line names the requirement; the rest describes the method.
    """
    return " ".join((check.__doc__ or "").partition("\n")[2].split())
