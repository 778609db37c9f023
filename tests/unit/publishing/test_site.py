"""Test the content of the published site without a browser."""

from __future__ import annotations

import hashlib
import json
import posixpath
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from support.canned.trials import matrix, tried_fault
from support.pages.html_page import Page, digest
from support.pages.published import made, proven

from conformance.contract.loader import default_path, load
from conformance.publishing import editions
from conformance.publishing.editions import Edition
from conformance.reference.faults import FAULTS

EDITIONS = editions.read()
LATEST = editions.latest(EDITIONS)
CURRENT = EDITIONS[-1]
NAMED_EARLY = ("Get All Integration Providers", "Authentication and Access Keys")


@cache
def site(*, proved: bool = False) -> Mapping[str, bytes]:
    """Return the site, with the self-test of the current contract or without one."""
    return made(proven() if proved else None)


class Read(Page):
    """A page of the site, which may link to others and load files."""

    def __init__(self, content: bytes) -> None:
        self.loads: list[str] = []
        self.copied: list[str] = []
        super().__init__(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.copied += [str(value) for name, value in attrs if name == "data-copy"]
        leading = {name: str(value) for name, value in attrs if name in ("href", "src")}
        super().handle_starttag(tag, [pair for pair in attrs if pair[0] not in leading])
        (self.links if tag == "a" else self.loads).extend(leading.values())


@cache
def pages(*, proved: bool = False) -> Mapping[str, Read]:
    """Return the pages by path."""
    files = site(proved=proved)
    return {name: Read(files[name]) for name in files if name.endswith(".html")}


def test_every_version_has_its_pages_and_files() -> None:
    for edition in EDITIONS:
        own = {name for name in site() if name.startswith(f"{edition.version}/")}
        assert {name.removeprefix(f"{edition.version}/") for name in own} == {
            *("index.html", "reference/index.html", "reference/contract.js"),
            *("requirements/index.html", "openapi.json", "openapi-3.0.yaml", *edition.files),
            *("openapi-3.0.json", "provider.schema.json", "provider-list.schema.json"),
            "SHA256SUMS",
        }


def test_latest_is_the_last_released_version() -> None:
    mine = {name: content for name, content in site().items() if name.startswith("latest/")}
    for name, content in mine.items():
        assert content == site()[name.replace("latest", LATEST.version, 1)]
    assert len(mine) == 10 + len(LATEST.files)


def test_the_schemas_are_the_published_ones() -> None:
    for file in default_path().parent.glob("*.schema.json"):
        assert site()[f"schemas/{file.name}"] == file.read_bytes()
    assert {"schemas/report.schema.json", "schemas/self-test.schema.json"} <= {*site()}


@pytest.mark.parametrize("folder", ["", *(f"{one.version}/" for one in EDITIONS), "latest/"])
def test_the_checksums_are_those_of_the_files(folder: str) -> None:
    lines = site()[f"{folder}SHA256SUMS"].decode().splitlines()
    named = {line[66:]: line[:64] for line in lines}
    assert [*named] == sorted(named)
    for name, expected in named.items():
        assert hashlib.sha256(site()[folder + name]).hexdigest() == expected
    if not folder:
        assert {*named} == {*site()} - {"SHA256SUMS"}


def test_the_index_is_for_programs() -> None:
    index = json.loads(site()["versions.json"])
    assert index["latest"] == LATEST.version
    for entry, edition in zip(index["versions"], EDITIONS, strict=True):
        assert entry["version"] == edition.version
        both = b"".join(site()[entry["path"] + name] for name in edition.files)
        assert entry["sha256"] == hashlib.sha256(both).hexdigest()


@pytest.mark.parametrize("proved", [False, True])
def test_every_link_leads_to_something_in_the_site(proved: bool) -> None:
    known = pages(proved=proved)
    count = 0
    for name, page in known.items():
        assert len(page.ids) == len({*page.ids}), name
        for link in (*page.links, *page.loads):
            parts = urlsplit(link)
            if parts.scheme == "https" and link in page.links:
                continue
            assert not parts.scheme, f"{name}: {link}"
            assert not parts.netloc, f"{name}: {link}"
            target = name
            if parts.path:
                # Links name the file, since a file share would list the folder instead.
                assert not parts.path.endswith("/"), f"{name}: {link}"
                target = posixpath.normpath(posixpath.join(name, "..", unquote(parts.path)))
            assert target in site(), f"{name}: {link}"
            if parts.fragment:
                assert parts.fragment in known[target].ids, f"{name}: {link}"
            count += 1
    assert count > 100


def test_pages_may_load_what_is_theirs_alone() -> None:
    for name, page in pages().items():
        rules = dict(rule.strip().split(" ", 1) for rule in page.policy.split(";"))
        assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
        for kind, text in page.inline.items():
            assert digest(text) in rules[f"{kind}-src"].split() or not text
        allowed = {source for rule in rules.values() for source in rule.split()}
        plain = {source for source in allowed if not source.startswith("'sha256-")}
        if name.endswith("reference/index.html"):
            assert plain == {"'none'", "'self'", "data:"}
        else:
            assert plain == {"'none'"}
            assert page.loads == []


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.version)
def test_each_requirement_has_a_link_that_lasts(edition: Edition) -> None:
    for proved in (False, True):
        page = pages(proved=proved)[f"{edition.version}/requirements/index.html"]
        for requirement in edition.requirements:
            assert requirement.id in page.ids
            assert f"#{requirement.id}" in page.links
            assert " ".join(requirement.statement.split()) in page.text
            assert "".join(requirement.source.split()) in page.text.replace(" ", "")


def test_sources_are_links() -> None:
    for edition in EDITIONS:
        page = pages()[f"{edition.version}/requirements/index.html"]
        links = [link for link in page.links if link.startswith("https:")]
        assert {one["url"] for one in edition.sources.values()} <= {*links}
        assert ("sources" in page.ids) == bool(edition.sources)
        # Versions before 0.3 name pages without an address; the current version has the addresses.
        assert {CURRENT.sources[name]["url"] for name in NAMED_EARLY} <= {*links}


def test_each_copy_button_has_a_name_of_its_own() -> None:
    for name, page in pages().items():
        assert len(page.copied) == len({*page.copied}), name
    commands = [f"the command for {one.id}" for one in LATEST.requirements]
    assert {*commands} <= {*pages()[f"{LATEST.version}/requirements/index.html"].copied}


def test_readers_are_not_told_what_only_the_publisher_can_do() -> None:
    for proved in (False, True):
        for name, page in pages(proved=proved).items():
            for words in ("site was published", "--self-test", "--bundle"):
                assert words not in page.text, name


def test_the_fault_matrix_stands_at_the_version_it_is_of() -> None:
    known = pages(proved=True)
    for edition in EDITIONS:
        text = pages()[f"{edition.version}/requirements/index.html"].text
        assert "Fault matrix of" not in text
        page = known[f"{edition.version}/requirements/index.html"]
        if edition.sha256 == load().sha256:
            assert "Self-test: Passed" in page.text
            assert f"{len(FAULTS)} faults caught" in page.text
            assert all(page.words.count(fault.name) >= 2 for fault in FAULTS)
            assert {f"matrix-{family}" for family in edition.families} <= {*page.ids}
        else:
            assert "Fault matrix of" not in page.text


WRONG = matrix(
    faults=(
        tried_fault("a-missed", ["FILTER-02", "FILTER-03"], ["FILTER-03"]),
        tried_fault("a-wrong", ["FILTER-04"], ["HTTP-01", "FILTER-04"]),
    ),
    whole=False,
)


def test_a_self_test_that_failed_is_not_dressed_up() -> None:
    page = Read(made(WRONG)[f"{EDITIONS[-1].version}/requirements/index.html"])
    assert "Self-test: Failed" in page.text
    assert "Only a part of the catalogue was tested" in page.text
    assert "2 problems" in page.text
    assert "a-missed does not trip FILTER-02" in page.text
    assert "not tripped, although declared" in page.text


def test_the_first_page_tells_how_to_use_it() -> None:
    for name in ("index.html", f"{LATEST.version}/index.html"):
        text = pages()[name].text
        assert 'curl -H "X-Authorization: $CONDUCTOR_AUTH_TOKEN"' in text
        assert "activeOnly=false" in text
        assert "conductor-conformance run https://conductor.example.com" in text
        assert LATEST.sha256 in text
        assert '"modelsCount": 3' in text


def test_earlier_versions_say_which_is_the_latest() -> None:
    for edition in EDITIONS:
        earlier = edition is not LATEST
        for page in ("index.html", "reference/index.html", "requirements/index.html"):
            text = pages()[f"{edition.version}/{page}"].text
            assert ("This is an earlier version" in text) == (earlier and edition.released)


def test_markup_in_the_contract_stays_text(tmp_path: Path) -> None:
    spec = Path(shutil.copytree(default_path().parent, tmp_path / "spec"))
    (spec / "versions" / f"{LATEST.version}.yaml").unlink(missing_ok=True)
    text = (spec / "openapi.yaml").read_text("utf-8")
    bad = "<script>alert(1)</script></script><img src=x onerror=alert(2)>"
    text = text.replace("summary: List the", f"summary: '{bad}'\n  x-was: List the", 1)
    text = text.replace(
        "description: |\n    Integrations", f"description: |\n    {bad} Integrations"
    )
    (spec / "openapi.yaml").write_text(text, "utf-8")
    files = made(folder=spec)
    for name, content in files.items():
        if name.endswith((".html", ".js")) and not name.startswith("assets/"):
            assert b"<script>alert" not in content, name
            assert b"<img" not in content, name
    page = files[f"{editions.read(spec)[-1].version}/index.html"]
    assert page.count(b"&lt;script&gt;alert(1)") >= 2
