"""Test that certificates are verified by default, with a given bundle, or not at all on request."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme
from support.servers.plain import answering

from conformance import CannotTest, Target
from conformance.runner.opening import open_target

EMPTY = (200, {"Content-Type": "application/json"}, b"[]")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def context_for(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_an_unknown_authority_is_refused(authority: trustme.CA) -> None:
    with (
        answering(lambda *_: EMPTY, tls=context_for(authority, "127.0.0.1")) as (url, journal),
        Target(url, credential="a-token-of-this-test") as target,
        pytest.raises(CannotTest, match=r"TLS connection failed: .*certificate"),
    ):
        open_target(target)
    assert not journal.requests


def test_a_bundle_makes_it_known(authority: trustme.CA, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    with (
        answering(lambda *_: EMPTY, tls=context_for(authority, "127.0.0.1")) as (url, _),
        Target(url, ca_bundle=bundle) as target,
    ):
        assert open_target(target).refusal is None
        assert not target.notes


def test_a_certificate_for_another_name_is_refused(authority: trustme.CA, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    with (
        answering(lambda *_: EMPTY, tls=context_for(authority, "elsewhere.example")) as (url, _),
        Target(url, ca_bundle=bundle) as target,
        pytest.raises(CannotTest, match="TLS"),
    ):
        open_target(target)


def test_insecure_is_said_in_the_report(authority: trustme.CA) -> None:
    with (
        answering(lambda *_: EMPTY, tls=context_for(authority, "elsewhere.example")) as (url, _),
        Target(url, insecure=True) as target,
    ):
        assert open_target(target).refusal is None
        assert any("not verified" in note for note in target.notes)
