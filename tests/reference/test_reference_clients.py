"""Each broken client breaks what its entry names and nothing else; the others break nothing.

What is broken is told by a probe for each requirement, which knows how the clients are made and is
therefore simpler than a judge of clients.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from support.servers.counterpart import Counterpart, Sent, counterpart

from conformance.reference.clients.catalogue import CLIENTS, Client
from conformance.reference.clients.odd import ODD
from conformance.reference.clients.processes import ODD_PROCESSES, PROCESSES

BY_NAME = {client.name: client for client in CLIENTS}
BROKEN = [client for client in CLIENTS if client.trips]
UNBROKEN = [*(client for client in CLIENTS if client.kind == "correct"), *ODD]
REQUIREMENTS = [f"CLIENT-{number:02d}" for number in range(1, 22)]
CANARY = "canary-of-a-configuration"
MISSING = object()
PLAIN = {"category": "AI_MODEL", "configuration": {}, "enabled": True, "modelsCount": 1}


@dataclass(frozen=True)
class Ran:
    """What a client answered (or ``MISSING``), sent and printed."""

    answer: Any
    sent: Sequence[Sent]
    issued: Sequence[str]
    output: str
    elsewhere: Sequence[Sent]

    @property
    def listings(self) -> list[Sent]:
        return [one for one in self.sent if one.is_listing]

    @property
    def is_error(self) -> bool:
        return isinstance(self.answer, dict) and "error" in self.answer

    @property
    def is_unsupported(self) -> bool:
        return isinstance(self.answer, dict) and "unsupported" in self.answer

    def lacks(self, names: Sequence[str]) -> bool:
        """Whether it answered, and not with the providers of these names."""
        if self.answer is MISSING or self.is_unsupported:
            return False
        return self.is_error or {one["name"] for one in self.answer} != {*names}

    @property
    def repeats(self) -> bool:
        """Whether it answered with a provider twice."""
        names = [one["name"] for one in self.answer] if isinstance(self.answer, list) else []
        return len(names) != len({*names})


class Bench:
    """Runs one client, in this process, in one situation after the other."""

    def __init__(self, servers: Sequence[tuple[Counterpart, str]], folder: Path) -> None:
        (self.server, self.url), (self.other, self.elsewhere) = servers
        self._folder = folder
        self.output = folder.with_name(f"{folder.name}.output")
        self.client = BY_NAME["correct"]

    def environment(
        self, category: str | None = None, active_only: str | None = None, *, slash: bool = False
    ) -> dict[str, str]:
        """Return the variables of the protocol."""
        filters = {"CONFORMANCE_CATEGORY": category, "CONFORMANCE_ACTIVE_ONLY": active_only}
        return {
            "CONDUCTOR_SERVER_URL": f"{self.url}/" if slash else self.url,
            "CONDUCTOR_AUTH_KEY": self.server.key_id,
            "CONDUCTOR_AUTH_SECRET": self.server.key_secret,
            "CONFORMANCE_ANSWER": str(self._folder / "answer.json"),
            **{name: value for name, value in filters.items() if value is not None},
        }

    def run(
        self,
        *script: Response,
        listed: Sequence[dict[str, object]] | None = None,
        slash: bool = False,
        category: str | None = None,
        active_only: str | None = None,
    ) -> Ran:
        """Run the client with these filters, if any, and return what became of it."""
        self.server.begin(script, listed)
        self.other.begin()
        for left in self._folder.iterdir():
            left.unlink()
        printed = io.BytesIO()
        output = io.TextIOWrapper(printed, "utf-8", write_through=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdin", io.StringIO())
            patch.setattr(sys, "stdout", output)
            patch.setattr(sys, "stderr", output)
            self.client.make(self.environment(category, active_only, slash=slash)).run()
        file = self._folder / "answer.json"
        return Ran(
            json.loads(file.read_text("utf-8")) if file.exists() else MISSING,
            self.server.sent,
            self.server.issued,
            printed.getvalue().decode(errors="replace"),
            self.other.sent,
        )

    def read(self, *providers: dict[str, object]) -> Ran:
        """Run the client on a list of these providers."""
        return self.run(listed=providers)

    def get(self, response: Response, times: int = 8) -> Ran:
        """Run the client, and return the same response to its first requests for the list."""
        return self.run(*[response] * times)

    def every_query(self) -> list[Ran]:
        """Run the client with each combination of filters."""
        return [
            self.run(category=category, active_only=active_only)
            for category in (None, "VECTOR_DB")
            for active_only in (None, "false", "true")
        ]


@pytest.fixture(scope="module")
def servers() -> Iterator[list[tuple[Counterpart, str]]]:
    with counterpart() as first, counterpart() as second:
        yield [first, second]


@pytest.fixture
def bench(servers: list[tuple[Counterpart, str]], tmp_path: Path) -> Bench:
    return Bench(servers, tmp_path)


# The probes: whether a client breaks a requirement ------------------------------------------------


def refusal(status: int, error: str | None = None, **headers: str) -> Response:
    body = {"status": status, "message": "no"} | ({} if error is None else {"error": error})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(body, status_code=status, headers=named)


def provider(name: str = "one", **fields: Any) -> dict[str, object]:
    times = {"createTime": 1_700_000_000_470, "updateTime": 1_700_000_000_471}
    rest = {"type": "git", "description": "text", "tags": [], **times, **PLAIN}
    return {"name": name, **rest, **fields}


def sends(ran: Ran, name: str, value: str) -> bool:
    """Whether a client sent this value at last and no other, unless it offers no such filter."""
    wanted = [one.parameters for one in ran.listings]
    found = [[it for known, it in one if known == name] for one in wanted]
    others = any(it not in ([], [value]) for it in found)
    return ran.is_unsupported or (found[-1:] == [[value]] and not others)


def breaks_01(bench: Bench) -> bool:
    names = {
        name for ran in bench.every_query() for one in ran.listings for name, _ in one.parameters
    }
    return not names <= {"category", "activeOnly"}


def breaks_02(bench: Bench) -> bool:
    renewing = bench.run(refusal(401, "EXPIRED_TOKEN"), category="VECTOR_DB")
    return not (
        sends(bench.run(category="VECTOR_DB"), "category", "VECTOR_DB")
        and sends(bench.run(category="R & D"), "category", "R & D")
        and sends(renewing, "category", "VECTOR_DB")
    )


def breaks_03(bench: Bench) -> bool:
    return not (
        sends(bench.run(active_only="false"), "activeOnly", "false")
        and sends(bench.run(category="GIT", active_only="false"), "activeOnly", "false")
        and sends(
            bench.run(refusal(401, "EXPIRED_TOKEN"), active_only="false"), "activeOnly", "false"
        )
    )


def breaks_04(bench: Bench) -> bool:
    return any(ran.is_unsupported for ran in bench.every_query())


def breaks_05(bench: Bench) -> bool:
    runs = [ran for ran in bench.every_query() if not ran.is_unsupported]
    return any(
        not ran.issued or any(one.token not in ran.issued for one in ran.listings) for ran in runs
    )


def breaks_06(bench: Bench) -> bool:
    allowed = (("POST", "/api/token"),)
    return any(
        one.method != "GET" and (one.method, one.path) not in allowed
        for ran in bench.every_query()
        for one in ran.sent
    )


def breaks_07(bench: Bench) -> bool:
    def paths(ran: Ran) -> list[tuple[str, str]]:
        return [(one.method, one.path) for one in ran.sent]

    return paths(bench.run()) != paths(bench.run(slash=True))


def breaks_08(bench: Bench) -> bool:
    categories = sorted({one.category for one in bench.server.providers})
    listed = [provider(it, category=it, type=it, enabled=True) for it in categories]
    return bench.read(*listed).lacks(categories)


def breaks_09(bench: Bench) -> bool:
    unknown: list[dict[str, Any]] = [
        {"category": "QUANTUM"},
        {"tags": [{"key": "team", "value": "docs", "type": "NEW"}]},
        {"region": "eu-west-1"},
    ]
    return any(bench.read(provider(**fields)).lacks(["one"]) for fields in unknown)


def breaks_10(bench: Bench) -> bool:
    ran = bench.read({"name": "one", **PLAIN})
    if ran.answer is MISSING:
        return False
    return ran.lacks(["one"]) or any(
        ran.answer[0].get(name) not in (None, []) for name in ("createTime", "description", "tags")
    )


def breaks_11(bench: Bench) -> bool:
    many = [str(number) for number in range(10_000)]
    large = [provider(name, type=name, description="x" * 90) for name in many]
    whole = bench.read(*large)
    return bench.read().lacks([]) or whole.lacks(many) or whole.repeats


def differs(bench: Bench, *expected: dict[str, Any], names: Sequence[str]) -> bool:
    """Whether a field, if the client knows it at all, has another value."""
    ran = bench.read(*expected)
    if ran.answer is MISSING or ran.is_error:
        return ran.answer is not MISSING
    read = {one["name"]: one for one in ran.answer}
    known = {name for one in ran.answer for name in one} & set(names)

    def comparable(value: object) -> object:
        return sorted(map(json.dumps, value)) if isinstance(value, list) else (type(value), value)

    return any(
        one["name"] not in read or comparable(read[one["name"]].get(name)) != comparable(one[name])
        for one in expected
        for name in known
    )


REQUIRED = ("name", "category", "configuration", "enabled", "modelsCount")


def breaks_12(bench: Bench) -> bool:
    values: list[dict[str, Any]] = [
        {"enabled": False, "modelsCount": 0},
        {"modelsCount": 2**31},
        {"modelsCount": 2**53 - 1, "configuration": {"port": 5672, "tls": True, "key": CANARY}},
    ]
    listed = [provider(f" d'été {at}", **it) for at, it in enumerate(values)]
    return differs(bench, *listed, names=REQUIRED) or bench.read(*listed).repeats


def breaks_13(bench: Bench) -> bool:
    return differs(bench, provider(modelsCount=2**63 - 1), names=["modelsCount"])


def breaks_14(bench: Bench) -> bool:
    tags = [{"key": "team", "value": it} for it in ("docs", "support")]
    return differs(bench, provider(tags=tags), names=["tags", "createTime", "updateTime"])


def breaks_15(bench: Bench) -> bool:
    page = "<!DOCTYPE html><html><head><style>p {}</style></head><body>Sign in</body></html>"
    cut = json.dumps([provider("one"), provider("two")])[:-40]
    bodies = [HTMLResponse(page), Response(cut, media_type="application/json")]
    objects = [JSONResponse(provider()), JSONResponse({})]
    refusals = [refusal(403), Response(status_code=403)]
    runs = [bench.get(it) for it in (*bodies, *objects, *refusals)]
    return any(not ran.is_error for ran in runs if ran.answer is not MISSING)


def breaks_16(bench: Bench) -> bool:
    responses = (refusal(403), refusal(400), Response(status_code=403))
    runs = [bench.get(response) for response in responses]
    said = [ran.answer for ran in runs if ran.answer is not MISSING]
    return said != [{"error": {"status": it}} for it in (403, 400, 403)][: len(said)]


def breaks_17(bench: Bench) -> bool:
    once = bench.run(refusal(401, "EXPIRED_TOKEN"))
    ever = bench.get(refusal(401, "EXPIRED_TOKEN"), 300)
    tokens = [one.token for one in once.listings]
    repeated = len(tokens) > 1 and tokens[1] in once.issued and tokens[1] != tokens[0]
    return not repeated or len(ever.listings) > 5


def breaks_18(bench: Bench) -> bool:
    ran = bench.get(refusal(403))
    kinds = [one.is_listing or one.is_token_request for one in ran.sent]
    first = next(at for at, one in enumerate(ran.sent) if one.is_listing)
    return any(kinds[first + 1 :])


def breaks_19(bench: Bench) -> bool:
    ran = bench.get(refusal(429, retry_after="1"), 2)
    times = [one.at for one in ran.listings]
    return any(later - earlier < 1 for earlier, later in pairwise(times))


def breaks_20(bench: Bench) -> bool:
    ran = bench.run(RedirectResponse(f"{bench.elsewhere}/integrations/provider"))
    return any(one.token is not None or one.authorization is not None for one in ran.elsewhere)


def breaks_21(bench: Bench) -> bool:
    secret = [provider(configuration={"api_key": CANARY})]
    cut = Response(json.dumps(secret)[:-2], media_type="application/json")
    unknown = JSONResponse([{**one, "region": "eu"} for one in secret])
    responses = (JSONResponse(secret), unknown, cut, refusal(403), Response(status_code=403))
    runs = [bench.get(it) for it in responses]
    return any(
        hidden in ran.output
        for ran in runs
        for hidden in (CANARY, bench.server.key_secret, *ran.issued)
    )


PROBES: dict[str, Callable[[Bench], bool]] = {
    name: globals()[f"breaks_{name.removeprefix('CLIENT-')}"] for name in REQUIREMENTS
}


# The tests ---------------------------------------------------------------------------------------


def test_the_catalogue_is_complete() -> None:
    assert len(BY_NAME) == len(CLIENTS)
    assert {trip for client in BROKEN for trip in client.trips} == set(REQUIREMENTS)
    assert all(client.kind == "broken" for client in (*BROKEN, *PROCESSES))
    assert all(not (client.trips or client.may_trip) for client in (*UNBROKEN, *ODD_PROCESSES))
    assert len(BROKEN) >= 30
    assert len([*ODD, *ODD_PROCESSES]) >= 15
    assert {client.answers for client in BROKEN} == {client.answers for client in ODD}
    assert all(client.answers != client.name.startswith("quiet-") for client in CLIENTS)


def test_the_correct_client_answers_what_the_server_holds(bench: Bench) -> None:
    for inactive, category in ((False, None), (True, None), (True, "GIT"), (False, "EMAIL")):
        ran = bench.run(category=category, active_only="false" if inactive else None)
        expected = [
            one.as_dict()
            for one in bench.server.providers
            if category in (None, one.category) and (one.enabled or inactive)
        ]
        assert ran.answer == expected


@pytest.mark.catalogue
@pytest.mark.parametrize("client", UNBROKEN, ids=lambda client: client.name)
def test_a_correct_or_odd_client_breaks_nothing(bench: Bench, client: Client) -> None:
    bench.client = client
    assert [name for name, breaks in PROBES.items() if breaks(bench)] == []


@pytest.mark.catalogue
@pytest.mark.parametrize("client", BROKEN, ids=lambda client: client.name)
def test_a_broken_client_breaks_what_its_entry_names(bench: Bench, client: Client) -> None:
    bench.client = client
    assert [name for name in client.trips if not PROBES[name](bench)] == []
    if not bench.run().listings or client.trips == ("CLIENT-05",):
        return
    others = {name: it for name, it in PROBES.items() if name not in client.trips}
    broken = {name for name, breaks in others.items() if breaks(bench)}
    assert broken <= set(client.may_trip)


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_each_requirement_has_a_client_that_breaks_it(bench: Bench, name: str) -> None:
    assert not PROBES[name](bench)
    bench.client = next(client for client in BROKEN if name in client.trips)
    assert PROBES[name](bench)


# Processes ---------------------------------------------------------------------------------------


def finished(bench: Bench, name: str) -> int | None:
    """Run a client as a process for the category EMAIL; return its exit code, ``None`` if it hangs.

    Its outputs go to files, since a child may keep them open.
    """
    bench.server.begin()
    with bench.output.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance.reference.clients", name],
            env={**os.environ, **bench.environment("EMAIL")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            return process.wait(4 if "hangs" in name else 60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return None


def answered(bench: Bench) -> Any:
    file = Path(bench.environment()["CONFORMANCE_ANSWER"])
    try:
        return json.loads(file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return MISSING


@pytest.mark.catalogue
@pytest.mark.parametrize("client", [*PROCESSES], ids=lambda client: client.name)
def test_a_broken_process_does_not_answer_about_a_category(bench: Bench, client: Client) -> None:
    assert (finished(bench, client.name) is None) == ("hangs" in client.name)
    assert not isinstance(answered(bench), list)
    listings = [one.parameters for one in bench.server.sent if one.is_listing]
    assert all(("category", "EMAIL") in parameters for parameters in listings)


@pytest.mark.catalogue
@pytest.mark.parametrize("client", [*ODD_PROCESSES], ids=lambda client: client.name)
def test_an_odd_process_answers(bench: Bench, client: Client) -> None:
    assert finished(bench, client.name) == 0
    if client.answers:
        assert [one["name"] for one in answered(bench)] == ["SendGrid"]
    assert client.answers or bench.output.read_bytes().endswith(b"1 providers\n")


def test_a_client_that_does_not_answer_is_an_example(bench: Bench) -> None:
    assert finished(bench, "quiet-correct") == 0
    assert bench.output.read_bytes() == b"1 providers\n"
    assert answered(bench) is MISSING


def test_an_unknown_name_is_an_error() -> None:
    words = [sys.executable, "-m", "conformance.reference.clients"]
    done = subprocess.run([*words, "nobody"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "no client is called nobody\n")
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert [line.partition(":")[0] for line in listed.splitlines()] == list(BY_NAME)
