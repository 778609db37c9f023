"""Clients that handle refusals, redirects and trouble wrongly, or let secrets out."""

from __future__ import annotations

import base64
import http.client
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

from conformance.reference.clients.client import FIELDS, CorrectClient, Failed, Provider, Reply
from conformance.reference.clients.entries import Catalogue

__all__ = ["TROUBLE", "FollowingClient"]

TROUBLE = Catalogue("broken")


# Refusals ----------------------------------------------------------------------------------------


class _Refused(CorrectClient):
    """Reads something else than the status into a refusal."""

    def refused(self, status: int) -> object:
        raise NotImplementedError

    def answer(self) -> object:
        try:
            return self.providers()
        except Failed as failed:
            return {"error": {}} if failed.status is None else self.refused(failed.status)


@TROUBLE.client("CLIENT-15", "CLIENT-16", may_trip=("CLIENT-17",))
class ReadsRefusalsAsNothing(_Refused):
    """It reads a refusal as a list without providers."""

    def refused(self, status: int) -> object:
        return []


@TROUBLE.client("CLIENT-16")
class HidesTheStatus(_Refused):
    """It reports every refusal without a status."""

    def refused(self, status: int) -> object:
        return {"error": {}}


@TROUBLE.client("CLIENT-15", "CLIENT-16")
class ReadsRefusalsAsProviders(CorrectClient):
    """It does not look at the status: the body of a refusal is read as one provider."""

    def providers(self) -> list[Any]:
        reply = self.ask()
        if reply.status < 400:
            return [self.read(provider) for provider in self.decode(reply.body)]
        return [{"name": reply.body.decode(errors="replace")}]


# Tokens ------------------------------------------------------------------------------------------


@TROUBLE.client("CLIENT-17", quietly=("CLIENT-17",))
class NeverRenews(CorrectClient):
    """It reports an expired token as an error."""

    def must_renew(self, reply: Reply) -> bool:
        return False


@TROUBLE.client("CLIENT-17")
class RenewsForTheNextTime(CorrectClient):
    """It renews an expired token, and reports the error all the same."""

    def ask(self) -> Reply:
        self.token = self.issue_token()
        reply = self.fetch()
        if self.must_renew(reply):
            self.token = self.issue_token()
        return reply


@TROUBLE.client("CLIENT-17")
class RepeatsWithTheOldToken(CorrectClient):
    """It renews an expired token, and repeats the request with the old one."""

    def ask(self) -> Reply:
        self.token = self.issue_token()
        reply = self.fetch()
        if self.must_renew(reply):
            self.issue_token()
            reply = self.fetch()
        return reply


@TROUBLE.client("CLIENT-17")
class RepeatsWithoutRenewing(CorrectClient):
    """It repeats a request with an expired token, and never requests another."""

    def ask(self) -> Reply:
        self.token = self.issue_token()
        reply = self.fetch()
        return self.fetch() if self.must_renew(reply) else reply


@TROUBLE.client("CLIENT-17", quietly=("CLIENT-17",))
class RenewsWithoutEnd(CorrectClient):
    """It renews for as long as tokens are said to have expired."""

    rounds = 200
    """Only so that it ends if nobody ends it."""

    def ask(self) -> Reply:
        self.token = self.issue_token()
        reply = self.fetch()
        for _ in range(self.rounds):
            if not self.must_renew(reply):
                break
            self.token = self.issue_token()
            reply = self.fetch()
        return reply


@TROUBLE.client("CLIENT-18", quietly=("CLIENT-18",))
class RenewsIfForbidden(CorrectClient):
    """It takes a 403 for an expired token."""

    def must_renew(self, reply: Reply) -> bool:
        return reply.status == 403 or super().must_renew(reply)


@TROUBLE.client("CLIENT-18")
class RepeatsIfForbidden(CorrectClient):
    """It repeats a request that is forbidden, with the same token."""

    def fetch(self) -> Reply:
        reply = super().fetch()
        for _ in range(2):
            if reply.status == 403:
                reply = super().fetch()
        return reply


# Waiting -----------------------------------------------------------------------------------------


class _Retrying(CorrectClient):
    """Repeats a request that was too early, after ``pause`` seconds."""

    def pause(self, reply: Reply) -> float:
        raise NotImplementedError

    def fetch(self) -> Reply:
        reply = super().fetch()
        for _ in range(3):
            if reply.status not in (429, 503):
                break
            time.sleep(self.pause(reply))
            reply = super().fetch()
        return reply


@TROUBLE.client("CLIENT-19", quietly=("CLIENT-19",))
class RetriesAtOnce(_Retrying):
    """It repeats a request at once, whatever Retry-After says."""

    def pause(self, reply: Reply) -> float:
        return 0.0


@TROUBLE.client("CLIENT-19")
class WaitsInMilliseconds(_Retrying):
    """It reads Retry-After as milliseconds."""

    def pause(self, reply: Reply) -> float:
        after = reply.headers.get("retry-after", "")
        return int(after) / 1000 if after.isdecimal() else 0.0


# Redirects ---------------------------------------------------------------------------------------


class FollowingClient(CorrectClient):
    """Follows redirects of the list; ``may_have`` tells where the token goes as well."""

    def may_have(self, url: str) -> bool:
        """Whether the server of a URL may get the token."""
        raise NotImplementedError

    def fetch(self) -> Reply:
        """Return the response that is not a redirect."""
        url = self.url()
        reply = super().fetch()
        for _ in range(5):
            location = reply.headers.get("location")
            if not (300 <= reply.status < 400 and location):
                break
            url = urljoin(url, location)
            headers = self.headers()
            if not self.may_have(url):
                del headers["X-Authorization"]
            reply = self.send("GET", url, headers)
        return reply


@TROUBLE.client("CLIENT-20", quietly=("CLIENT-20",))
class FollowsWithTheToken(FollowingClient):
    """It follows redirects to wherever they lead, with all headers."""

    def may_have(self, url: str) -> bool:
        return True


@TROUBLE.client("CLIENT-20")
class FollowsByHostName(FollowingClient):
    """It takes other ports of the same host for the same origin."""

    def may_have(self, url: str) -> bool:
        return urlsplit(url).hostname == urlsplit(self.base).hostname


@TROUBLE.client("CLIENT-20", quietly=("CLIENT-20",))
class FollowsWithTheKey(FollowingClient):
    """It presents its access key by Basic authentication wherever it is redirected to."""

    def may_have(self, url: str) -> bool:
        return urlsplit(url).netloc == urlsplit(self.base).netloc

    def headers(self) -> dict[str, str]:
        key = base64.b64encode(f"{self.key_id}:{self.key_secret}".encode()).decode()
        return {**super().headers(), "Authorization": f"Basic {key}"}


# Output ------------------------------------------------------------------------------------------


@TROUBLE.client("CLIENT-21", quietly=("CLIENT-21",))
class PrintsTheToken(CorrectClient):
    """It prints the headers of its request."""

    def fetch(self) -> Reply:
        sys.stdout.write(f"GET {self.url()} {self.headers()}\n")
        return super().fetch()


@TROUBLE.client("CLIENT-21")
class PrintsTheKey(CorrectClient):
    """It writes the settings that it was started with to its log."""

    def run(self) -> int:
        sys.stderr.write(f"DEBUG connecting to {self.base}: {self.key_id}, {self.key_secret}\n")
        return super().run()


@TROUBLE.client("CLIENT-21")
class PrintsConfigurations(CorrectClient):
    """It prints every provider as it was received."""

    def decode(self, body: bytes) -> list[Any]:
        found = super().decode(body)
        sys.stdout.writelines(f"{provider}\n" for provider in found)
        return found


@TROUBLE.client("CLIENT-21")
class PrintsWhatItCannotRead(CorrectClient):
    """It prints a body that it cannot read, with the configurations in it."""

    def decode(self, body: bytes) -> list[Any]:
        try:
            return super().decode(body)
        except Failed:
            sys.stderr.write(f"cannot read {body.decode(errors='replace')}\n")
            raise


@TROUBLE.client("CLIENT-21")
class PrintsTheTokenIfRefused(CorrectClient):
    """It prints a command that repeats a request that was refused, with the token."""

    def ask(self) -> Reply:
        reply = super().ask()
        if reply.status >= 400:
            sys.stderr.write(f"curl -H 'X-Authorization: {self.token}' {self.url()}\n")
        return reply


@TROUBLE.client("CLIENT-21")
class WarnsOfUnknownFields(CorrectClient):
    """It prints every provider that has a field which it does not know."""

    def read(self, provider: Provider) -> Any:
        if not provider.keys() <= {*FIELDS}:
            sys.stderr.write(f"WARNING unknown field in {provider}\n")
        return super().read(provider)


@TROUBLE.client("CLIENT-21")
class PrintsTheTokenIfNothingIsSaid(CorrectClient):
    """It prints the headers of a request that was refused without a body."""

    def ask(self) -> Reply:
        reply = super().ask()
        if not reply.body:
            sys.stderr.write(f"empty response to a request with {self.headers()}\n")
        return reply


@TROUBLE.client("CLIENT-21")
class TracesTheWire(CorrectClient):
    """It leaves the tracing of its HTTP library on, which shows whole requests."""

    @contextmanager
    def connection(self, authority: str) -> Iterator[http.client.HTTPConnection]:
        with super().connection(authority) as connection:
            connection.set_debuglevel(1)
            yield connection
