"""Headers come from variables and files as well, and their values are never repeated."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from conformance.cli.headers import HeaderVariable, from_file, from_variables, shown
from conformance.errors import UsageError

KNOWN = (("X-Api-Key", "GATEWAY_KEY"), ("X-Tenant", "TENANT"))


def test_values_are_taken_from_variables() -> None:
    environment = {"GATEWAY_KEY": " k-1 ", "TENANT": "blue"}
    assert [*from_variables(KNOWN, environment)] == [("X-Api-Key", "k-1"), ("X-Tenant", "blue")]
    with pytest.raises(UsageError, match="the variable TENANT for the header X-Tenant is not set"):
        [*from_variables(KNOWN, {"GATEWAY_KEY": "k-1", "TENANT": " "})]


@pytest.mark.parametrize("text", ["X-Api-Key", "=A", "X-Api-Key=s3cret-1", "X Y=A", "X="])
def test_a_value_given_by_mistake_is_not_repeated(text: str) -> None:
    assert HeaderVariable().convert(" X-A = B_2 ", None, None) == ("X-A", "B_2")
    with pytest.raises(click.BadParameter) as caught:
        HeaderVariable().convert(text, None, None)
    assert "s3cret" not in caught.value.message


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
