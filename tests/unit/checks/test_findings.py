"""A shell interprets the command of a finding as intended, for any request."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from support.canned.contracts import ENDPOINT
from support.canned.exchanges import GRANTED, evidence, exchange, select

from conformance.checks.curl import curl
from conformance.checks.findings import Findings
from conformance.contract.query import Query
from conformance.evidence.exchange import Exchange
from conformance.report.render.console import print_finding
from conformance.target.address import Address
from conformance.target.refused_credentials import forms

ADDRESS = Address("https://conductor.example.com", "/api")


def asked(query: str = "", **members: Any) -> Exchange:
    one = exchange([], query, **members)
    return replace(one, url=ADDRESS.url(one.request.path or ENDPOINT, one.query))


URL = "https://conductor.example.com/api/integrations/provider"
WHOLE = Query("activeOnly=false")
NO_TOKEN, EMPTY, *_ = (form.access for form in forms("opaque"))


@pytest.mark.parametrize(
    ("one", "options", "words"),
    [
        (asked(), {}, f'-H "X-Authorization: $CONDUCTOR_AUTH_TOKEN" {URL}'),
        (asked("category=GIT&a=1", access=NO_TOKEN), {}, f"'{URL}?category=GIT&a=1'"),
        (
            asked(method="HEAD", access=EMPTY),
            {"insecure": True},
            f"-I -k -H 'X-Authorization;' {URL}",
        ),
        (
            asked(access=NO_TOKEN),
            {"headers": ("X-Tenant",)},
            f"-H 'X-Tenant: [value given by --header]' {URL}",
        ),
        (asked("a[]=1", access=NO_TOKEN), {}, f"-g '{URL}?a[]=1'"),
        (
            asked(access=NO_TOKEN, path="/api/integrations/./provider"),
            {},
            f"--path-as-is {URL.replace('/provider', '/./provider')}",
        ),
    ],
    ids=["plain", "query", "head", "headers", "brackets", "dots"],
)
def test_commands(one: Exchange, options: dict[str, Any], words: str) -> None:
    assert curl(one, **options) == f"curl -sS {words}"
    html = replace(one, request=replace(one.request, accept="text/html"))
    assert "-H 'Accept: text/html'" in curl(html)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (asked(), f"GET {ENDPOINT}"),
        (asked("category=GIT&a=1"), f"GET {ENDPOINT}?category=GIT&a=1"),
        (asked(method="HEAD", path="/api/other"), "HEAD /api/other"),
        (asked("a=1", access=NO_TOKEN), f"GET {ENDPOINT}?a=1 with {NO_TOKEN.form}"),
        (asked(f"a={'x' * 300}"), f"GET {ENDPOINT}?a={'x' * 300}"[:199] + "…"),
    ],
    ids=["plain", "query", "path", "no token", "long"],
)
def test_a_message_says_what_was_sent(one: Exchange, words: str) -> None:
    findings = Findings(evidence())
    findings.add("key", one, "seen", "other")
    (finding,) = findings.observed({}).findings
    assert finding.message == f"{words}: seen; expected other"


TOKEN = "opaque.token-of-24-chars"
NASTY = (
    "",
    "category=AI_MODEL&activeOnly=false",
    "a=$HOME&b=`id`&c=$(id)",
    "a='&b=\"&c=\\&d=;e|f>g<h!i#j*k?l~m(n)",
    "a=%27%22%24%60&b=%0A%00",
    "a=[1-3]&b={x,y}",
    "!!",
)


def test_bash_passes_the_intended_arguments_to_curl() -> None:
    """Run every command in a real bash in which curl only prints its arguments."""
    commands = [asked(wire, access=form.access) for wire in NASTY for form in forms(TOKEN)]
    commands += [asked(wire, access=GRANTED, method="HEAD") for wire in NASTY]
    script = "curl() { printf '%s\\0' \"$@\"; printf '\\1\\0'; }\n" + "\n".join(map(curl, commands))
    done = subprocess.run(
        ["bash", "--norc", "--noprofile", "-u", "-c", script],
        env={"CONDUCTOR_AUTH_TOKEN": TOKEN, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert done.stderr == b""
    calls = [call.split("\0")[:-1] for call in done.stdout.decode().split("\1\0")[:-1]]
    assert [call[-1] for call in calls] == [one.url for one in commands]
    for call, one in zip(calls, commands, strict=True):
        headers = [word for word in call if word.startswith("X-Authorization")]
        assert len(headers) == (one.request.access.shell is not None)
        assert ("-I" in call) is (one.request.method == "HEAD")


def test_generated_queries_stand_for_a_violation_only_if_no_other_query_shows_it() -> None:
    short, long = asked("category=x"), asked("category=NOT_A_CATEGORY&activeOnly=false")
    generated = replace(short, request=replace(short.request, generated=True))
    found = Findings(evidence())
    found.add("alone", generated, "seen", "other")
    alone = found.observed({})
    assert (alone.generated, [one.query for one in alone.kept]) == (True, ["category=x"])
    found.add("both", generated, "seen", "other")
    found.add("both", long, "seen", "other")
    both = found.observed({})
    assert (both.generated, both.found) == (False, 2)
    assert [one.query for one in both.kept] == [long.query.wire]
    assert [one.query for one in both.findings] == [long.query.wire, "category=x"]


def test_the_query_is_named_for_which_a_response_would_be_right() -> None:
    for wire, named in (("category=%2A", "?activeOnly=false"), ("activeOnly=false", "")):
        found = Findings(evidence())
        found.add("key", exchange(select(WHOLE), wire), "seen", "other")
        seen = found.observed({})
        assert [one.right_for for one in seen.findings] == [named]
        # Fingerprints and baselines know nothing of it.
        assert [one.right_for for one in seen.kept] == [""]
        shown = StringIO()
        print_finding(seen.findings[0], Console(file=shown, width=80))
        assert ("right for ?activeOnly=false" in " ".join(shown.getvalue().split())) is bool(named)


def test_a_finding_says_what_it_is_about_and_how_often_it_was_seen() -> None:
    wrong, right = exchange(select(WHOLE), "category=GIT"), exchange([], "category=GIT")
    found = Findings(evidence(wrong, right, replace(wrong, url="again")))
    found.add("key", wrong, "seen", "other", pointer="/1/name", against=asked("activeOnly=false"))
    (finding,) = found.observed({}).findings
    assert finding.provider == wrong.value[1]["name"]
    assert (finding.seen, finding.responses) == (2, 4)
    assert finding.method == "GET"
    assert finding.compared is not None
    assert finding.compared.query == "activeOnly=false"
    assert finding.compared.curl.endswith(
        "'https://conductor.example.com/api/integrations/provider?activeOnly=false'"
    )
    found = Findings(evidence())
    found.add("key", asked(access=NO_TOKEN, method="HEAD"), "seen", "other")
    (finding,) = found.observed({}).findings
    assert (finding.method, finding.credential) == ("HEAD", NO_TOKEN.form)
    assert (finding.provider, finding.compared) == ("", None)
