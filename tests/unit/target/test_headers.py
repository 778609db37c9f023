"""Headers come from variables and files as well, and their values are never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.errors import UsageError
from conformance.target.headers import (
    collected,
    from_file,
    from_variables,
    header,
    shown,
    variable,
)

KNOWN = (("X-Api-Key", "GATEWAY_KEY"), ("X-Tenant", "TENANT"))


def test_values_are_taken_from_variables() -> None:
    environment = {"GATEWAY_KEY": " k-1 ", "TENANT": "blue"}
    assert [*from_variables(KNOWN, environment)] == [("X-Api-Key", "k-1"), ("X-Tenant", "blue")]
    with pytest.raises(UsageError, match="the variable TENANT for the header X-Tenant is not set"):
        [*from_variables(KNOWN, {"GATEWAY_KEY": "k-1", "TENANT": " "})]


@pytest.mark.parametrize("text", ["s3cret-1", ": s3cret-1"])
def test_a_header_without_a_name_is_not_repeated(text: str) -> None:
    assert header(" X-A : b:c ") == ("X-A", "b:c")
    with pytest.raises(UsageError, match="written 'Name: value'") as caught:
        header(text)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("text", ["X-Api-Key", "=A", "X-Api-Key=s3cret-1", "X Y=A", "X="])
def test_a_value_given_by_mistake_is_not_repeated(text: str) -> None:
    assert variable(" X-A = B_2 ") == ("X-A", "B_2")
    with pytest.raises(UsageError, match="write NAME=VARIABLE") as caught:
        variable(text)
    assert "s3cret" not in str(caught.value)


def test_headers_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "my headers"
    path.write_text("# for the gateway\nX-Api-Key: a:b\r\n\n X-Tenant : blue \n", "utf-8")
    assert [*from_file(path)] == [("X-Api-Key", "a:b"), ("X-Tenant", "blue")]
    words = dict(shown((("X-Other", "OTHER"),), ("X-Api-Key", "X-Tenant"), path))
    # The file is read once, and curl leaves out no header of it.
    assert words == {"X-Other": '"X-Other: $OTHER"', "X-Api-Key": f"'@{path}'", "X-Tenant": ""}
    path.write_text("X-Api-Key: 1\ns3cret\n", "utf-8")
    with pytest.raises(UsageError, match="line 2 of the header file") as caught:
        [*from_file(path)]
    assert "s3cret" not in str(caught.value)
    with pytest.raises(UsageError, match="cannot read the header file"):
        [*from_file(tmp_path / "none")]


def test_all_headers_and_what_curl_shows_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_KEY", "k-1")
    path = tmp_path / "headers"
    path.write_text("X-C: 3\n", "utf-8")
    sent, words = collected([("X-A", "1")], [("X-B", "GATEWAY_KEY")], path)
    assert sent == (("X-A", "1"), ("X-B", "k-1"), ("X-C", "3"))
    assert dict(words) == {"X-B": '"X-B: $GATEWAY_KEY"', "X-C": f"@{path}"}
    assert collected([], [], None) == ((), ())
