"""Providers show absent members as absent, cannot be changed, and load no server library."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest

from conformance.reference import Model, Provider, Tag, default_cluster

CLUSTER = default_cluster()


def test_an_absent_member_is_absent_not_null() -> None:
    bare = Provider(name="n", type="git", category="GIT")
    assert bare.as_dict() == {
        "name": "n",
        "type": "git",
        "category": "GIT",
        "configuration": {},
        "enabled": True,
        "tags": [],
        "modelsCount": 0,
    }
    full = Provider(
        name="n",
        type="openai",
        category="AI_MODEL",
        enabled=False,
        description="",
        configuration={"endpoint": "e"},
        models=(Model(api="on"), Model(api="off", enabled=False)),
        tags=(Tag(key="k", value="v"),),
        create_time=0,
        update_time=1,
        created_by="a",
        updated_by="b",
        owner_app="c",
    )
    assert full.as_dict() == {
        "createTime": 0,
        "updateTime": 1,
        "createdBy": "a",
        "updatedBy": "b",
        "name": "n",
        "type": "openai",
        "description": "",
        "category": "AI_MODEL",
        "configuration": {"endpoint": "e"},
        "enabled": False,
        "tags": [{"key": "k", "value": "v"}],
        "modelsCount": 1,
        "ownerApp": "c",
    }
    assert full.models[1].as_dict("n") == {
        "integrationName": "n",
        "api": "off",
        "configuration": {},
        "enabled": False,
    }


def test_a_provider_cannot_be_changed() -> None:
    given = {"endpoint": "e"}
    provider = Provider(name="n", type="git", category="GIT", configuration=given)
    given["endpoint"] = "changed"
    shown = provider.as_dict()["configuration"]
    assert isinstance(shown, dict)
    shown["endpoint"] = "changed"
    assert provider.configuration == {"endpoint": "e"}
    with pytest.raises(TypeError):
        provider.configuration["endpoint"] = "changed"  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        provider.name = "changed"  # type: ignore[misc]
    assert len({provider, *CLUSTER}) == len(CLUSTER) + 1


def test_importing_the_package_starts_no_server_library() -> None:
    program = (
        "import sys, conformance; before = set(sys.modules)\n"
        "import conformance.reference as r; r.default_cluster()\n"
        "print({'starlette', 'uvicorn'} & (set(sys.modules) - before))\n"
        "r.ReferenceServer; r.serve; assert not hasattr(r, 'nonsense')\n"
        "assert all(hasattr(r, name) for name in r.__all__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")
