"""What one scenario showed: the requests, the answer, the output and how the command ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.clients.answer import Answer
from conformance.clients.exchanges import Sent, tokens
from conformance.clients.scenarios import SMOKE, Scenario
from conformance.contract.model import Contract
from conformance.core.user_command import Ran


class Undecided(Exception):
    """A scenario does not decide a requirement; the text is the reason, a clause."""


class NotOffered(Exception):
    """The client does not offer what a scenario is about; the text is a clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one scenario showed.

    ``held`` are the providers that the filters of the scenario select, as the server sends them.
    ``unread`` says why there is no answer, empty if there is one. ``secrets`` maps the values that
    must not leak to what they are in words; tokens are added to them.
    """

    scenario: Scenario
    held: tuple[Mapping[str, Any], ...]
    sent: tuple[Sent, ...]
    ran: Ran
    answer: Answer | None
    unread: str
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def listings(self) -> tuple[Sent, ...]:
        """The requests for the list at the server under CONDUCTOR_SERVER_URL."""
        return tuple(one for one in self.sent if one.is_listing and one.origin == 0)

    @property
    def token_requests(self) -> tuple[Sent, ...]:
        """The requests for a token at that server."""
        return tuple(one for one in self.sent if one.is_token_request and one.origin == 0)

    @property
    def tokens(self) -> frozenset[str]:
        """The tokens that were issued."""
        return tokens(self.sent)

    @property
    def confidential(self) -> Mapping[str, str]:
        """What must not leak, with the tokens: values and what they are."""
        return {**dict.fromkeys(self.tokens, "token"), **self.secrets}

    @property
    def delivered(self) -> tuple[Mapping[str, Any], ...] | None:
        """The providers in all lists that were sent to the client, each in its last form.

        ``None`` if no list was sent.
        """
        found: dict[str, Mapping[str, Any]] | None = None
        for one in self.listings:
            if one.status == 200 and isinstance(document := one.document, list):
                found = {**(found or {}), **{provider["name"]: provider for provider in document}}
        return None if found is None else tuple(found.values())

    def required_listings(self) -> tuple[Sent, ...]:
        """Return the requests for the list.

        Raises:
            Undecided: there are none.
            NotOffered: there are none because the client does not offer a filter of the scenario.
        """
        if not self.listings and self.answer is not None and self.answer.unsupported:
            raise NotOffered(f"the client does not offer {self.answer.unsupported}")
        if not self.listings:
            raise Undecided(f"the client did not request the list; it {self.ran.words}")
        return self.listings

    def required_list(self) -> tuple[Mapping[str, Any], ...]:
        """Return ``delivered``.

        Raises:
            Undecided: there is none.
        """
        delivered = self.delivered
        if delivered is None:
            raise Undecided(f"the client did not receive a list; it {self.ran.words}")
        return delivered

    def required_answer(self) -> Answer:
        """Return the answer to what was asked for.

        Raises:
            Undecided: there is none.
            NotOffered: the client does not offer a filter of the scenario.
        """
        if self.answer is None or self.ran.code is None:
            raise Undecided(self.unread or f"the command {self.ran.words}")
        if self.answer.unsupported:
            raise NotOffered(f"the client does not offer {self.answer.unsupported}")
        return self.answer


@dataclass(frozen=True, slots=True)
class Breach:
    """A violation that one scenario shows; ``sent`` is the request that shows it, if one does."""

    observed: str
    expected: str
    sent: Sent | None = None


@dataclass(frozen=True, slots=True)
class ClientEvidence:
    """The observations of a run by the name of their scenario, and the contract.

    ``written`` are the fields that an answer has; the adapter does not write others.
    """

    contract: Contract
    observations: Mapping[str, Observation]
    written: frozenset[str]

    @property
    def plain(self) -> Observation | None:
        """The observation of the first scenario, with which others are compared."""
        return self.observations.get(SMOKE)

    @property
    def answered(self) -> bool:
        """Whether there is an answer in any scenario."""
        return any(one.answer is not None for one in self.observations.values())


def evidence_of(contract: Contract, observations: Mapping[str, Observation]) -> ClientEvidence:
    """Return the evidence of a run."""
    answers = [one.answer for one in observations.values() if one.answer is not None]
    written = {name for answer in answers for one in answer.providers or () for name in one}
    return ClientEvidence(contract, observations, frozenset(written))
