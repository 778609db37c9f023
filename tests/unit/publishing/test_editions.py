"""Test the published versions of the contract and their formats."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from jsonschema_rs import Draft202012Validator, meta

from conformance.contract.loader import default_path
from conformance.errors import ContractError
from conformance.publishing import downloads, editions, json_schemas, swagger_ui
from conformance.publishing.editions import Edition

EDITIONS = editions.read()
SPEC = default_path().parent


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """Return a copy of the contract's folder that a test may change."""
    return Path(shutil.copytree(SPEC, tmp_path / "spec"))


def drafted(spec: Path, version: str) -> None:
    """Change the version of the contract."""
    current = EDITIONS[-1].version
    for name in EDITIONS[-1].files:
        text = (spec / name).read_text("utf-8")
        text = text.replace(f"version: {current}\n", f"version: {version}\n", 1)
        (spec / name).write_text(text, "utf-8")


def test_all_versions_are_read_in_order() -> None:
    versions = [edition.version for edition in EDITIONS]
    assert versions[:2] == ["0.1.0", "0.2.0"]
    assert versions == sorted(versions, key=editions.order)
    assert [len(edition.requirements) for edition in EDITIONS[:2]] == [39, 48]
    assert all(edition.changes for edition in EDITIONS)


def test_a_version_that_is_not_released_is_a_draft(spec: Path) -> None:
    drafted(spec, "0.10.0")
    read = editions.read(spec)
    assert [(one.version, one.released) for one in read[-1:]] == [("0.10.0", False)]
    assert editions.latest(read).released
    assert editions.latest(read) == read[-2]


def released(spec: Path) -> None:
    """Release the contract."""
    version = EDITIONS[-1].version
    for name, copied in zip(EDITIONS[-1].files, ("yaml", "requirements.yaml"), strict=True):
        shutil.copy(spec / name, spec / "versions" / f"{version}.{copied}")


@pytest.mark.parametrize("name", EDITIONS[-1].files)
def test_a_released_version_has_one_text(spec: Path, name: str) -> None:
    released(spec)
    last = editions.read(spec)[-1]
    assert last.released
    assert (last.raw, last.rules) == (EDITIONS[-1].raw, EDITIONS[-1].rules)
    with (spec / name).open("a") as stream:
        stream.write("# more\n")
    with pytest.raises(ContractError, match="raise the version in openapi"):
        editions.read(spec)


def test_a_version_of_two_files_has_both(spec: Path) -> None:
    version = EDITIONS[-1].version
    rules = spec / "requirements.yaml"
    rules.write_text(f"version: 9.9.9\n{rules.read_text('utf-8').partition(version)[2]}", "utf-8")
    with pytest.raises(ContractError, match=r"its requirements are of version 9\.9\.9"):
        editions.read(spec)
    rules.unlink()
    with pytest.raises(ContractError, match=r"requirements\.yaml"):
        editions.read(spec)


@pytest.mark.parametrize("version", ["1.2", "1.2.3.4", "01.2.3", "1.2.3-rc.1"])
def test_what_is_no_version_is_refused(spec: Path, version: str) -> None:
    drafted(spec, f"'{version}'")
    with pytest.raises(ContractError, match="three numbers"):
        editions.read(spec)


def test_a_file_with_the_name_of_another_version_is_refused(spec: Path) -> None:
    (spec / "versions" / "0.1.0.yaml").rename(spec / "versions" / "0.1.1.yaml")
    with pytest.raises(ContractError, match=r"versions/0\.1\.1\.yaml has version 0\.1\.0"):
        editions.read(spec)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "not usable"),
        ("", "not usable"),
        ("- 1", "not usable"),
        ("info: {}", "info.version is missing"),
    ],
)
def test_what_is_no_contract_is_refused(spec: Path, text: str, said: str) -> None:
    (spec / "openapi.yaml").write_text(text)
    with pytest.raises(ContractError, match=said):
        editions.read(spec)


def test_an_installation_that_is_not_whole_says_so(spec: Path) -> None:
    (spec / "CHANGELOG.md").unlink()
    with pytest.raises(ContractError, match="install again"):
        editions.read(spec)


def test_changelogs_are_divided_by_version() -> None:
    text = "# Changes\n\nWords.\n\n## 1.10.0 (unreleased)\n\n- New.\n\n## 1.9.0\n\n- Old.\n"
    assert editions.changelog(text) == {"1.10.0": "- New.", "1.9.0": "- Old."}


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.version)
class TestOfEachVersion:
    def test_every_form_says_the_same(self, edition: Edition) -> None:
        files = {one.name: one.content for one in downloads.of(edition)}
        assert (files["openapi.yaml"], files.get("requirements.yaml", b"")) == (
            edition.raw,
            edition.rules,
        )
        assert json.loads(files["openapi.json"]) == edition.document
        old = yaml.safe_load(files["openapi-3.0.yaml"])
        assert json.loads(files["openapi-3.0.json"]) == old

    def test_the_schemas_stand_alone(self, edition: Edition) -> None:
        schema = json_schemas.schema_of(edition.document, "ProviderList")
        assert meta.is_valid(schema)
        assert {*schema["$defs"]} == {"Provider", "Tag"} | {*schema["$defs"]} & {"ModelDetails"}
        assert "#/components" not in json.dumps(schema)
        content = edition.operation["responses"]["200"]["content"]["application/json"]
        validator = Draft202012Validator(schema)
        for one in content["examples"].values():
            reference = one.get("$ref")
            example = editions.referenced(edition.document, reference) if reference else one
            assert validator.is_valid(example["value"])
        assert not validator.is_valid([{}])
        assert not validator.is_valid([{**example["value"][0], "tags": [{"key": 1}]}])

    def test_the_reference_gets_all_of_it_in_place(self, edition: Edition) -> None:
        script = swagger_ui.script(edition.document).decode()
        assert script.startswith("window.CONTRACT = ")
        assert "<" not in script
        shown = json.loads(script.removeprefix("window.CONTRACT = ").rstrip(";\n"))
        assert "$ref" not in script
        assert "x-requirements" not in shown
        listed = shown["paths"][edition.path]["get"]["responses"]["200"]["content"]
        provider = listed["application/json"]["schema"]["items"]
        assert {"name", "modelsCount", "tags"} <= {*provider["properties"]}
        assert {*shown["components"]["schemas"]} == {*edition.document["components"]["schemas"]}


def test_a_schema_that_contains_itself_comes_to_an_end() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    document = {"info": {"title": "a", "version": "1"}, "components": {"schemas": {"Node": node}}}
    shown = swagger_ui.shown(document)["components"]["schemas"]["Node"]
    assert shown["properties"]["next"]["description"] == "See Node."
    schema = json_schemas.schema_of(document, "Node")
    assert schema["properties"]["next"] == {"$ref": "#/$defs/Node"}


def test_yaml_repeats_what_stands_twice() -> None:
    twice = {"key": "a"}
    text = downloads.as_yaml({"one": twice, "two": twice, "text": "a\nb\n"}).decode()
    assert text == "one:\n  key: a\ntwo:\n  key: a\ntext: |\n  a\n  b\n"
