"""The command `spec-diff`: what each edit of the contract means, and what the command says."""

from __future__ import annotations

import json
import random
import re
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spec_changes import CannotCompare, Change, changes, merged
from spec_diff import main
from support.canned.contracts import (
    ENDPOINT,
    GET,
    GONE,
    PROVIDER,
    changed,
    contract,
    parts,
    places,
    short,
)
from support.canned.contracts import written as as_bytes

from conformance.contract.loader import default_path
from conformance.core.yaml_document import read_yaml

OLD = contract()
OK = (*GET, "responses", "200")
CATEGORY = ("components", "parameters", "Category")
ACTIVE = ("components", "parameters", "ActiveOnly")
SCHEMAS = ("components", "schemas")
MODEL = ("modelDetails", "fields", 1)
ENUM = (*CATEGORY, "schema", "anyOf", 0, "enum")
HEADERS = (*OK, "headers")
FIELDS = (*PROVIDER, "properties")
NAME = (*FIELDS, "name")
REQUIREMENTS = OLD["requirements"]
MUST = ("requirements", 0)
SHOULD = ("requirements", 12)
NEW = {"id": "SHAPE-11", "statement": "It is so.", "source": "composition: x", "evidence": {}}
OWNER = {"name": "owner", "in": "query", "required": True, "schema": {"type": "string"}}
PARAMETERS = OLD["paths"][ENDPOINT]["get"]["parameters"]
DIALECT = "https://spec.openapis.org/oas/3.1/dialect/base"

EDITS: list[tuple[tuple[Any, ...], Any, str, str]] = [
    # A place, its new value, and whom the edit breaks or else the bump: there, and back.
    (("paths", ENDPOINT), GONE, "clients", "minor"),
    (GET, GONE, "clients", "minor"),
    ((*GET, "parameters", 0), GONE, "clients", "minor"),
    ((*GET, "parameters"), [*PARAMETERS, OWNER], "clients", "clients"),
    ((*CATEGORY, "required"), True, "clients", "minor"),
    ((*CATEGORY, "in"), "header", "clients", "clients"),
    ((*ENUM, 0), GONE, "clients", "minor"),
    (ENUM, GONE, "minor", "clients"),
    ((*CATEGORY, "schema", "anyOf", 1), GONE, "clients", "minor"),
    ((*CATEGORY, "schema", "anyOf"), GONE, "minor", "clients"),
    ((*ACTIVE, "schema", "default"), False, "both", "both"),
    ((*ACTIVE, "x-filter", "operator"), "equals", "both", "both"),
    (("security",), [], "both", "clients"),
    (("security",), [{"accessToken": []}, {}], "servers", "clients"),
    (("security",), [{"accessToken": []}, {"other": []}], "minor", "clients"),
    (("components", "securitySchemes", "accessToken", "name"), "X-Token", "both", "both"),
    (("servers",), [*OLD["servers"], {"url": "https://a.example"}], "minor", "clients"),
    (("servers", 0, "variables", "host", "default"), "a.example", "clients", "clients"),
    ((*GET, "operationId"), "list", "minor", "minor"),
    # Responses.
    ((*PROVIDER, "required", 0), GONE, "clients", "servers"),
    ((*FIELDS, "ownerApp"), GONE, "clients", "minor"),
    ((*PROVIDER, "additionalProperties"), False, "servers", "clients"),
    ((*NAME, "type"), ["string", "null"], "clients", "servers"),
    ((*NAME, "type"), "integer", "both", "both"),
    ((*FIELDS, "modelsCount", "minimum"), 1, "servers", "clients"),
    ((*NAME, "deprecated"), True, "minor", "patch"),
    ((*FIELDS, "tags", "maxItems"), 1, "servers", "clients"),
    ((*GET, "responses", "default"), GONE, "servers", "minor"),
    ((*HEADERS, "Cache-Control"), GONE, "clients", "minor"),
    ((*HEADERS, "X-New"), {"required": True, "schema": {}}, "servers", "clients"),
    (("components", "headers", "CacheControl", "required"), True, "servers", "clients"),
    (("components", "headers", "CacheControl", "schema", "maxLength"), 9, "servers", "clients"),
    ((*GET, "responses", "403"), GONE, "servers", "minor"),
    (OK, GONE, "both", "clients"),
    ((*OK, "content", "text/csv"), {}, "clients", "both"),
    (MODEL, GONE, "clients", "servers"),
    # Requirements, and what belongs to them.
    (("requirements",), [*REQUIREMENTS, NEW | {"level": "MUST"}], "servers", "clients"),
    (("requirements",), [*REQUIREMENTS, NEW | {"level": "SHOULD"}], "minor", "minor"),
    ((*SHOULD, "level"), "MUST", "servers", "clients"),
    ((*MUST, "statement"), "It is so.", "both", "both"),
    ((*SHOULD, "statement"), "It is so.", "minor", "minor"),
    ((*MUST, "evidence"), {}, "minor", "minor"),
    (("related", "models"), GONE, "minor", "minor"),
    (("x-fixtures",), GONE, "minor", "minor"),
    (("x-fixtures", "providers", 0, "type"), "perplexity", "minor", "minor"),
    (("related", "models", "path"), "/api/m", "servers", "servers"),
    (("openapi",), "3.2.0", "clients", "clients"),
    (("jsonSchemaDialect",), "urn:other", "both", "both"),
    # Words, and what absence means anyway.
    ((*CATEGORY, "description"), "Which.", "patch", "patch"),
    ((*CATEGORY, "required"), GONE, "patch", "patch"),
    ((*OK, "content", "application/json", "example"), [{"tags": [{}]}], "patch", "patch"),
    ((*PROVIDER, "additionalProperties"), GONE, "patch", "patch"),
    ((*SCHEMAS, "Other"), {"type": "object"}, "patch", "patch"),
    (("families", "HTTP"), "Statuses", "patch", "patch"),
    (("evidence", "tags", "short", 0), "label", "patch", "patch"),
    (("sources", "object mapper"), GONE, "patch", "patch"),
    (("components", "examples", "forbidden", "value"), {}, "patch", "patch"),
    (("components", "headers", "CacheControl", "description"), "When.", "patch", "patch"),
    (("openapi",), "3.1.1", "patch", "patch"),
    (("jsonSchemaDialect",), DIALECT, "patch", "patch"),
    ((*MUST, "source"), "composition: x", "patch", "patch"),
    ((*MUST, "statement"), REQUIREMENTS[0]["statement"] + "\n", "patch", "patch"),
    # Constructs that the command does not know.
    *(
        ((*place, "x-odd"), {"description": "A"}, "both", "both")
        for place in ((), ("info",), GET, OK, CATEGORY, NAME, MUST, ("servers", 0), HEADERS[:-1])
    ),
    ((*NAME, "not"), {"minLength": 1}, "both", "both"),
    ((*GET, "requestBody"), {"content": {}}, "both", "both"),
    ((*FIELDS, "tags", "items"), {"$ref": "#/components/schemas/Tag", "x": 1}, "both", "both"),
]


def told(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Return the changes between two contracts of two files."""
    return changes(merged(*parts(old)), merged(*parts(new)))


def meaning(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Return whom the changes break, or else the gravest bump."""
    effects = [change.effect for change in told(old, new)]
    broken = {side for effect in effects for side in effect.breaks}
    return "both" if len(broken) == 2 else broken.pop() if broken else effects[0].bump


@pytest.mark.parametrize(("path", "value", "there", "back"), EDITS)
def test_an_edit_has_its_class(path: tuple[Any, ...], value: Any, there: str, back: str) -> None:
    new = changed(path, value)
    assert (meaning(OLD, new), meaning(new, OLD)) == (there, back)


def test_a_change_within_an_unknown_construct_breaks_both() -> None:
    old = changed(NAME, {"allOf": [{"$ref": "#/components/schemas/Error"}]})
    new = changed((*SCHEMAS, "Error", "maxProperties"), 9, lambda: deepcopy(old))
    assert [change.rule for change in told(old, new)].count("unknown-keyword") == 2
    closed = changed((*PROVIDER, "additionalProperties"), False)
    assert meaning(closed, changed((*FIELDS, "owner"), {}, lambda: deepcopy(closed))) == "both"


PARTS = 10
"""Parts of the contract's nodes, so that one can be tried alone."""


@settings(max_examples=12)
@given(
    st.sampled_from([path for path in places(OLD) if path[0] not in ("info", "version")]),
    st.randoms(),
)
def test_no_edit_goes_unnoticed(path: tuple[Any, ...], chance: random.Random) -> None:
    new = changed(path, chance.choice((GONE, "x", 7, ["x"], {"x-added": 1})))
    with suppress(CannotCompare):
        assert new == OLD or (told(OLD, new) and told(new, OLD))


def test_order_and_references_mean_nothing() -> None:
    new = contract()
    schemas = new["components"]["schemas"]
    schemas["Label"] = schemas.pop("Tag")
    schemas["Provider"]["properties"]["tags"]["items"] = {"$ref": "#/components/schemas/Label"}
    new["paths"][ENDPOINT]["get"]["parameters"] = [*new["components"]["parameters"].values()][::-1]
    for some in (schemas["Provider"]["required"], new["requirements"]):
        some.reverse()
    new["modelDetails"]["fields"].reverse()
    new["components"]["parameters"]["Category"]["schema"]["anyOf"].reverse()
    assert told(OLD, new) == told(new, OLD) == []


@pytest.mark.catalogue
@pytest.mark.parametrize("first", range(PARTS))
def test_every_part_of_the_contract_is_known(first: int) -> None:
    whole = short()
    for path in list(places(whole))[first::PARTS]:
        with suppress(CannotCompare):
            found = told(changed(path, GONE, short), whole)
            assert "unknown-keyword" not in {change.rule for change in found}, path


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0", "0.2.1"])
def test_the_form_means_nothing(version: str) -> None:
    """The same contract in one file and in two: the default and the models are elsewhere."""
    old = read_yaml((default_path().parent / "versions" / f"{version}.yaml").read_bytes())
    new = deepcopy(old)
    rules = {key.removeprefix("x-"): new.pop(key) for key in old if key.startswith("x-")}
    for parameter in new["components"]["parameters"].values():
        del parameter["x-filter"]["default"]
    details = list(new["components"]["schemas"]["ModelDetails"]["properties"])
    rules["modelDetails"] = {"fields": details}
    assert changes(old, merged(new, rules)) == []
    rules["evidence"]["tags"] = {"short": ["tag", "tags"]}
    (change,) = changes(old, merged(new, rules))
    assert change.effect.bump == "patch"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout with the released versions 1.2.3 and 0.9.0, and a contract like the first."""
    written(tmp_path / "spec" / "versions" / "1.2.3.yaml", "1.2.3", OLD)
    written(tmp_path / "spec" / "versions" / "0.9.0.yaml", "0.9.0", OLD)
    written(tmp_path / "spec" / "openapi.yaml", "1.2.3", OLD)
    return tmp_path


def written(path: Path, version: str, contract: dict[str, Any]) -> None:
    """Write a contract as of a version to its two files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ours = contract | {"info": OLD["info"] | {"version": version}, "version": version}
    beside = "requirements.yaml" if path.stem == "openapi" else f"{path.stem}.requirements.yaml"
    for file, content in zip((path, path.with_name(beside)), as_bytes(ours), strict=True):
        file.write_bytes(content)


WORDS = changed((*CATEGORY, "description"), "Which.")
SUPPORTED = changed(ENUM, GONE)
STATED = changed((*MUST, "statement"), "It is so.")
NARROWER = changed((*NAME, "maxLength"), 9)


@pytest.mark.parametrize(
    "case",
    [
        ([], "1.2.3", OLD, 0, "UNCHANGED  "),
        ([], "1.2.2", OLD, 1, "TOO LOW  nothing changed"),
        ([], "1.2.3", WORDS, 1, "TOO LOW  1 change, patch, requires version 1.2.4"),
        ([], "1.2.4", SUPPORTED, 1, "TOO LOW  1 change, minor, requires version 1.3.0"),
        ([], "1.3.0", NARROWER, 1, "TOO LOW  1 change, major, requires version 2.0.0"),
        ([], "2.0.0", NARROWER, 0, "HIGH ENOUGH  "),
        (["0.9.0"], "0.9.1", SUPPORTED, 1, "TOO LOW  1 change, minor, requires version 0.10.0"),
        (["0.9.0"], "0.10.0", NARROWER, 0, "HIGH ENOUGH  1 change, major (below 1.0.0 a raised"),
        (["--same-meaning", "HTTP-01"], "1.2.4", STATED, 0, "HIGH ENOUGH  1 change, patch"),
    ],
)
def test_the_version_has_to_say_what_changed(
    checkout: Path, capsys: pytest.CaptureFixture[str], case: tuple[Any, ...]
) -> None:
    words, version, contract, code, verdict = case
    written(checkout / "spec" / "openapi.yaml", version, contract)
    assert main(words, checkout) == code
    assert f"\n{verdict}" in capsys.readouterr().out


def test_released_versions(capsys: pytest.CaptureFixture[str]) -> None:
    for words, code, verdict in (
        ("", 0, "(UNCHANGED|HIGH ENOUGH)  "),
        ("0.1.0 spec/versions/0.2.0.yaml", 0, "HIGH ENOUGH  21 changes, up to major "),
        ("0.2.0 spec/versions/0.2.1.yaml", 0, "HIGH ENOUGH  7 changes, up to patch, "),
        ("0.2.1", 0, "HIGH ENOUGH  .* require version 0.3.0 or"),
        ("0.2.1 spec/versions/0.2.0.yaml", 1, "TOO LOW  7 changes, up to patch, "),
    ):
        assert main(words.split()) == code
        assert re.search(f"^{verdict}", capsys.readouterr().out, re.MULTILINE)


def test_the_table_and_json(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(checkout / "spec" / "openapi.yaml", "1.3.0", NARROWER)
    assert main([], checkout) == 1
    head, _, names, row, *_ = capsys.readouterr().out.splitlines()
    assert head == "1.2.3 (spec/versions/1.2.3.yaml) → 1.3.0 (spec/openapi.yaml)"
    assert names.split() == ["what", "where", "breaks", "bump"]
    cells = ["maxLength-added: 9", "schema Provider, field name", "servers", "major"]
    assert re.split(" {2,}", row.strip()) == cells
    assert main(["--json"], checkout) == 1
    told = json.loads(capsys.readouterr().out)
    keys = ("rule", "place", "what", "breaks", "bump")
    change = ("maxLength-added", "schema Provider, field name", "9", ["servers"], "major")
    assert told.pop("changes") == [dict(zip(keys, change, strict=True))]
    assert told.pop("old") == {"name": "spec/versions/1.2.3.yaml", "version": "1.2.3"}
    assert told.pop("new") == {"name": "spec/openapi.yaml", "version": "1.3.0"}
    assert told == {"demanded": "2.0.0", "enough": False}


@pytest.mark.parametrize(
    ("words", "draft", "said"),
    [
        ([], "a: [", "spec/openapi.yaml is not YAML: line 2, column 1"),
        ([], "[]", "spec/openapi.yaml is not valid OpenAPI"),
        ([], changed(("info", "version"), "1.2"), "cannot be compared: the version"),
        ([], changed((*MUST, "level"), "MIGHT"), "cannot be compared: the level"),
        (
            [],
            changed(("version",), "0.2.9"),
            "requirements.yaml beside it is missing or not of 0.3.0",
        ),
        ([], changed(("modelDetails",), {}), "it does not have the structure of the contract"),
        (["nowhere.yaml"], "", "there is no file 'nowhere.yaml'"),
        (["1.0.0"], "", "1.0.0 is not released; released are 0.9.0, 1.2.3"),
        (["1.2.3", "nowhere.yaml"], "", "nowhere.yaml cannot be read"),
        (["--same-meaning", "HTTP-01"], OLD, "HTTP-01: its statement did not change"),
    ],
)
def test_what_cannot_be_compared(
    checkout: Path, capsys: pytest.CaptureFixture[str], words: list[str], draft: Any, said: str
) -> None:
    text, rules = (draft.encode(), b"") if isinstance(draft, str) else as_bytes(draft)
    (checkout / "spec" / "openapi.yaml").write_bytes(text)
    (checkout / "spec" / "requirements.yaml").write_bytes(rules)
    assert main(words, checkout) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert said in shown.err
