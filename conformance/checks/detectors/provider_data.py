"""Recognising data of providers in an answer that should hold none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from conformance.core.json_walk import nodes_in, strings_in, walk
from conformance.core.text import shown, words_of
from conformance.core.yaml_document import text_of
from conformance.evidence.evidence import Evidence
from conformance.evidence.exchange import Exchange

SHORTEST_NAME = 4
"""Characters; shorter names of providers stand in error messages by chance."""
SHORTEST_ADDRESS = 16
SHORTEST_DESCRIPTION = 20
FEWEST_WORDS = 3
"""Of a description; what is shorter may be said of anything."""
PLAIN_WORD = re.compile("[a-z]+")
ADDRESS = re.compile(r"[A-Za-z][\w+.-]*:(?:[\w+.-]+:)?//[^\s]+|(?:[\w-]+\.)+[\w-]+:\d{2,5}\S*")
PUBLIC_WORDS = frozenset({"auth", "authority", "issuer", "login", "oauth", "oidc", "sso", "token"})
"""Words in names of settings whose addresses a refusal may give to those who want a token."""
FIXED_HEADERS = frozenset(
    {
        *("cache-control", "connection", "content-encoding", "content-length", "content-type"),
        *("date", "expires", "keep-alive", "pragma", "referrer-policy", "server", "vary", "via"),
        *("content-security-policy", "permissions-policy", "strict-transport-security"),
        *("transfer-encoding", "x-content-type-options", "x-frame-options", "x-powered-by"),
        *("x-xss-protection", "www-authenticate"),
    }
)
"""Headers whose words say nothing of providers, although some may be called so."""


class Disclosure:
    """What the providers of one run are known by, and where it stands."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        # Most strangers are told the same.
        self._bodies: dict[int, str | None] = {}
        self._headers: dict[str, tuple[str, ...]] = {"": ()}

    def found_in(self, exchange: Exchange) -> str | None:
        """Say which data of providers an answer holds, ``None`` if none is seen.

        Of a description or an address only the provider is told.
        """
        identity = id(exchange.decoded)
        if identity not in self._bodies:
            self._bodies[identity] = next(self._in_body(exchange), None)
        return self._bodies[identity] or next(self._in_headers(exchange), None)

    def _in_body(self, exchange: Exchange) -> Iterator[str]:
        required = set(self._evidence.contract.element_schema["required"])
        for node in nodes_in(exchange.value):
            members = required & node.keys() if isinstance(node, dict) else set()
            # An error, too, may have a name, a type and a category.
            if len(members) > len(required) // 2:
                yield f"an object with the members {', '.join(sorted(members))}"
        text = "\n".join(strings_in(exchange.value)) or exchange.body.decode("utf-8", "replace")
        yield from self._names(text)
        host = urlsplit(exchange.url).netloc
        for value, (provider, what) in self._distinctive.items():
            if not (host and host in value) and _stands_in(text, value):
                yield f"the {what} of provider {shown(provider)}"

    def _in_headers(self, exchange: Exchange) -> Iterator[str]:
        values = [
            value
            for name, value in exchange.headers
            if name not in FIXED_HEADERS and not name.startswith("access-control-")
        ]
        text = "\n".join(values)
        if text not in self._headers:
            self._headers[text] = tuple(self._names(text))
        for found in self._headers[text]:
            yield f"{found} in a header"

    def _names(self, text: str) -> Iterator[str]:
        providers = self._evidence.providers
        named = [
            name for name in providers if len(name) >= SHORTEST_NAME and _stands_in(text, name)
        ]
        # One name may be a word of the message, and plain words may even be several.
        distinct = [name for name in named if not PLAIN_WORD.fullmatch(name)]
        if len(distinct) > 1 or (len(named) > 1 and 2 * len(named) >= len(providers)):
            yield f"the names of {len(named)} providers"

    @cached_property
    def _distinctive(self) -> dict[str, tuple[str, str]]:
        """Texts that nobody says by chance, with the provider and the member they are from."""
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
        # What several providers have is known to more than them.
        return {
            text: origin
            for text, origin in texts.items()
            if holders[text] < 2 and text not in public
        }


def _is_sentence(text: str) -> bool:
    return len(text.strip()) >= SHORTEST_DESCRIPTION and len(text.split()) >= FEWEST_WORDS


def _addresses(configuration: Any) -> Iterator[str]:
    for place, value in walk(configuration, ""):
        if not isinstance(value, str) or len(value) < SHORTEST_ADDRESS:
            continue
        if ADDRESS.fullmatch(value.strip()) and PUBLIC_WORDS.isdisjoint(words_of(place)):
            yield value.strip()


def _stands_in(text: str, name: str) -> bool:
    if name not in text:
        return False
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None
