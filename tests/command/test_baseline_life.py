"""A baseline's whole life: written, matched, a new failure, stale, expired, and mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from support.processes.command import Result, failed, read_report, run
from support.servers.plain import answering, closed_port

from conformance.reference import EmbeddedServer, Provider, ProviderQuery, ReferenceServer

ONLY = ("--only", "MODEL-01,HTTP-01")
REASON = "Embeds models until 4.2, see PLAT-123"


class Mendable(ReferenceServer):
    """Embeds models, in a form that can be changed while it runs."""

    embeds: type | None = list

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        if self.embeds is None:
            return super().represent(provider, query)
        whole = self.with_models(provider, query)
        models = whole.get("apis")
        if self.embeds is dict and isinstance(models, list):
            whole["apis"] = {str(place): model for place, model in enumerate(models)}
        return whole


class Life:
    """One server, one folder, and the file in it."""

    def __init__(self, folder: Path, embedded: EmbeddedServer, server: Mendable) -> None:
        self.folder = folder
        self.file = folder / "known.toml"
        self.server = server
        self._url = embedded.url
        self.token = server.issue_token()

    def run(self, *words: str, url: str = "", only: tuple[str, ...] = ONLY) -> Result:
        words = ("--profile", "quick", *only, *words)
        env = {"CONDUCTOR_AUTH_TOKEN": self.token}
        reports = ("--json", "r.json", "--junit", "r.xml")
        return run("run", url or self._url, *words, *reports, cwd=self.folder, env=env)

    def held(self, *words: str, **arguments: Any) -> Result:
        return self.run("--baseline", "known.toml", *words, **arguments)

    def report(self) -> dict[str, Any]:
        return read_report(self.folder / "r.json")

    def judged(self, name: str = "MODEL-01") -> dict[str, Any]:
        found: dict[str, Any] = next(
            one for one in self.report()["requirements"] if one["id"] == name
        )
        return found

    def problems(self) -> list[tuple[str, str]]:
        return [(one["kind"], one["requirement"]) for one in self.report()["baseline"]["problems"]]

    def junit(self, suite: str, kind: str) -> list[str]:
        tree = ET.fromstring((self.folder / "r.xml").read_bytes())  # noqa: S314 - made by this test
        return [
            str(found.get("message"))
            for element in tree.iter("testsuite")
            if element.get("name") == suite
            for found in element.iter(kind)
        ]

    def edit(self, old: str, new: str) -> None:
        text = self.file.read_text("utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    server = Mendable()
    with EmbeddedServer(server) as embedded:
        yield Life(tmp_path, embedded, server)


@pytest.mark.slow
def test_the_whole_life(life: Life) -> None:
    # Before: a broken server fails the gate, and there is no baseline yet.
    missing = life.held()
    assert missing.code == 2
    assert "There is no baseline known.toml; --update-baseline writes one" in missing.complaint()
    assert life.run().code == 1
    assert "baseline" not in life.report()

    # Added.
    added = life.held("--update-baseline")
    assert added.code == 0
    assert "The baseline known.toml was written: added MODEL-01." in added.words
    assert "TODO" in life.file.read_text("utf-8")
    life.edit('reason = "TODO', f'# ask the integrations team\nreason = "{REASON}" # TODO')
    life.edit("fingerprints", "expires = 2999-12-31\nfingerprints")

    # Matched: yellow, and it does not count.
    matched = life.held()
    assert matched.code == 0
    assert f"MODEL-01 known to fail until 2999-12-31: {REASON}" in matched.words
    assert "Nothing is broken except known failures: MODEL-01." in matched.words
    judged = life.judged()
    assert judged["outcome"] == "failed"
    assert judged["known"] == {"reason": REASON, "expires": "2999-12-31"}
    assert life.report()["baseline"] == {"file": "known.toml", "problems": []}
    assert life.junit("MODEL", "skipped") == [f"known to fail until 2999-12-31: {REASON}"]
    assert not life.junit("MODEL", "failure") + life.junit("BASELINE", "failure")

    # A new failure of the same requirement.
    life.server.embeds = dict
    new = life.held()
    assert new.code == 1
    assert "1 requirement is broken: MODEL-01. MODEL-01 fails in a way that the" in new.words
    assert life.problems() == [("new", "MODEL-01")]
    assert "known" not in life.judged()
    assert "object at /*/apis" in life.report()["reason"]
    assert "fails in a way" in life.junit("BASELINE", "failure")[0]

    # Refreshed: the reason, the date and the comments are still there.
    refreshed = life.held("--update-baseline")
    assert refreshed.code == 0
    assert "refreshed MODEL-01" in refreshed.words
    text = life.file.read_text("utf-8")
    for kept in (REASON, "expires = 2999-12-31", "# ask the integrations team"):
        assert kept in text
    assert life.held().code == 0
    before = life.file.stat().st_mtime_ns
    assert "is up to date" in life.held("--update-baseline").words
    assert life.file.stat().st_mtime_ns == before

    # Expired. Whoever updates it keeps the date, which only a person can move.
    life.edit("2999-12-31", "2020-12-31")
    over = life.held("--update-baseline")
    assert over.code == 1
    assert life.problems() == [("expired", "MODEL-01")]
    assert "was accepted as a known failure until" in over.words
    assert "known" not in life.judged()
    life.edit("2020-12-31", "2999-12-31")

    # Stale.
    life.server.embeds = None
    stale = life.held()
    assert stale.code == 1
    assert "BASELINE DOES NOT FIT" in stale.words
    assert "MODEL-01 passes now: remove its entry from the baseline" in stale.words
    assert life.problems() == [("stale", "MODEL-01")]
    assert not failed(life.report())
    assert "passes now" in life.junit("BASELINE", "failure")[0]

    # Not judged is not stale.
    elsewhere = life.held(only=("--only", "HTTP-01"))
    assert elsewhere.code == 0
    assert "did not decide 1 known failure of the baseline: MODEL-01" in elsewhere.words

    # Removed.
    removed = life.held("--update-baseline")
    assert removed.code == 0
    assert "removed MODEL-01" in removed.words
    assert life.held().code == 0
    assert "[[known]]" not in life.file.read_text("utf-8")


def test_a_target_that_cannot_be_tested_says_nothing_of_a_baseline(life: Life) -> None:
    assert life.held("--update-baseline").code == 0
    text = life.file.read_text("utf-8")
    closed = f"http://127.0.0.1:{closed_port()}"
    for words in ((), ("--update-baseline",)):
        result = life.held(*words, url=closed)
        assert result.code == 3
        assert life.problems() == [] if not words else "was not written" in result.words
        assert life.file.read_text("utf-8") == text
    # Nor does a server without the endpoint: it has to be put right first.
    with answering(lambda *_: (404, {}, b"")) as (url, _):
        assert life.held("--update-baseline", url=url).code == 1
    assert life.file.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("text", "words", "sentence"),
    [
        ("nonsense", (), "The baseline known.toml is not TOML: Expected '='"),
        ("[[known]]\nid = 'MODEL-01'", (), "entry 'MODEL-01': \"reason\" is missing (for example "),
        ("known = [{id='A', reason='x'}]", ("--update-baseline",), "begins with a line [[known]]"),
        ("", ("--update-baseline", "--dry-run"), "exclude each other"),
        ("", ("--update-baseline", "--baseline", "."), "cannot read the baseline"),
        ("", ("--baseline", "-"), "needs the name of a file"),
    ],
)
def test_bad_files_are_known_before_the_run(
    tmp_path: Path, text: str, words: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "known.toml").write_text(text, "utf-8")
    with answering(lambda *_: (200, {}, b"[]")) as (url, journal):
        result = run("run", url, "--baseline", "known.toml", *words, cwd=tmp_path)
    assert result.code == 2, result.out
    assert sentence.lower() in result.complaint().lower()
    assert not journal.requests
    assert (tmp_path / "known.toml").read_text("utf-8") == text


def test_no_credential_and_no_name_of_a_provider_gets_into_a_baseline(life: Life) -> None:
    result = life.held("--update-baseline", only=())
    assert result.code == 0
    text = life.file.read_text("utf-8")
    assert "MODEL-01" in text
    for provider in life.server.providers:
        assert provider.name not in text
    assert life.token not in text
