"""Certificates are verified by default, with a given bundle, or not at all on request."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.servers.plain import Journal, answering

from conformance import CannotTest, Target
from conformance.runner.opening import open_target


@contextmanager
def trusted(authority: trustme.CA, name: str, **arguments: Any) -> Iterator[tuple[Target, Journal]]:
    """Test a server with a certificate for this name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    empty = (200, {"Content-Type": "application/json"}, b"[]")
    with (
        answering(lambda *_: empty, tls=context) as (url, journal),
        Target(url, credential="a-token-of-this-test", **arguments) as target,
    ):
        yield target, journal


def test_a_certificate_is_refused_or_not_verified_on_request(tmp_path: Path) -> None:
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    for name, arguments in (("127.0.0.1", {}), ("elsewhere.example", {"ca_bundle": bundle})):
        with (
            trusted(authority, name, **arguments) as (target, journal),
            pytest.raises(CannotTest, match=r"TLS connection failed: .*certificate"),
        ):
            open_target(target)
        assert not journal.requests
    with trusted(authority, "127.0.0.1", ca_bundle=bundle) as (target, _):
        assert open_target(target).refusal is None
        assert not target.notes
    with trusted(authority, "elsewhere.example", insecure=True) as (target, _):
        assert open_target(target).refusal is None
        assert any("not verified" in note for note in target.notes)
