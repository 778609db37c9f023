"""Test the target over real sockets: sending, caching, retries, renewal and refusals."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from support.servers.plain import answering

import conformance
from conformance import AccessKey, CannotTest, Outcome, Target, UsageError
from conformance.contract.loader import default_path, load
from conformance.contract.query import Query
from conformance.errors import ForbiddenRequest
from conformance.evidence.exchange import Request
from conformance.reference import EmbeddedServer, ReferenceServer
from conformance.reference.server import Handler
from conformance.runner.opening import open_target

JSON = {"Content-Type": "application/json"}


def test_read_asks_by_python_names_and_remembers() -> None:
    server = ReferenceServer()
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=server.issue_token()) as target,
    ):
        everything = target.read(active_only=False)
        mail = target.read(category="EMAIL", active_only=False)
        assert target.read(active_only=False) is everything
        assert target.requests_sent == 2
        assert target.read(active_only=False, fresh=True) is not everything
        assert target.requests_sent == 3
        with pytest.raises(TypeError, match="no filter kategorie"):
            target.read(kategorie="EMAIL")
    assert mail.query.wire == "category=EMAIL&activeOnly=false"
    assert 0 < len(mail.providers) < len(everything.providers)
    assert "token" not in repr(everything.request).lower().replace(
        "the accepted token", ""
    ).replace("conductor_auth_token", "")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"])
def test_nothing_but_reads_leaves(method: str) -> None:
    with answering(lambda *_: (200, JSON, b"[]")) as (url, journal), Target(url) as target:
        asked = target.request(Query())
        with pytest.raises(ForbiddenRequest, match="only GET and HEAD"):
            target.ask(Request(asked.query, asked.access, method=method))
    assert not journal.requests


def test_the_credential_stays_at_its_origin() -> None:
    with answering(lambda *_: (200, JSON, b"[]")) as (elsewhere, foreign):
        away = (302, {"Location": f"{elsewhere}/api/integrations/provider"}, b"")
        with (
            answering(lambda *_: away) as (url, _),
            Target(url, credential="a-token-of-this-test") as target,
            pytest.raises(CannotTest, match="another origin"),
        ):
            open_target(target)
    assert not foreign.requests


def test_a_redirect_on_the_same_origin_is_followed_and_noted() -> None:
    def respond(_: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/api/integrations/provider?"):
            query = path.partition("?")[2]
            return 307, {"Location": f"/moved/provider?{query}"}, b""
        assert headers["x-authorization"] == "a-token-of-this-test"
        return 200, JSON, b"[]"

    with answering(respond) as (url, _), Target(url, credential="a-token-of-this-test") as target:
        assert target.read(active_only=False).status == 200
        assert target.read(active_only=True).status == 200
        assert target.notes == (
            "A redirect was followed: /api/integrations/provider to /moved/provider.",
        )


@pytest.mark.parametrize("everyone", [True, False])
def test_strangers_are_followed_only_where_everyone_is_redirected(everyone: bool) -> None:
    def respond(_: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        known = headers.get("x-authorization") == "a-token-of-this-test"
        path, _, query = path.partition("?")
        if not path.endswith("/") and (known or everyone):
            return 308, {"Location": f"{path}/?{query}"}, b""
        if not known and not everyone:
            return 302, {"Location": "/login"}, b""
        return 200 if known else 401, JSON, b"[]"

    with answering(respond) as (url, _):
        target = Target(url, credential="a-token-of-this-test")
        report = conformance.run(target, profile="quick", only=["AUTH"])
    assert report.conclusion == ("conformant" if everyone else "non-conformant"), report.reason


def test_cookies_are_never_sent_back() -> None:
    with (
        answering(lambda *_: (200, {**JSON, "Set-Cookie": "session=1"}, b"[]")) as (url, journal),
        Target(url) as target,
    ):
        for _ in range(3):
            target.read(fresh=True)
    assert not [headers for _, _, headers in journal.requests if "cookie" in headers]


def test_proxies_and_netrc_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with answering(lambda *_: (200, JSON, b"[]")) as (url, _), Target(url) as target:
        assert target.read().status == 200


def _at_first(trouble: tuple[int, dict[str, str], bytes], times: int) -> Callable[..., object]:
    count = iter(range(10**6))
    return lambda *_: trouble if next(count) < times else (200, JSON, b"[]")


@pytest.mark.parametrize(
    "trouble",
    [
        (429, {"Retry-After": "0"}, b""),
        (503, {"Retry-After": "Mon, 01 Jan 2024 00:00:00 GMT"}, b""),
        (502, {}, b""),
    ],
)
def test_transient_trouble_is_waited_out(trouble: tuple[int, dict[str, str], bytes]) -> None:
    with answering(_at_first(trouble, 2)) as (url, _), Target(url) as target:  # type: ignore[arg-type]
        exchange = target.read()
        assert (exchange.status, exchange.attempts) == (200, 3)
        assert f"were retried: 2 responses with status {trouble[0]}; " in target.notes[0]


def test_an_endless_wait_is_not_begun() -> None:
    busy = (429, {"Retry-After": "86400"}, b"")
    with (
        answering(lambda *_: busy) as (url, journal),
        Target(url) as target,
        pytest.raises(CannotTest, match="did not recover"),
    ):
        open_target(target)
    assert len(journal.requests) == 1


def test_an_expired_token_is_renewed() -> None:
    now = [1000.0]
    server = ReferenceServer(token_lifetime=60, clock=lambda: now[0])
    key = AccessKey(server.key_id, server.key_secret)
    with EmbeddedServer(server) as embedded, Target(embedded.url, credential=key) as target:
        assert target.read().status == 200
        now[0] += 3600
        assert target.read(fresh=True).status == 200


@pytest.mark.parametrize("last", [10, *range(28, 34), 100])
def test_a_credential_that_expires_for_good_is_not_blamed_on_the_server(last: int) -> None:
    class Forgets(ReferenceServer):
        """Accepts the token for a limited number of requests."""

        answers = 0
        lock = threading.Lock()

        def authorise(self, request: StarletteRequest) -> Response | None:
            with self.lock:
                type(self).answers += 1
            if self.answers > last:
                return self.refuse(401, "The token has expired", error="EXPIRED_TOKEN")
            return super().authorise(request)

    server = Forgets()
    with EmbeddedServer(server) as embedded:
        target = Target(embedded.url, credential=server.issue_token())
        report = conformance.run(target, profile="quick")
    assert report.exit_code == 3
    assert "now refused" in report.reason
    assert {verdict.outcome for verdict in report.verdicts} == {Outcome.ERROR}


def test_a_server_that_fails_one_query_for_good_is_blamed_for_it() -> None:
    class LosesMail(ReferenceServer):
        """Fails to list email providers."""

        async def respond(self, request: StarletteRequest, handler: Handler) -> Response:
            if request.query_params.get("category") == "EMAIL" and "activeOnly" in str(request.url):
                return Response("boom", 500)
            return await super().respond(request, handler)

    server = LosesMail()
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=server.issue_token()) as target,
    ):
        report = conformance.run(target, profile="quick", only=["HTTP"])
    (broken,) = [verdict for verdict in report.verdicts if verdict.outcome is Outcome.FAILED]
    assert broken.requirement.id == "HTTP-01"
    assert {finding.query for finding in broken.findings} == {
        "category=EMAIL&activeOnly=true",
        "category=EMAIL&activeOnly=false",
    }


def test_a_prefix_is_found_with_or_without_api() -> None:
    server = ReferenceServer(prefix="/team/conductor")
    with EmbeddedServer(server) as embedded:
        with Target(embedded.url, credential=server.issue_token()) as target:
            assert open_target(target).refusal is None
            assert str(target.address) == embedded.url
        key = AccessKey(server.key_id, server.key_secret)
        with Target(embedded.url, credential=key) as keyed:
            assert open_target(keyed).refusal is None


def test_a_credential_in_an_answer_is_noticed_and_blotted_out() -> None:
    def respond(_: str, __: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        token = headers.get("x-authorization", "")
        body = json.dumps([{"name": token}]).encode()
        return 200, {**JSON, "X-Echo": token}, body

    with answering(respond) as (url, _), Target(url, credential="a-token-of-this-test") as target:
        exchange = target.read()
    assert set(exchange.leaks) == {"header x-echo", "body"}
    assert "a-token-of-this-test" not in repr(exchange)


def test_arguments_that_make_no_sense() -> None:
    with pytest.raises(UsageError, match="timeout"):
        Target("https://host", timeout=-1)
    with pytest.raises(UsageError, match="profile must be one of"):
        conformance.run("https://host.invalid", profile="slow")
    with pytest.raises(UsageError, match="no requirement"):
        conformance.run("https://host.invalid", only=["NOPE-01"])


def test_a_server_whose_every_answer_is_too_deep_is_not_tested() -> None:
    deep = b"[" * 5000 + b"]" * 5000
    with answering(lambda *_: (200, JSON, deep)) as (url, _), Target(url) as target:
        report = conformance.run(target, profile="quick")
    assert report.exit_code == 3, report.reason
    assert "in every response the JSON is nested too deeply to be read" in report.reason


def test_a_contract_may_hold_dates(tmp_path: Path) -> None:
    text = default_path().read_text("utf-8")
    dated = tmp_path / "dated.yaml"
    dated.write_text(text.replace("\ninfo:\n", "\ninfo:\n  x-date: 2026-01-01\n"), "utf-8")
    contract = load(dated)
    assert contract.document["info"]["x-date"]
    server = ReferenceServer()
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=server.issue_token(), contract=contract) as target,
    ):
        report = conformance.run(target, profile="quick")
    assert report.exit_code == 0, report.reason
