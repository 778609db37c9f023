"""Servers that do everything as they should, but for what stands in their answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference import (
    EmbeddedServer,
    Provider,
    ProviderQuery,
    ReferenceServer,
    Tag,
    default_cluster,
)
from conformance.reference.faults.entries import ListingServer
from support.servers.hostile_wire import Running

JSON = "application/json"
MILLION = 1_000_000
DEEP = 200_000
MANY_TAGS = 100_000
MARK = "hostile-mark"
"""Stands in every hostile text, so that a test can tell that it was shown."""

TEXTS: dict[str, tuple[str, str]] = {
    "surrogates": ("lone surrogates", f"\ud800{MARK}\udfff\udc80"),
    "nul": ("NUL", f"\0{MARK}\0"),
    "terminal-escapes": (
        "terminal escapes: colours, cursor, title, links and the clipboard",
        (
            f"\x1b[31m\x1b[2J\x1b[1A{MARK}\x1b]0;title\x07\x1b]8;;http://host.example/\x1b\\"
            "\x1b]52;c;cm0gLXJm\x07\x9b31m\x1bP+q\x1b\\"
        ),
    ),
    "bidirectional": (
        "bidirectional overrides and zero-width characters",
        f"\u202e{MARK}\u202d\u2066\u2069\u200f\u200b\u2060\ufeff\u061c",
    ),
    "controls": (
        "control characters and every kind of line ending",
        "\r\n\x08\x7f\x85\u2028\u2029\v\f\x1c" + MARK + "".join(map(chr, range(1, 32))),
    ),
    "html": ("HTML and scripts", f'<script>alert("{MARK}")</script><img src=x onerror=y()>&lt;'),
    "xml": (
        "XML that ends sections",
        f"]]>{MARK}<![CDATA[</testcase></testsuite>&#0;&x;\ufffe\uffff",
    ),
    "markdown": ("Markdown", f"`]({MARK})**![x](http://host.example/)|\n# {MARK}\n```"),
    "rich-markup": ("the terminal library's own markup", f"[red]{MARK}[/red][/][link=x:][bold"),
    "github-commands": (
        "commands of GitHub's runner",
        (
            f"::error::{MARK}\n::set-output name=x::y\n##[error]{MARK}"
            "\n::stop-commands::x\n::add-mask::a"
        ),
    ),
    "azure-commands": (
        "commands of Azure's agent and of TeamCity's",
        (
            f"##vso[task.setvariable variable=x]{MARK}\n##vso[task.complete result=Succeeded;]"
            "\n##teamcity[buildStatus status='SUCCESS']"
        ),
    ),
    "long": ("100,000 letters without a space", MARK + "M" * 100_000),
    "patterns": (
        "special characters of regular expressions and format strings",
        f"(a+)+$\\{MARK}%s%n{{0}}${{x}}",
    ),
}
"""Texts by name, each with what it is."""


class Open(ListingServer):
    """Asks for no credential, and writes everything outside ASCII as escapes."""

    def authorise(self, request: Request) -> Response | None:
        return None

    def render(self, payload: object, request: Request) -> Response:
        if type(self).render_listing is Open.render_listing:
            return Response(json.dumps(payload), media_type=JSON)
        return super().render(payload, request)

    def render_listing(self, payload: object, request: Request) -> Response:
        return Response(json.dumps(payload), media_type=JSON)


class Texts(Open):
    """Has the same text wherever a text can stand, and breaks enough for it to be shown."""

    def __init__(self, text: str, *, broken: bool) -> None:
        super().__init__(providers=tuple(_having(text, number, one) for number, one in _numbered()))
        self._text = text
        self._broken = broken

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        shown = super().represent(provider, query)
        shown[f"x{self._text}"] = {self._text: [self._text]}
        if self._broken:
            shown |= {
                "apis": [{"api": self._text, self._text: self._text}],
                "ownerApp": {self._text: self._text},
                "createTime": self._text,
                "modelNames": [f"{self._text} a", f"{self._text} b"],
                "configuration": {f"password {self._text}": f"{self._text} clear"},
                "tags": [self._text, {"key": self._text}],
            }
        return shown


def _numbered() -> Iterator[tuple[int, Provider]]:
    return enumerate(default_cluster())


def _having(text: str, number: int, provider: Provider) -> Provider:
    return replace(
        provider,
        name=f"{text}{number}",
        type=text,
        description=text,
        category=text if number == 0 else provider.category,
        configuration={text: text, **provider.configuration},
        tags=(Tag(key=text, value=text),),
        owner_app=text,
    )


Body = Callable[[bytes], bytes]
Change = Callable[[list[Any]], object]


class Altered(Open):
    """Changes the value of the listing, its bytes, its media type or its headers."""

    def __init__(
        self,
        change: Change | None = None,
        body: Body | None = None,
        media_type: str = JSON,
    ) -> None:
        super().__init__()
        self._change = change
        self._body = body
        self._media_type = media_type

    def render_listing(self, payload: object, request: Request) -> Response:
        assert isinstance(payload, list)
        value = self._change(payload) if self._change is not None else payload
        text = json.dumps(value, ensure_ascii=False).encode()
        return Response(
            self._body(text) if self._body is not None else text, media_type=self._media_type
        )


@contextmanager
def serving(server: ReferenceServer) -> Iterator[Running]:
    """Run a server that is the reference server in everything else."""
    with EmbeddedServer(server) as embedded:
        yield Running(embedded.url)


def texts(text: str, *, broken: bool) -> AbstractContextManager[Running]:
    """Run a server that has a text everywhere."""
    return serving(Texts(text, broken=broken))


def number_in(digits: str, *members: str) -> Body:
    """Return what writes a number as the value of these members in every provider."""

    def put(body: bytes) -> bytes:
        listing = json.loads(body)
        changed = [{**provider, **dict.fromkeys(members, "@")} for provider in listing]
        return json.dumps(changed).replace('"@"', digits).encode()

    return put


def text_in(inner: bytes) -> Body:
    """Return what puts a JSON text into an unknown member of every provider."""

    def put(body: bytes) -> bytes:
        listing = [{**provider, "extra": "@"} for provider in json.loads(body)]
        return json.dumps(listing).encode().replace(b'"@"', inner)

    return put


def many(element: bytes, number: int = MILLION) -> Body:
    """Return what answers with so many equal elements."""

    def put(_body: bytes) -> bytes:
        return b"[" + (element + b",") * (number - 1) + element + b"]"

    return put


def instead(whole: bytes, _body: bytes) -> bytes:
    """Answer with something else."""
    return whole


def recoded(encoding: str, body: bytes) -> bytes:
    """Write the same text in another encoding; what it does not have becomes a question mark."""
    return body.decode().encode(encoding, "replace")


def around(before: bytes, after: bytes, body: bytes) -> bytes:
    """Put bytes around the body."""
    return before + body + after


def tagged(listing: list[Any]) -> Sequence[Any]:
    """Give the first provider a hundred thousand wrong tags."""
    return [{**listing[0], "tags": [0] * MANY_TAGS}, *listing[1:]] if listing else []


def mixed(listing: list[Any]) -> Sequence[Any]:
    """Put what is no object between the providers."""
    return [None, 0, True, "provider", [], [listing], 1.5, {}, *listing, [[]], -1, ""]


def deep(opening: bytes, closing: bytes) -> bytes:
    """Return a text that is nested deeply."""
    return opening * DEEP + b"0" + closing * DEEP
