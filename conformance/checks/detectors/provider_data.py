"""Detect data of providers in responses that must not contain any."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from conformance.core.json_walk import nodes_in, texts_in, walk
from conformance.core.names import Names
from conformance.core.text import format_value, words_of
from conformance.core.yaml_document import text_of
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange

SHORTEST_NAME = 4
"""Characters; shorter names of providers occur in error messages by coincidence."""
SHORTEST_ADDRESS = 16
"""Characters."""
SHORTEST_DESCRIPTION = 20
"""Characters."""
FEWEST_WORDS = 3
"""Words of a description; a shorter one may describe anything."""
PLAIN_WORD = re.compile("[a-z]+")
ADDRESS = re.compile(r"[A-Za-z][\w+.-]*:(?:[\w+.-]+:)?//[^\s]+|(?:[\w-]+\.)+[\w-]+:\d{2,5}\S*")
PUBLIC_WORDS = frozenset({"auth", "authority", "issuer", "login", "oauth", "oidc", "sso", "token"})
"""Words in names of settings whose addresses a refusal may contain, to say where to get a token."""
FIXED_HEADERS = frozenset(
    {
        *("cache-control", "connection", "content-encoding", "content-length", "content-type"),
        *("date", "expires", "keep-alive", "pragma", "referrer-policy", "server", "vary", "via"),
        *("content-security-policy", "permissions-policy", "strict-transport-security"),
        *("transfer-encoding", "x-content-type-options", "x-frame-options", "x-powered-by"),
        *("x-xss-protection", "www-authenticate"),
    }
)
"""Headers whose words refer to no provider or model, although one may have such a name."""


def free_headers(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Yield name and value of each header whose words may refer to a provider or a model."""
    for name, value in exchange.headers:
        if name not in FIXED_HEADERS and not name.startswith("access-control-"):
            yield name, value


class ProviderData:
    """The data that identifies the providers of a run; ``found_in`` searches responses for it."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        # Results by response: most responses to unauthenticated requests are equal.
        self._bodies: dict[bytes, str | None] = {}
        self._headers: dict[str, tuple[str, ...]] = {"": ()}

    def found_in(self, exchange: Exchange) -> str | None:
        """Describe the provider data in a response; ``None`` if there is none.

        Of a description or an address, only the provider is named, not the text itself.
        """
        digest = exchange.decoded.digest
        if digest not in self._bodies:
            self._bodies[digest] = next(self._in_body(exchange), None)
        return self._bodies[digest] or next(self._in_headers(exchange), None)

    def served_by(self, exchange: Exchange) -> str | None:
        """Describe a provider in a 200 response of another path; ``None`` if there is none.

        The path may be that of another resource, such as a public catalogue with names of
        providers, so only a provider counts whose required fields are those of the listing.
        """
        if not exchange.ok:
            return None
        required = self._evidence.contract.element_schema["required"]
        for node in nodes_in(exchange.value):
            name = node.get("name") if isinstance(node, dict) else None
            provider = self._evidence.providers.get(name) if isinstance(name, str) else None
            if provider is not None and all(
                field in node and node[field] == provider.get(field) for field in required
            ):
                return f"provider {format_value(name)}"
        return None

    def _in_body(self, exchange: Exchange) -> Iterator[str]:
        usual = {*self._evidence.contract.element_schema["required"], "type"}
        body: Any = exchange.value
        if body is None:
            body = exchange.body.decode("utf-8", "replace")
        for _, node in walk(body):
            fields = usual & node.keys() if isinstance(node, dict) else set()
            # An error may also have a name, a type and a category.
            if len(fields) > len(usual) // 2:
                yield f"an object with the fields {', '.join(sorted(fields))}"
        text = "\n".join(texts_in(body))
        yield from self._names(text)
        host = urlsplit(exchange.url).netloc
        for value, (provider, what) in self._distinctive.items():
            if not (host and host in value) and _occurs_in(text, value):
                yield f"the {what} of provider {format_value(provider)}"

    def _in_headers(self, exchange: Exchange) -> Iterator[str]:
        text = "\n".join(value for _, value in free_headers(exchange))
        if text not in self._headers:
            self._headers[text] = tuple(self._names(text))
        for found in self._headers[text]:
            yield f"{found}, in a header"

    def _names(self, text: str) -> Iterator[str]:
        providers = self._evidence.providers
        named = {
            name
            for begin, name in self._index.found(text)
            if len(name) >= SHORTEST_NAME and _stands_alone(text, begin, begin + len(name))
        }
        # A single name may be a word of the message, and so may several plain words.
        distinct = [name for name in named if not PLAIN_WORD.fullmatch(name)]
        if len(distinct) > 1 or (len(named) > 1 and 2 * len(named) >= len(providers)):
            shown = " and ".join(format_value(name) for name in sorted(distinct or named)[:2])
            yield f"the names of {len(named)} providers, such as {shown}"

    @cached_property
    def _index(self) -> Names:
        return Names(self._evidence.providers)

    @cached_property
    def _distinctive(self) -> dict[str, tuple[str, str]]:
        """Texts that do not occur by coincidence, with their provider and field."""
        public = text_of(self._evidence.contract.document)
        texts: dict[str, tuple[str, str]] = {}
        holders: Counter[str] = Counter()
        for name, provider in self._evidence.providers.items():
            description = provider.get("description")
            if isinstance(description, str) and _is_sentence(description):
                texts.setdefault(description.strip(), (name, "description"))
            addresses = {*_addresses(provider.get("configuration"))}
            holders.update(addresses)
            for address in addresses:
                texts.setdefault(address, (name, "address in the configuration"))
        # A text that several providers have does not identify any of them.
        return {
            text: origin
            for text, origin in texts.items()
            if holders[text] < 2 and text not in public
        }


def _is_sentence(text: str) -> bool:
    return len(text.strip()) >= SHORTEST_DESCRIPTION and len(text.split()) >= FEWEST_WORDS


def _addresses(configuration: Any) -> Iterator[str]:
    for place, value in walk(configuration):
        if not isinstance(value, str) or len(value) < SHORTEST_ADDRESS:
            continue
        if ADDRESS.fullmatch(value.strip()) and PUBLIC_WORDS.isdisjoint(words_of(str(place))):
            yield value.strip()


def _stands_alone(text: str, begin: int, end: int) -> bool:
    beside = text[max(0, begin - 1) : begin], text[end : end + 1]
    return not any(one.isalnum() or one in ("_", "-") for one in beside)


def _occurs_in(text: str, name: str) -> bool:
    if name not in text:
        return False
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None
