"""Servers that give away the secrets they are shown, and commands that are shown some."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count, cycle
from typing import Any
from urllib.parse import quote

from conformance.reference import ReferenceServer
from support.servers.canaries import Aviary, Finished, spellings
from support.servers.plain import Respond, answering

PAIR = ("CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET")
HEADERS = ("X-Api-Key", "Cookie", "Proxy-Authorization", "X-Tenant")
BRIEFLY = ("--timeout", "2", "--retry-budget", "0.3")
REPORTS = (
    *("--json", "r.json", "--junit", "r.xml", "--html", "r.html"),
    *("--markdown", "r.md", "--badge", "b.json"),
    *("--record", "r.har"),
)


def header_words(aviary: Aviary) -> list[str]:
    """Return options that give a secret to each kind of header."""
    return [word for name in HEADERS for word in ("--header", f"{name}: {aviary.new(name)}")]


def settings(aviary: Aviary) -> dict[str, Any]:
    """Return a configuration with a secret wherever there can be a value."""
    return {
        "region": aviary.new("setting"),
        "api_key": aviary.new("api key"),
        "Authorization": aviary.new("authorization"),
        "options": {"deep": {"deeper": aviary.new("nested")}, "password": aviary.new("password")},
        "hosts": ["a", aviary.new("element"), [aviary.new("element of an element")]],
        "clients": [{"client_secret": aviary.new("client secret")}],
        "connectionString": f"amqp://shop:{aviary.new('uri', '%2F')}@mq.example.com",
        "json": json.dumps({"token": aviary.new("in text")}),
    }


def configured(server: ReferenceServer, configuration: Mapping[str, Any]) -> ReferenceServer:
    """Give every provider of a server this configuration."""
    server.providers = tuple(
        replace(provider, configuration=configuration) for provider in server.providers
    )
    return server


@contextmanager
def repeating(values: Iterable[str], answer: Callable[[list[str]], Respond]) -> Iterator[str]:
    """Serve what is made of secrets in all their spellings."""
    # No server can be found out that shows less than a piece, or spells it its own way.
    spelled = [
        text
        for value in values
        for name, text in spellings(value).items()
        if name not in ("its end", "cut short", "other case", "basic")
    ]
    with answering(answer(spelled)) as (url, _):
        yield url


def letting_in(token: str, respond: Respond) -> Respond:
    """Refuse strangers, with the answer of a server that is broken all the same."""

    def answer(
        method: str, path: str, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        status, sent, body = respond(method, path, headers)
        return status if headers.get("x-authorization") == token else 401, sent, body

    return answer


def in_every_member(spelled: list[str]) -> Respond:
    texts = cycle(spelled)

    def element() -> dict[str, Any]:
        members = ("name", "type", "category", "enabled", "modelsCount", "createTime")
        return {
            **{member: next(texts) for member in members},
            next(texts): next(texts),
            "tags": [{"key": next(texts), next(texts): 1}, next(texts)],
            "apis": [{next(texts): next(texts)}],
            "configuration": {"x": next(texts)},
        }

    # Whatever else an answer shows, some elements are no objects.
    plain = json.dumps([*(element() for _ in range(len(spelled) // 5)), *spelled[::7]])
    for_scripts = "".join(f"\\u{ord(one):04X}" if one in "&<>'+=" else one for one in plain)
    sent = {
        "Content-Type": f'application/{spelled[0]}; charset="{spelled[0]}"',
        **{f"X-Echo-{number}": text for number, text in enumerate(spelled[:60])},
    }
    return lambda _, path, __: (200, sent, (for_scripts if "=true" in path else plain).encode())


def as_a_page(status: int, media: str) -> Callable[[list[str]], Respond]:
    def answer(spelled: list[str]) -> Respond:
        body = "<html>" + "<br>".join(spelled)
        if "json" in media:
            body = json.dumps({"message": "; ".join(spelled), "error": spelled[0]})
        extra = {
            "Content-Type": media,
            "WWW-Authenticate": f'Bearer realm="{spelled[0]}"',
            "Retry-After": spelled[0],
            "Set-Cookie": spelled[0],
        }
        return lambda *_: (status, extra, body.encode())

    return answer


def redirecting(place: str) -> Callable[[list[str]], Respond]:
    def answer(spelled: list[str]) -> Respond:
        numbers = count()

        def respond(*_: object) -> tuple[int, dict[str, str], bytes]:
            text = quote(spelled[next(numbers) % len(spelled)])
            return 307, {"Location": place.replace("{}", text)}, b""

        return respond

    return answer


PAGES: Mapping[str, tuple[Callable[[list[str]], Respond], int]] = {
    "members": (in_every_member, 1),
    "page": (as_a_page(200, "text/html"), 1),
    "400": (as_a_page(400, "application/json"), 1),
    "404": (as_a_page(404, "text/html"), 1),
    "401": (as_a_page(401, "application/json"), 3),
    "500": (as_a_page(500, "application/json"), 3),
    "503": (as_a_page(503, "text/html"), 3),
    "loop": (redirecting("/{}/a?b={}#{}"), 3),
    "away": (redirecting("https://{}:80@elsewhere.example.com/{}?{}"), 3),
}


def front_end(aviary: Aviary, url: str, *words: str, **env: str) -> Finished:
    """Judge by way of pytest, as talkative as it can be."""
    done = aviary.run(
        *("pytest", "--pyargs", "conformance", "--conductor-url", url, *words),
        *("-vv", "-ra", "-l", "--tb=long", "--log-level=DEBUG", "-o", "log_cli=true"),
        *("--junitxml", "pytest.xml", "-o", "junit_logging=all", "--log-file", "pytest.log"),
        *("--conductor-profile", "quick", "--conductor-retry-budget", "0.3"),
        *("--conductor-record", "pytest.har"),
        *("-p", "no:xdist", "-p", "no:randomly", "--full-trace"),
        *("-p", "no:schemathesis", "-p", "no:hypothesispytest"),
        env=env,
    )
    assert (aviary.folder / "cwd" / "pytest.xml").exists(), done.text
    return done
