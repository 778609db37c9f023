"""Clients that are unusual and keep every requirement."""

from __future__ import annotations

import gzip
import http.client
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from conformance.reference.clients.client import LISTING, CorrectClient, Provider, Reply
from conformance.reference.clients.entries import Catalogue
from conformance.reference.clients.trouble import FollowingClient

__all__ = ["ODD"]

ODD = Catalogue("odd")


# Requests ----------------------------------------------------------------------------------------


@ODD.client(quietly=())
class SendsTheDefault(CorrectClient):
    """It sends `activeOnly=true` where nothing was said, which is the default."""

    def parameters(self) -> dict[str, str]:
        return {"activeOnly": "true", **super().parameters()}


@ODD.client()
class LeavesOutTheDefault(CorrectClient):
    """It does not send `activeOnly=true`, which is the default."""

    def parameters(self) -> dict[str, str]:
        return {name: value for name, value in super().parameters().items() if value != "true"}


@ODD.client()
class SendsTheSwitchFirst(CorrectClient):
    """It sends the parameters in the other order."""

    def parameters(self) -> dict[str, str]:
        return dict(reversed(super().parameters().items()))


@ODD.client(quietly=())
class EncodesNeedlessly(CorrectClient):
    """It percent-encodes every character of its query."""

    def query(self) -> str:
        def encoded(text: str) -> str:
            return "".join(f"%{byte:02x}" for byte in text.encode())

        return "&".join(f"{encoded(name)}={encoded(it)}" for name, it in self.parameters().items())


@ODD.client(quietly=())
class EncodesItsPath(CorrectClient):
    """It percent-encodes a letter of the path, which is the same path."""

    def url(self) -> str:
        return super().url().replace("provider", "p%72ovider")


@ODD.client(quietly=())
class SendsWholeUrls(CorrectClient):
    """It sends the whole URL in the request line, as to a proxy."""

    @contextmanager
    def connection(self, authority: str) -> Iterator[http.client.HTTPConnection]:
        with super().connection(authority) as connection:
            request = connection.request

            def absolute(method: str, target: str, *rest: Any) -> None:
                request(method, f"http://{authority}{target}", *rest)

            connection.request = absolute  # type: ignore[method-assign, assignment]
            yield connection


@ODD.client(quietly=())
class ReadsTheWholeListFirst(CorrectClient):
    """It requests all active providers before those of a filter, and keeps them for later."""

    def fetch(self) -> Reply:
        if self.parameters():
            self.send("GET", f"{self.base}{LISTING}", self.headers())
        return super().fetch()


@ODD.client()
class EndsInAnAmpersand(CorrectClient):
    """Its query ends in an ampersand, and is nothing else without a filter."""

    def query(self) -> str:
        return f"{super().query()}&"


@ODD.client()
class AcceptsAnything(CorrectClient):
    """It names no preferred kind of response, and itself at length."""

    def headers(self) -> dict[str, str]:
        agent = "Mozilla/5.0 (compatible; lister/1.0; +https://example.com/~lister) tok/2"
        return {**super().headers(), "Accept": "*/*", "User-Agent": agent}


@ODD.client()
class SaysNothingOfItself(CorrectClient):
    """It sends no header that it need not send."""

    def headers(self) -> dict[str, str]:
        return {"X-Authorization": self.token}


@ODD.client()
class NamesHeadersInLowerCase(CorrectClient):
    """It writes the names of headers in lower case."""

    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in super().headers().items()}


@ODD.client()
class SendsBothHeaders(CorrectClient):
    """It sends the token as a bearer token as well, for gateways."""

    def headers(self) -> dict[str, str]:
        return {**super().headers(), "Authorization": f"Bearer {self.token}"}


@ODD.client()
class WritesTheKeyAtLength(CorrectClient):
    """Its token request is indented, in the other order, with every character escaped."""

    def token_request(self) -> tuple[dict[str, str], bytes]:
        pair = {"keySecret": self.key_secret, "keyId": self.key_id}
        escaped = {name: "".join(f"\\u{ord(one):04x}" for one in it) for name, it in pair.items()}
        lines = ",\n".join(f'  "{name}" : "{value}"' for name, value in escaped.items())
        return {"Content-Type": "Application/JSON; charset=UTF-8"}, f"{{\n{lines}\n}}\n".encode()


@ODD.client(quietly=())
class SendsChunks(CorrectClient):
    """It sends its token request in chunks, without a length."""

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Reply:
        if body is None:
            return super().send(method, url, headers)
        chunks: Any = iter([body[:7], body[7:]])
        return super().send(method, url, headers, chunks)


@ODD.client(quietly=())
class KeepsItsConnection(CorrectClient):
    """It sends all requests to one server on one connection."""

    kept: http.client.HTTPConnection | None = None

    @contextmanager
    def connection(self, authority: str) -> Iterator[http.client.HTTPConnection]:
        if self.kept is None:
            self.kept = http.client.HTTPConnection(authority, timeout=30)
        yield self.kept

    def run(self) -> int:
        try:
            return super().run()
        finally:
            if self.kept is not None:
                self.kept.close()


@ODD.client()
class ClosesEveryConnection(CorrectClient):
    """It asks the server to close the connection after each response."""

    def headers(self) -> dict[str, str]:
        return {**super().headers(), "Connection": "close"}


@ODD.client(quietly=())
class SpeaksHttp10(CorrectClient):
    """It speaks HTTP/1.0, without a Host."""

    @contextmanager
    def connection(self, authority: str) -> Iterator[http.client.HTTPConnection]:
        with super().connection(authority) as connection:
            vars(connection).update(_http_vsn=10, _http_vsn_str="HTTP/1.0")
            yield connection


@ODD.client()
class UnpacksGzip(CorrectClient):
    """It accepts compressed responses."""

    def headers(self) -> dict[str, str]:
        return {**super().headers(), "Accept-Encoding": "gzip;q=1.0, identity;q=0.5"}

    def body(self, response: HTTPResponse) -> bytes:
        packed = response.getheader("Content-Encoding") == "gzip"
        return gzip.decompress(super().body(response)) if packed else super().body(response)


@ODD.client()
class SendsInPieces(CorrectClient):
    """It sends its requests a few bytes at a time."""

    @contextmanager
    def connection(self, authority: str) -> Iterator[http.client.HTTPConnection]:
        with super().connection(authority) as connection:
            connection.connect()
            whole = connection.sock.sendall

            def send(data: bytes) -> None:
                for start in range(0, len(data), 40):
                    whole(data[start : start + 40])
                    time.sleep(0.002)

            connection.send = send  # type: ignore[assignment, method-assign]
            yield connection


@ODD.client()
class AsksTwice(CorrectClient):
    """It sends its request twice, and reads the second response."""

    def ask(self) -> Reply:
        first = super().ask()
        return self.fetch() if first.status == 200 else first


@ODD.client()
class LooksAtNamesFirst(CorrectClient):
    """It reads two related endpoints before the list."""

    def fetch(self) -> Reply:
        for path in ("/integrations/all", f"{LISTING}/openAI"):
            self.send("GET", self.base + path, self.headers())
        return super().fetch()


# Responses ---------------------------------------------------------------------------------------


@ODD.client()
class RenewsOnceOnAny401(CorrectClient):
    """It renews its token on a 401 without a code as well, once."""

    def must_renew(self, reply: Reply) -> bool:
        return reply.status == 401


@ODD.client()
class RenewsIfExpiredOnly(CorrectClient):
    """It renews its token if it has expired, not if it is invalid."""

    def must_renew(self, reply: Reply) -> bool:
        return reply.error == "EXPIRED_TOKEN" and super().must_renew(reply)


@ODD.client(quietly=())
class WaitsAsLongAsItIsTold(CorrectClient):
    """It repeats a request once, a little later than Retry-After says, if that is soon."""

    def fetch(self) -> Reply:
        reply = super().fetch()
        after = reply.headers.get("retry-after", "")
        if reply.status in (429, 503) and after.isdecimal() and int(after) <= 10:
            time.sleep(int(after) + 0.2)
            reply = super().fetch()
        return reply


@ODD.client(quietly=())
class FollowsWithoutTheToken(FollowingClient):
    """It follows redirects everywhere, and takes the token to its own server only."""

    def may_have(self, url: str) -> bool:
        return urlsplit(url)[:2] == urlsplit(self.base)[:2]


@ODD.client()
class FollowsAtHome(FollowingClient):
    """It follows redirects that stay with its server."""

    def may_have(self, url: str) -> bool:
        return urlsplit(url)[:2] == urlsplit(self.base)[:2]

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Reply:
        if not self.may_have(url):
            return Reply(302, {}, b"")
        return super().send(method, url, headers, body)


# Answers -----------------------------------------------------------------------------------------


@ODD.client()
class WritesNulls(CorrectClient):
    """It writes null for fields that a provider does not have."""

    def read(self, provider: Provider) -> Any:
        absent = ("description", "createTime", "updateTime", "createdBy", "updatedBy", "ownerApp")
        return {**dict.fromkeys((*absent, "type", "tags")), **super().read(provider)}


@ODD.client()
class ReadsNoTagsAsEmpty(CorrectClient):
    """It reads a provider without tags as one with an empty list of them."""

    def read(self, provider: Provider) -> Any:
        return {"tags": [], **super().read(provider)}


@ODD.client()
class AnswersInOtherOrder(CorrectClient):
    """It writes providers, their fields and their tags in the other order."""

    def providers(self) -> list[Any]:
        return [dict(reversed(one.items())) for one in reversed(super().providers())]

    def read(self, provider: Provider) -> Any:
        found = super().read(provider)
        return {**found, "tags": found["tags"][::-1]} if "tags" in found else found


@ODD.client()
class KnowsFewFields(CorrectClient):
    """Its objects have a name, a category and whether they are enabled, and nothing else."""

    def read(self, provider: Provider) -> Any:
        return {name: provider[name] for name in ("name", "category", "enabled")}


@ODD.client()
class KeepsUnknownFields(CorrectClient):
    """Its objects keep fields that are not documented."""

    def read(self, provider: Provider) -> Any:
        return provider


@ODD.client()
class AnswersAtLength(CorrectClient):
    """It writes its answer indented, in UTF-8, with a line break at its end."""

    def written(self, answer: object) -> str:
        return f"{json.dumps(answer, ensure_ascii=False, indent=2)}\n"
