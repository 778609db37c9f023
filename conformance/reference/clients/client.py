"""A correct client of the endpoint, and the adapter that tells a judge what it read."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

__all__ = ["FIELDS", "LISTING", "CorrectClient", "Failed", "Provider", "Reply"]

LISTING = "/integrations/provider"
FIELDS = (
    *("name", "type", "category", "configuration", "enabled", "modelsCount"),
    *("description", "createTime", "updateTime", "createdBy", "updatedBy", "ownerApp", "tags"),
)
"""The documented fields of a provider."""

_PATIENCE = 30.0  # seconds that one step of an exchange may take
_RENEWABLE = ("EXPIRED_TOKEN", "INVALID_TOKEN")

Provider = dict[str, Any]
"""What a response says of one provider; a value may be anything that JSON can hold."""


class Failed(Exception):
    """The providers could not be read; ``status`` is that of the refusal, if there was one."""

    def __init__(self, status: int | None = None) -> None:
        super().__init__("no provider list" if status is None else f"refused with {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: its status, its headers with lower-case names, its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error(self) -> object:
        """The code of a documented error body, or ``None``."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found.get("error") if isinstance(found, dict) else None


class CorrectClient:
    """A client that keeps every requirement; subclasses override single methods to break it.

    A run passes through these methods, each of which calls the next ones:

    ===============  ==========================================================================
    ``run``          the whole process; returns its exit code
    ``answer``       what the adapter writes: ``providers``, or the error that it raised
    ``providers``    every provider, or :class:`Failed`
    ``ask``          the last response, after a token request and perhaps a renewal
    ``issue_token``  the token for the key, by ``token_request`` (headers and body)
    ``fetch``        one request for the providers: ``url``, of ``query``, and ``headers``
    ``send``         one exchange, on a ``connection`` of its own
    ``decode``       the elements of a body
    ``read``         one provider, as the client's user gets it
    ``tell``         where the answer goes
    ===============  ==========================================================================
    """

    def __init__(self, environment: Mapping[str, str], *, answers: bool = True) -> None:
        """Take the server, the key and the query from ``environment``.

        Without ``answers`` this is an example program that knows nothing of a judge: it prints how
        many providers there are, and fails if there is an error.

        Raises ``KeyError`` for a missing variable.
        """
        self.environment = environment
        self.base = environment["CONDUCTOR_SERVER_URL"].rstrip("/")
        self.key_id = environment["CONDUCTOR_AUTH_KEY"]
        self.key_secret = environment["CONDUCTOR_AUTH_SECRET"]
        self.category = environment.get("CONFORMANCE_CATEGORY")
        self.active_only = environment.get("CONFORMANCE_ACTIVE_ONLY")
        self.answer_file = environment.get("CONFORMANCE_ANSWER") if answers else None
        self.token = ""

    def run(self) -> int:
        """Read the providers, and report them or the error."""
        return self.tell(self.answer())

    def answer(self) -> object:
        """Return the answer in the form that the protocol of adapters describes."""
        try:
            return self.providers()
        except Failed as failed:
            return {"error": {} if failed.status is None else {"status": failed.status}}

    def providers(self) -> list[Any]:
        """Return what the query selects; raises :class:`Failed`."""
        reply = self.ask()
        if reply.status != 200:
            raise Failed(reply.status)
        return [self.read(provider) for provider in self.decode(reply.body)]

    def ask(self) -> Reply:
        """Return the response; a token that is no longer accepted is renewed once."""
        self.token = self.issue_token()
        reply = self.fetch()
        if self.must_renew(reply):
            self.token = self.issue_token()
            reply = self.fetch()
        return reply

    def must_renew(self, reply: Reply) -> bool:
        """Whether a response asks for a new token (documentation: *Authentication*)."""
        return reply.status == 401 and reply.error in _RENEWABLE

    def issue_token(self) -> str:
        """Return a new token; raises :class:`Failed`."""
        headers, body = self.token_request()
        reply = self.send("POST", f"{self.base}/token", headers, body)
        if reply.status != 200:
            raise Failed(reply.status)
        try:
            return str(json.loads(reply.body)["token"])
        except (ValueError, TypeError, KeyError):
            raise Failed from None

    def token_request(self) -> tuple[dict[str, str], bytes]:
        """Return the headers and the body of a token request."""
        pair = {"keyId": self.key_id, "keySecret": self.key_secret}
        return {"Content-Type": "application/json"}, json.dumps(pair).encode()

    def fetch(self) -> Reply:
        """Return the response to one request for the providers."""
        return self.send("GET", self.url(), self.headers())

    def url(self) -> str:
        """Return the URL of the list, with the query."""
        query = self.query()
        return f"{self.base}{LISTING}?{query}" if query else f"{self.base}{LISTING}"

    def query(self) -> str:
        """Return the query, encoded."""
        return urlencode(self.parameters())

    def parameters(self) -> dict[str, str]:
        """Return the parameters: those of the filters that are used."""
        wanted = {"category": self.category, "activeOnly": self.active_only}
        return {name: value for name, value in wanted.items() if value is not None}

    def headers(self) -> dict[str, str]:
        """Return the headers of a request for the providers."""
        return {"Accept": "application/json", "X-Authorization": self.token}

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Reply:
        """Return the response to one request; redirects are not followed.

        Raises :class:`Failed` if there is none, or only the beginning of one.
        """
        parts = urlsplit(url)
        target = urlunsplit(("", "", parts.path, parts.query, ""))
        try:
            with self.connection(parts.netloc) as connection:
                connection.request(method, target, body, dict(headers))
                response = connection.getresponse()
                received = {name.lower(): value for name, value in response.getheaders()}
                return Reply(response.status, received, self.body(response))
        except (OSError, http.client.HTTPException):
            raise Failed from None

    @contextmanager
    def connection(self, authority: str) -> Iterator[http.client.HTTPConnection]:
        """Provide a connection to a server for one exchange."""
        connection = http.client.HTTPConnection(authority, timeout=_PATIENCE)
        try:
            yield connection
        finally:
            connection.close()

    def body(self, response: http.client.HTTPResponse) -> bytes:
        """Return the body of a response."""
        return response.read()

    def decode(self, body: bytes) -> list[Any]:
        """Return the elements of a provider list; raises :class:`Failed` for anything else."""
        try:
            found = json.loads(body)
        except ValueError:
            raise Failed from None
        if not (isinstance(found, list) and all(map(self.is_provider, found))):
            raise Failed
        return found

    def is_provider(self, element: object) -> bool:
        """Whether an element of a list can be a provider."""
        return isinstance(element, dict) and isinstance(element.get("name"), str)

    def read(self, provider: Provider) -> Any:
        """Return the documented fields that a provider has."""
        return {name: provider[name] for name in FIELDS if provider.get(name) is not None}

    def tell(self, answer: Any) -> int:
        """Write the answer for the judge, or print the end of an example; return the exit code."""
        if self.answer_file is not None:
            Path(self.answer_file).write_text(self.written(answer), "utf-8")
            return 0
        if isinstance(answer, list):
            sys.stdout.write(f"{len(answer)} providers\n")
            return 0
        sys.stderr.write(f"the providers could not be read: {answer}\n")
        return 1

    def written(self, answer: object) -> str:
        """Return the text of an answer."""
        return json.dumps(answer)
