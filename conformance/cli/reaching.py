"""Options that say how to reach a server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from conformance.cli.headers import Header, HeaderVariable
from conformance.cli.shared_options import with_options

TIMEOUT = click.option(
    "--timeout",
    type=float,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Timeout of each request.",
)
RETRY_BUDGET = click.option(
    "--retry-budget",
    type=float,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Total time to wait while the server is busy or in trouble; 0: do not wait.",
)
RATE_LIMIT = click.option(
    "--rate-limit", metavar="N/s", help="Maximum request rate, e.g. 5/s, 300/m or 1000/h."
)

reaching_options = with_options(
    click.option(
        "--header",
        "headers",
        type=Header(),
        multiple=True,
        metavar="'NAME: VALUE'",
        help="Send this header with every request; may be given several times.",
    ),
    click.option(
        "--header-env",
        "header_variables",
        type=HeaderVariable(),
        multiple=True,
        metavar="NAME=VARIABLE",
        help="Send this header with the value of an environment variable; for secrets.",
    ),
    click.option(
        "--header-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Send the headers in this file, one 'NAME: VALUE' per line.",
    ),
    click.option(
        "--token-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Read the access token from a file.",
    ),
    click.option(
        "--token-command",
        metavar="COMMAND",
        help="Run this program, which prints the access token; again when the token expires.",
    ),
    click.option(
        "--ca-bundle",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Trust the CA certificates in this PEM file instead of the usual ones.  "
        "[default: $SSL_CERT_FILE, $REQUESTS_CA_BUNDLE or $CURL_CA_BUNDLE]",
    ),
    click.option(
        "--client-cert",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Certificate that the server asks for (PEM), with its chain.",
    ),
    click.option(
        "--client-key",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Key of that certificate, unless it is in the same file.",
    ),
    click.option(
        "--proxy",
        metavar="URL",
        help="Send all requests by this HTTP proxy; env: by that of HTTPS_PROXY or HTTP_PROXY.",
    ),
    click.option(
        "--resolve",
        multiple=True,
        metavar="HOST:PORT:ADDRESS",
        help="Connect to this address instead of a host; may be given several times.",
    ),
    click.option("--insecure/--no-insecure", help="Do not verify the server's certificate."),
)
"""Decorator: add the options for headers, credentials, certificates and networks."""


def trusted(options: Mapping[str, Any]) -> Path | None:
    """Return the file with the certificates to trust, by default that of the environment."""
    from conformance.target.network import bundle_of_environment

    given: Path | None = options["ca_bundle"]
    if given is not None or options["insecure"]:
        return given
    return bundle_of_environment(os.environ, options["url"])[1]
