"""The suite reads its own files back, and says in one sentence what does not fit in others."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.canned.json_values import json_values
from support.repository import ROOT

from conformance.core import own_json
from conformance.core.own_json import FileKind, Misfit, check, spec_file
from conformance.errors import RecordingError, UsageError

SCHEMAS = sorted(path.name for path in (ROOT / "spec").glob("*.schema.json"))
BASELINE = FileKind("baseline", "baseline.schema.json", "write one", RecordingError)
GOOD = {"known": [{"id": "A-1", "reason": "r"}]}


def entry(**fields: Any) -> dict[str, Any]:
    return {"known": [{"id": "A-1", "reason": "r", **fields}]}


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "it is empty"),
        (b"\n ", "it is empty"),
        (b"\xff", "byte 0 is not UTF-8"),
        (b"\xef\xbb\xbf{}", "it begins with a byte order mark"),
        (b"{} {}", "something follows the JSON text at character 3"),
        (b'{"a": Infinity}', "it contains Infinity, which is not JSON"),
        (b'{"a": {"b": 1, "b": 2}}', "the field /a/b occurs twice"),
        (b"[" * 100_000, "the JSON is nested too deeply to be read"),
        (b"[]", "expected an object"),
        (b'{"known": [{"id": 1, "reason": ""}]}', "at /known/0/"),
    ],
)
def test_the_error_for_anything_else_is_one_sentence(raw: bytes, problem: str) -> None:
    with pytest.raises(RecordingError) as caught:
        BASELINE.check(BASELINE.decode(raw, "b\x1b.json"), "b\x1b.json")
    text = str(caught.value)
    assert text.startswith(f"the file b\\u001b.json is not a baseline: {problem}")
    assert text.endswith("; write one")


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"known": [{"id": "A-1"}]}, 'at /known/0, "reason" is missing (for example "Embeds'),
        (entry(expire=1), 'at /known/0, "expire" is unknown (did you mean expires?)'),
        (entry(expires=5), 'at /known/0/expires, expected a string (for example "2026-12-31")'),
        (entry(expires="soon"), 'at /known/0/expires, expected a date (for example "2026-12-31")'),
        (entry(expires="2026-02-30"), "at /known/0/expires, expected a date"),
        (entry(fingerprints=[1]), "at /known/0/fingerprints/0, expected a string (for"),
        (entry(id=1e999), "at /known/0/id, expected a string"),
        (entry(id="\ud800", reason=1), "at /known/0/reason, expected a string"),
    ],
)
def test_the_place_and_what_is_expected_there(document: Any, problem: str) -> None:
    with pytest.raises(Misfit) as caught:
        check(document, "baseline.schema.json")
    assert str(caught.value).startswith(problem)


def test_lone_surrogates_and_deep_nesting_fit() -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    check(entry(reason="\ud800"), "baseline.schema.json")
    with pytest.raises(Misfit, match='"deep" is unknown'):
        check(entry(deep=deep), "baseline.schema.json")


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        *((minor, '"tool" is missing') for minor in ("1.0", "1.12")),
        *(
            (other, f'its schemaVersion is "{other}", but this version reads 1.0')
            for other in ("2.0", "1.x", "")
        ),
    ],
)
def test_later_minor_versions_fit(version: str, problem: str) -> None:
    with pytest.raises(Misfit) as caught:
        check({"schemaVersion": version}, "self-test.schema.json")
    assert str(caught.value) == problem


def test_no_more_is_read_than_may_be(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps(GOOD))
    assert BASELINE.read(tmp_path / "b.json") == GOOD
    small = replace(BASELINE, largest=1 << 20)
    assert len(small.load(Path("/dev/zero"))) == small.largest + 1
    with pytest.raises(RecordingError, match="it is larger than 1 MiB; write one"):
        small.read(Path("/dev/zero"))
    with pytest.raises(RecordingError, match=r"there is no baseline .*; write one"):
        small.read(tmp_path / "none")
    with pytest.raises(RecordingError, match=r"cannot read the baseline .*directory; write one"):
        small.read(tmp_path)
    with pytest.raises(UsageError, match=r"cannot read the baseline a\\u0000b: .*; write one"):
        small.read(Path("a\0b"))


def test_no_more_is_validated_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_json, "MOST_VALUES", 10)
    assert BASELINE.decode(b'[[1, 2, 3], {"a": [4, 5, 6, 7]}]', "b.json")
    with pytest.raises(RecordingError, match="it contains more than 10 values; write one"):
        BASELINE.decode(b'[[1, 2, 3], {"a": [4, 5, 6, 7, 8]}]', "b.json")
    assert BASELINE.decode(b"1", "b.json") == 1
    # What looks like values within a string does not count.
    assert BASELINE.decode(b'["[,,,,,,,,,,,,,\\",,"]', "b.json")


JSON = json_values()


@given(st.sampled_from(SCHEMAS), JSON, st.data())
def test_anything_fits_or_is_one_clause(schema: str, value: Any, data: st.DataObject) -> None:
    rules = json.loads(spec_file(schema).read_bytes())
    fields = data.draw(
        st.dictionaries(st.sampled_from(sorted(rules.get("properties", {"error": {}}))), JSON)
    )
    for document in (value, fields):
        problem = ""
        try:
            check(document, schema)
        except Misfit as misfit:
            problem = str(misfit)
        assert problem.isprintable()
        assert len(problem) < 1000


def test_each_schema_is_packaged() -> None:
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    for schema in SCHEMAS:
        assert f'"spec/{schema}" = "conformance/spec/{schema}"' in settings


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["run", "--help"]])
def test_the_validator_is_imported_only_where_it_is_needed(words: list[str]) -> None:
    program = (
        "import sys, contextlib\n"
        "from conformance.__main__ import main\n"
        f"sys.argv[1:] = {words!r}\n"
        "with contextlib.suppress(SystemExit):\n    main()\n"
        "assert 'jsonschema_rs' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=60)
