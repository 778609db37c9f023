"""Test that each route follows the documentation, and every other path returns 404."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from conformance.reference import (
    EmbeddedServer,
    Provider,
    ReferenceServer,
    default_cluster,
)
from conformance.reference.replies import INSTANCE

Get = Callable[..., requests.Response]

CLUSTER = default_cluster()
CATEGORIES = sorted({provider.category for provider in CLUSTER})
LISTING = "/integrations/provider"
GUARDED = [
    LISTING,
    "/integrations",
    "/integrations/",
    "/integrations/all",
    f"{LISTING}/openAI",
    f"{LISTING}/nobody",
    f"{LISTING}/openAI/integration",
    f"{LISTING}/openAI/tags",
]


@pytest.fixture(scope="module")
def server() -> ReferenceServer:
    return ReferenceServer()


@pytest.fixture(scope="module")
def api(server: ReferenceServer) -> Iterator[str]:
    with EmbeddedServer(server) as embedded:
        yield embedded.url


@pytest.fixture(scope="module")
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def get(server: ReferenceServer, api: str, client: requests.Session) -> Get:
    """Send an authorised request: ``get("/integrations/provider?category=GIT")``."""
    headers = {"X-Authorization": server.issue_token()}

    def send(path: str, *, method: str = "GET") -> requests.Response:
        return client.request(
            method, api + path, headers=headers, timeout=30, allow_redirects=False
        )

    return send


def names(answer: requests.Response) -> list[str]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return [provider["name"] for provider in json.loads(answer.content.decode("utf-8"))]


def is_error(answer: requests.Response, status: int, error: str | None = None) -> bool:
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert isinstance(body.pop("message"), str)
    expected = {"status": status, "instance": INSTANCE, "retryable": False}
    assert body == (expected if error is None else {**expected, "error": error})
    return True


# The filter ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [LISTING, "/integrations", "/integrations/"])
@pytest.mark.parametrize("category", [None, *CATEGORIES])
def test_the_parameters_select_as_documented(get: Get, path: str, category: str | None) -> None:
    everyone = [p for p in CLUSTER if category is None or p.category == category]
    active = [p.name for p in everyone if p.enabled]
    asked = "" if category is None else f"category={category}&"
    assert names(get(f"{path}?{asked}activeOnly=false")) == [p.name for p in everyone]
    assert names(get(f"{path}?{asked}activeOnly=true")) == active
    assert names(get(f"{path}?{asked}")) == active


@pytest.mark.parametrize(
    ("query", "same_as"),
    [
        ("activeOnly=false&category=EMAIL", "category=EMAIL&activeOnly=false"),
        ("category=%45MAIL", "category=EMAIL"),
        ("%63ategory=EMAIL&active%4Fnly=%66alse", "category=EMAIL&activeOnly=false"),
        ("category=EMAIL&category=CLOUD", "category=EMAIL"),
        ("activeOnly=false&activeOnly=true", "activeOnly=false"),
        ("activeOnly=true&activeOnly=nonsense", "activeOnly=true"),
        ("category=EMAIL&page=2&limit=1&sort=name", "category=EMAIL"),
        ("Category=EMAIL&activeonly=false&type=sendgrid", ""),
        ("&&=&?&category[]=EMAIL", ""),
    ],
)
def test_spelling_and_surplus_change_nothing(get: Get, query: str, same_as: str) -> None:
    assert get(f"{LISTING}?{query}").content == get(f"{LISTING}?{same_as}").content


@pytest.mark.parametrize(
    "category",
    [
        *("", "MCP", "API", "null", "email", "EMAIL%20", "EMAIL%00", "EMAIL%0A", "+EMAIL"),
        *("EMAIL,CLOUD", "%FF", "%ZZ", "%25", "A" * 20_000, quote("日本語"), "'%20OR%20'1'='1"),
    ],
    ids=lambda value: value[:20] or "empty",
)
def test_an_unsupported_category_selects_nothing(get: Get, category: str) -> None:
    answer = get(f"{LISTING}?activeOnly=false&category={category}")
    assert (answer.status_code, answer.content) == (200, b"[]")


@pytest.mark.parametrize(
    "value", ["", "True", "FALSE", "1", "0", "yes", "null", "%20true", "true%00", "%FF", "a" * 9000]
)
def test_a_malformed_boolean_is_refused(get: Get, value: str) -> None:
    for path in (LISTING, "/integrations/", f"{LISTING}/openAI/integration"):
        assert is_error(get(f"{path}?activeOnly={value}"), 400)
    assert is_error(get(f"{LISTING}?activeOnly"), 400)


# Response data ------------------------------------------------------------------------------


def test_the_listing_shows_providers_without_models(get: Get) -> None:
    shown = get(f"{LISTING}?activeOnly=false")
    assert shown.json() == [provider.as_dict() for provider in CLUSTER]
    assert "日本語アシスタント".encode() in shown.content
    for provider in shown.json():
        assert not {"apis", "models", "integrations"} & provider.keys()
        assert None not in provider.values()


@pytest.mark.parametrize("provider", CLUSTER, ids=lambda provider: provider.type)
def test_the_siblings_agree_with_the_listing(get: Get, provider: Provider) -> None:
    path = f"{LISTING}/{quote(provider.name)}"
    every = [model.as_dict(provider.name) for model in provider.models]
    active = [model for model in every if model["enabled"]]
    assert get(path).json() == provider.as_dict()
    assert get(f"{path}/integration").json() == active
    assert get(f"{path}/integration?activeOnly=true").json() == active
    assert get(f"{path}/integration?activeOnly=false").json() == every
    assert get(f"{path}/tags").json() == [tag.as_dict() for tag in provider.tags]
    expected = {**provider.as_dict(), "apis": every}
    query = f"category={provider.category}&activeOnly=false"
    assert expected in get(f"/integrations/?{query}").json()
    if provider.enabled:
        assert {**expected, "apis": active} in get("/integrations").json()
    assert provider.as_dict()["modelsCount"] == len(active)


@pytest.mark.parametrize("query", ["", "category=AI_MODEL", "activeOnly=false"])
def test_the_list_of_names_has_every_model_or_the_provider_alone(get: Get, query: str) -> None:
    expected = [
        name
        for one in get(f"/integrations?{query}").json()
        for name in ([f"{one['name']}:{model['api']}" for model in one["apis"]] or [one["name"]])
    ]
    assert get(f"/integrations/all?{query}").json() == expected
    assert ("openAI:gpt-4" in expected) is (query == "activeOnly=false")
    assert ("kafka-orders" in expected) is (query != "category=AI_MODEL")


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/docs", "/openapi.json", "/token/", "/integrations//", "/integrations/all/"),
        *(LISTING + rest for rest in ("/", "%0A", "/nobody", "/openai", "/openAI/", "/%FF")),
        *(LISTING + rest for rest in ("/openAI%0A", "/openAI%2Ftags%0A", "/openAI/models")),
        *(LISTING + rest for rest in ("/nobody/integration", "/nobody/tags")),
        LISTING.upper(),
        f"/{LISTING}",
    ],
)
def test_every_other_path_is_not_found(get: Get, path: str) -> None:
    assert is_error(get(path), 404)


ONE = {"GET", "HEAD", "POST", "DELETE"}
ALLOWED = {
    **{path: {"GET", "HEAD"} for path in GUARDED},
    f"{LISTING}/openAI": ONE,
    f"{LISTING}/nobody": ONE,
    f"{LISTING}/openAI/tags": {"GET", "HEAD", "PUT"},
    f"{LISTING}/openAI/integration/gpt-4o": {"POST", "DELETE"},
    "/token": {"POST"},
}


@pytest.mark.parametrize("path", ALLOWED)
def test_every_other_method_is_refused(server: ReferenceServer, get: Get, path: str) -> None:
    methods = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"}
    for method in sorted(methods - ALLOWED[path]):
        answer = get(path, method=method)
        assert is_error(answer, 405)
        assert answer.headers["allow"] == ", ".join(sorted(ALLOWED[path]))
    assert (server.providers, server.writes) == (CLUSTER, [])


@pytest.mark.parametrize("path", [*GUARDED, f"{LISTING}?activeOnly=nonsense"])
def test_head_is_get_without_the_body(get: Get, path: str) -> None:
    full, head = get(path), get(path, method="HEAD")
    assert head.content == b""
    assert head.status_code == full.status_code
    ignored = {"date"}
    assert {k: v for k, v in head.headers.items() if k not in ignored} == {
        k: v for k, v in full.headers.items() if k not in ignored
    }
    assert full.headers["content-length"] == str(len(full.content))
    assert full.headers["cache-control"] == "no-store"


# Credentials --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*GUARDED, f"{LISTING}?activeOnly=nonsense"])
def test_no_route_answers_without_a_valid_token(
    server: ReferenceServer, api: str, client: requests.Session, path: str
) -> None:
    token = server.issue_token()
    bearer = {"Authorization": f"Bearer {token}"}
    cases: list[dict[str, str]] = [{}, {"X-Authorization": ""}, {"X-Authorization": "x.y.z"}]
    cases += [bearer, {"X-Authorization": f"Bearer {token}"}, {"X-Authorization": token + "x"}]
    cases += [{"X-Authorization": ReferenceServer().issue_token()}]
    cases += [{"X-Authorization": "é\xff"}, {"Cookie": f"X-Authorization={token}"}]
    for headers in cases:
        for method in ("GET", "HEAD"):
            answer = client.request(method, api + path, headers=headers, timeout=30)
            assert (answer.status_code, token in answer.text) == (401, False), headers
            assert "www-authenticate" in answer.headers
            if method == "GET":
                assert is_error(answer, 401, "INVALID_TOKEN")


def test_a_token_given_twice_is_none(server: ReferenceServer, api: str) -> None:
    token = server.issue_token()
    parts = urlsplit(api)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    connection.putrequest("GET", parts.path + LISTING)
    connection.putheader("X-Authorization", token)
    connection.putheader("X-Authorization", token)
    connection.endheaders()
    assert connection.getresponse().status == 401
    connection.close()


def test_a_token_expires_and_is_renewed_by_the_key(client: requests.Session) -> None:
    now = [1000.0]
    server = ReferenceServer(token_lifetime=60, clock=lambda: now[0], key_id="k", key_secret="s")
    pair = {"keyId": "k", "keySecret": "s"}

    with EmbeddedServer(server) as embedded:

        def renew() -> str:
            answer = client.post(f"{embedded.url}/token", json=pair, timeout=30)
            assert (answer.status_code, list(answer.json())) == (200, ["token"])
            return str(answer.json()["token"])

        def read(token: str) -> requests.Response:
            headers = {"X-Authorization": token}
            return client.get(embedded.url + LISTING, headers=headers, timeout=30)

        token = renew()
        assert renew() != token
        now[0] += 59.9
        assert read(token).status_code == 200
        now[0] += 0.1
        assert is_error(read(token), 401, "EXPIRED_TOKEN")
        assert token not in read(token).text
        assert read(renew()).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"keyId": "ID", "keySecret": "no"}', 401),
        (b'{"keyId": "no", "keySecret": "SECRET"}', 401),
        (b'{"keyId": "", "keySecret": ""}', 401),
        (b'{"keyId": "ID", "keySecret": "\\ud800"}', 401),
        (b'{"keyId": "\xc3\xa9", "keySecret": "\xe6\x97\xa5"}', 401),
        (b'{"keyId": "ID"}', 400),
        (b'{"keyId": "ID", "keySecret": null}', 400),
        (b'{"keyId": ["ID"], "keySecret": {}}', 400),
        (b'["ID", "SECRET"]', 400),
        (b'{"keyId": "ID", "keySecret": "SECRET"', 400),
        (b"keyId=ID&keySecret=SECRET", 400),
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"[" * 50_000, 400),
        (b"1" * 10_000, 400),
        (b" " * 10_000_000, 413),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_only_the_right_pair_gets_a_token(
    server: ReferenceServer, api: str, client: requests.Session, body: bytes, status: int
) -> None:
    body = body.replace(b"ID", server.key_id.encode())
    body = body.replace(b"SECRET", server.key_secret.encode())
    answer = client.post(f"{api}/token", data=body, timeout=30)
    assert is_error(answer, status)
    assert server.key_secret not in answer.text


# Robustness ---------------------------------------------------------------------------------


def ask(
    server: ReferenceServer, method: str, path: str, query: bytes, token: bytes, body: bytes
) -> tuple[int, bytes]:
    """Call the application directly, without the checks of an HTTP library."""
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode("utf-8", "replace"),
        "root_path": "",
        "query_string": query,
        "headers": [(b"x-authorization", token)],
    }
    asyncio.run(server.app(scope, receive, send))  # type: ignore[arg-type]
    status = sent[0]["status"]
    assert isinstance(status, int)
    return status, b"".join(bytes(message.get("body", b"")) for message in sent[1:])  # type: ignore[call-overload]


STRICT = ReferenceServer()
TOKEN = STRICT.issue_token().encode()
queries = st.binary() | st.lists(
    st.tuples(
        st.sampled_from([b"category", b"activeOnly", b"x"]),
        st.sampled_from([b"EMAIL", b"true", b"false", b"%", b"%00", b"+", b""]) | st.binary(),
    ).map(b"=".join)
).map(b"&".join)
BODIES = [
    b'{"keyId": "x", "keySecret": "y"}',
    b'{"type": "git", "category": "\\ud800", "description": 1, "configuration": {"\\ud800": ""}}',
    b'{"type": "openai", "description": "", "enabled": true, "configuration": {"api_key": "x"}}',
    b'[{"key": "team", "value": "x"}]',
]
PATHS = [*GUARDED, f"{LISTING}/openAI/integration/x", "/token", ""]
paths = st.sampled_from(PATHS).map("/api{}".format) | st.text()


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE"]),
    path=paths,
    query=queries,
    token=st.just(TOKEN) | st.binary(),
    body=st.binary() | st.sampled_from(BODIES),
)
def test_no_input_is_an_internal_error(
    method: str, path: str, query: bytes, token: bytes, body: bytes
) -> None:
    status, content = ask(STRICT, method, path, query, token, body)
    assert status in (200, 400, 401, 404, 405)
    # Some writes have no body.
    answer = json.loads(content or b"null")
    if status != 200:
        assert answer["status"] == status
    if token != TOKEN:
        assert status != 200


def test_a_body_on_a_question_is_ignored_and_the_connection_stays_usable(
    server: ReferenceServer, api: str
) -> None:
    parts = urlsplit(api)
    headers = {"X-Authorization": server.issue_token()}
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    active = [provider.name for provider in CLUSTER if provider.enabled]
    for body in (b"x" * 300_000, b"{}", None):
        connection.request("GET", parts.path + LISTING, body=body, headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200
        assert [shown["name"] for shown in json.loads(answer.read())] == active
    connection.close()


# Arguments ----------------------------------------------------------------------------------


def test_generated_keys_differ_and_are_not_shown() -> None:
    one, other = ReferenceServer(), ReferenceServer()
    assert one.key_id != other.key_id
    assert one.key_secret != other.key_secret
    assert one.key_secret not in repr(one)
    given = ReferenceServer(key_id="id", key_secret="secret")
    assert (given.key_id, given.key_secret) == ("id", "secret")


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("prefix", "api"),
        ("prefix", "/api/"),
        ("prefix", "/{name}"),
        ("prefix", "/a b"),
        ("token_lifetime", 0),
        ("token_lifetime", float("nan")),
        ("key_id", ""),
        ("key_secret", ""),
        ("providers", CLUSTER[:1] * 2),
    ],
    ids=str,
)
def test_an_argument_that_cannot_be_served_is_refused_at_once(argument: str, value: object) -> None:
    with pytest.raises(ValueError, match=argument):
        ReferenceServer(**{argument: value})  # type: ignore[arg-type]
