"""Which certificates are trusted, and that their files are read once."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from conformance.target.network import Network, bundle_of_environment


@pytest.mark.parametrize(
    ("url", "counts"),
    [("https://a.example", True), (None, True), ("http://a.example", False), ("HTTP://a", False)],
)
def test_plain_http_needs_no_bundle_of_the_environment(url: str | None, counts: bool) -> None:
    variables = {"SSL_CERT_FILE": "", "REQUESTS_CA_BUNDLE": "a.pem", "CURL_CA_BUNDLE": "b.pem"}
    expected = ("REQUESTS_CA_BUNDLE", Path("a.pem")) if counts else ("", None)
    assert bundle_of_environment(variables, url) == expected


def test_a_bundle_that_is_removed_later_is_still_trusted(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(bundle)
    network = Network(ca_bundle=bundle)
    bundle.unlink()
    assert len(network.context.get_ca_certs()) == 1
