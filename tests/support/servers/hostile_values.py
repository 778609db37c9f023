"""Servers that do everything as they should, but for what stands in their answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

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
    """Asks for no credential."""

    def authorise(self, request: Request) -> Response | None:
        return None


class Texts(Open):
    """Has the same text wherever a text can stand, and breaks enough for it to be shown."""

    def __init__(self, text: str, *, broken: bool) -> None:
        cluster = enumerate(default_cluster())
        super().__init__(providers=tuple(_having(text, number, one) for number, one in cluster))
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

    def render(self, payload: object, request: Request) -> Response:
        # With escapes for all that is not ASCII, since lone surrogates cannot be encoded.
        return Response(json.dumps(payload), media_type=JSON)


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


class Altered(Open):
    """Changes the bytes of the listing or its media type."""

    def __init__(self, changed: Body, media_type: str = JSON) -> None:
        super().__init__()
        self._changed = changed
        self._media_type = media_type

    def render_listing(self, payload: object, request: Request) -> Response:
        text = json.dumps(payload, ensure_ascii=False).encode()
        return Response(self._changed(text), media_type=self._media_type)


@contextmanager
def serving(server: ReferenceServer) -> Iterator[Running]:
    """Run a server that is the reference server in everything else."""
    with EmbeddedServer(server) as embedded:
        yield Running(embedded.url)


def texts(text: str, *, broken: bool) -> AbstractContextManager[Running]:
    """Run a server that has a text everywhere."""
    return serving(Texts(text, broken=broken))


def put(raw: bytes, *members: str) -> Body:
    """Return what writes a JSON text as the value of these members in every provider."""

    def put(body: bytes) -> bytes:
        listing = [{**provider, **dict.fromkeys(members, "@")} for provider in json.loads(body)]
        return json.dumps(listing).encode().replace(b'"@"', raw)

    return put


def many(element: bytes, _body: bytes) -> bytes:
    """Answer with a million equal elements."""
    return b"[" + (element + b",") * (MILLION - 1) + element + b"]"


def instead(whole: bytes, _body: bytes) -> bytes:
    """Answer with something else."""
    return whole


def tagged(body: bytes) -> bytes:
    """Give the first provider a hundred thousand wrong tags."""
    listing = json.loads(body)
    for first in listing[:1]:
        first["tags"] = [0] * 100_000
    return json.dumps(listing).encode()


def first(path: tuple[str, ...], raw: bytes, body: bytes) -> bytes:
    """Write a JSON text into the first provider, at the end of a path of fields."""
    listing = json.loads(body)
    for provider in listing:
        if provider["name"] == default_cluster()[0].name:
            value: object = "@"
            for name in reversed(path[1:]):
                value = {name: value}
            provider[path[0]] = value
    return json.dumps(listing).encode().replace(b'"@"', raw)


def mixed(body: bytes) -> bytes:
    """Put what is no object between the providers."""
    listing = json.loads(body)
    odd = [None, 0, True, "provider", [], [listing], 1.5, {}, *listing, [[]], -1, ""]
    return json.dumps(odd).encode()
