"""Test the target over real sockets: sending, caching, retries, renewal and refusals."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from support.servers.plain import answering

import conformance
from conformance import AccessKey, Outcome, Target, UsageError
from conformance.contract.loader import REQUIREMENTS, default_path, load
from conformance.reference import EmbeddedServer, ReferenceServer
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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("last", [10, 30, 100])
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


def test_a_prefix_is_found_with_or_without_api() -> None:
    server = ReferenceServer(prefix="/team/conductor")
    with EmbeddedServer(server) as embedded:
        with Target(embedded.url, credential=server.issue_token()) as target:
            assert open_target(target).refusal is None
            assert str(target.address) == embedded.url
        key = AccessKey(server.key_id, server.key_secret)
        with Target(embedded.url, credential=key) as keyed:
            assert open_target(keyed).refusal is None


def test_arguments_that_make_no_sense() -> None:
    with pytest.raises(UsageError, match="timeout"):
        Target("https://host", timeout=-1)
    with pytest.raises(UsageError, match="profile must be one of"):
        conformance.run("https://host.invalid", profile="slow")
    with pytest.raises(UsageError, match="no requirement"):
        conformance.run("https://host.invalid", only=["NOPE-01"])


def test_a_contract_may_hold_dates(tmp_path: Path) -> None:
    text = default_path().read_text("utf-8")
    dated = tmp_path / "dated.yaml"
    dated.write_text(text.replace("\ninfo:\n", "\ninfo:\n  x-date: 2026-01-01\n"), "utf-8")
    shutil.copy(default_path().with_name(REQUIREMENTS), tmp_path)
    contract = load(dated)
    assert contract.document["info"]["x-date"]
    server = ReferenceServer()
    with (
        EmbeddedServer(server) as embedded,
        Target(embedded.url, credential=server.issue_token(), contract=contract) as target,
    ):
        report = conformance.run(target, profile="quick")
    assert report.exit_code == 0, report.reason
