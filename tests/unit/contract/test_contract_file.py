"""An unusable contract file is rejected with one sentence that names the place."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.canned.contracts import (
    ENDPOINT,
    GET,
    GONE,
    Path,
    changed,
    complaint,
    contract,
    places,
    short,
    written,
)
from support.canned.exchanges import evidence

from conformance.checks.detectors.model_details import Vocabulary
from conformance.checks.judging import judge
from conformance.contract.loader import REQUIREMENTS, default_path, load, parse
from conformance.contract.model import Filter, Measure, Operator
from conformance.core.yaml_document import read_yaml
from conformance.errors import ContractError
from conformance.runner.cluster import Words
from conformance.runner.unusual_queries import near_miss_categories

SHIPPED = [path.read_bytes() for path in (default_path(), default_path().with_name(REQUIREMENTS))]
ONE_FILE = ("0.1.0", "0.2.0", "0.2.1")


def test_the_shipped_contract_is_read() -> None:
    law = load()
    assert law is load()
    assert law.path == ENDPOINT
    assert law.token_header == "X-Authorization"
    assert law.sha256 == hashlib.sha256(b"".join(SHIPPED)).hexdigest()
    assert law.related == {
        "token": "/api/token",
        "allIntegrations": "/api/integrations/",
        "allNames": "/api/integrations/all",
        "provider": "/api/integrations/provider/{name}",
        "models": "/api/integrations/provider/{name}/integration",
    }
    supported = (
        "AI_MODEL",
        "VECTOR_DB",
        "MESSAGE_BROKER",
        "CLOUD",
        "RELATIONAL_DB",
        "GIT",
        "EMAIL",
    )
    assert law.filters == (
        Filter("category", "category", Operator.EQUALS, None, supported),
        Filter("activeOnly", "enabled", Operator.ONLY_WHEN_TRUE, True, ("true", "false")),
    )


@pytest.mark.parametrize("version", ONE_FILE)
def test_a_contract_of_one_file_is_read(version: str, tmp_path: FilePath) -> None:
    raw = (default_path().parent / "versions" / f"{version}.yaml").read_bytes()
    as_json = tmp_path / "law.json"
    as_json.write_text(json.dumps(read_yaml(raw)), "utf-8")
    law = parse(raw)
    assert (law.version, law.sha256) == (version, hashlib.sha256(raw).hexdigest())
    assert replace(load(as_json), sha256=law.sha256) == law
    assert law.filters == load().filters
    assert law.related == {
        name: path for name, path in load().related.items() if name != "allNames"
    }
    assert law.model_fields == load().model_fields
    assert law.measures["tags"] == Measure(("tag", "tag"), ("tag", "tag"))


def test_another_endpoint_needs_only_yaml() -> None:
    whole = contract()
    whole["paths"] = {"/api/things": whole["paths"][ENDPOINT]}
    parameter = whole["components"]["parameters"]["Category"]
    parameter["name"] = "kind"
    parameter["x-filter"]["property"] = "type"
    law = parse(*written(whole))
    assert law.path == "/api/things"
    assert (law.filters[0].parameter, law.filters[0].property) == ("kind", "type")


FOURTH = "line 1, column 4 is not valid YAML: "
TOO_DEEP = "is not valid YAML: more than 100 levels of nesting"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "is not an OpenAPI document: it is empty"),
        (b"# only a comment\n", "is not an OpenAPI document: it is empty"),
        (b"[1, 2]", "is not an OpenAPI document: it is not a mapping"),
        (b"plain words", "is not an OpenAPI document: it is not a mapping"),
        (
            b"openapi: 3.1.0\ninfo: a: b",
            "line 2, column 8 is not valid YAML: mapping values are not allowed in this context",
        ),
        (
            b"info:\n  version: 1\n  title: x\n  version: 2\n",
            "line 4, column 3 is not valid YAML: the key 'version' is repeated",
        ),
        (b"? [a]\n: 1", "line 1, column 3 is not valid YAML: a key is not a string"),
        (b"a: *nowhere", f"{FOURTH}found undefined alias"),
        (b"a: !x y", f"{FOURTH}could not determine a constructor for the tag '!x'"),
        (b"a: 1\n---\nb: 2", "line 2, column 1 is not valid YAML: but found another document"),
        (b"a: 2026-13-01", "is not valid YAML: month must be in 1..12"),
        (b"a: !!bool x", "is not valid YAML: a value does not fit its tag"),
        (b"a: !!int ''", "is not valid YAML: a value does not fit its tag"),
        (
            b"title: caf\xe9 au lait",
            "is not valid YAML: unacceptable character #x0020: invalid trailing UTF-8 octet",
        ),
        (b"[" * 200_000, f"line 1, column 101 {TOO_DEEP}"),
        (b"a: {" * 300, f"line 1, column 400 {TOO_DEEP}"),
    ],
    ids=map(str, range(16)),
)
def test_bytes_that_are_not_a_contract(raw: bytes, message: str) -> None:
    assert complaint(raw) == message
    of_rules = message.replace("an OpenAPI document", "a list of requirements")
    assert complaint(SHIPPED[0], raw, file=REQUIREMENTS) == of_rules


@pytest.mark.parametrize(
    ("name", "reason"), [("", "Is a directory"), ("none.yaml", "No such file or directory")]
)
def test_a_file_that_cannot_be_read(tmp_path: FilePath, name: str, reason: str) -> None:
    path = tmp_path / name
    with pytest.raises(ContractError) as caught:
        load(path)
    assert str(caught.value) == (
        f"cannot read the contract {path}: {reason}; name a readable file, or omit --contract"
    )


def test_the_requirements_are_beside_the_openapi_document(tmp_path: FilePath) -> None:
    path = tmp_path / "law.yaml"
    path.write_bytes(SHIPPED[0])
    with pytest.raises(ContractError) as caught:
        load(path)
    assert str(caught.value) == (
        f"cannot read the contract {tmp_path / REQUIREMENTS}: No such file or directory; "
        "a contract consists of two files in one folder; copy this one from spec"
    )


def test_a_document_must_be_valid_openapi(tmp_path: FilePath) -> None:
    path = tmp_path / "law.yaml"
    for file, content in zip((path, path.with_name(REQUIREMENTS)), SHIPPED, strict=True):
        file.write_bytes(content)
    assert load(path) == load()
    path.write_bytes(written(changed((*GET, "responses", "400", "description"), 7))[0])
    with pytest.raises(ContractError) as caught:
        load(path)
    text = str(caught.value)
    assert text.startswith(f"the contract {path} is not a valid OpenAPI 3.1 document at paths/")
    assert text.isprintable()


PLACES = list(places(short()))
ANYTHING: tuple[Any, ...] = (
    *(GONE, None, True, -1, 1.5, "", "x", "#/components"),
    *([], [1], {}, {"a": 1}, {"$ref": "#"}),
)


@settings(max_examples=60)
@example(path=("components", "parameters", "Category", "schema", "anyOf"), value=None)
@given(path=st.sampled_from(PLACES), value=st.sampled_from(ANYTHING))
def test_no_change_of_one_node_raises_another_error(path: Path, value: Any) -> None:
    try:
        law = parse(*written(changed(path, value, short)))
    except ContractError:
        return
    # Use it like a run does, without requests to a target.
    Vocabulary.of(law)
    near_miss_categories(Words.of(law))
    judge(evidence(contract=law), law.requirements)


@given(
    st.binary(max_size=60) | st.text("ab:-[]{}&*!?|>'\"#%@` \n\t0.~<", max_size=60).map(str.encode)
)
def test_no_bytes_raise_another_error(raw: bytes) -> None:
    complaint(raw)
