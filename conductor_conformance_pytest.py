"""What pytest loads in every session: the options ``--conductor-*``, and nothing of the suite.

The suite's own plugin, ``conformance.pytest_plugin``, is loaded only in sessions that use it. Its
package has a common name, which a project may have, too; this module has one that nobody else has.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parent / "conformance" / "__init__.py"
PLUGIN = "conformance.pytest_plugin"
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "url": {"metavar": "URL", "help": "The server to judge.  [default: $CONDUCTOR_SERVER_URL]"},
    "profile": {
        "choices": ("quick", "standard", "thorough"),
        "help": "How many requests to send.  [default: standard]",
    },
    "seed": {"type": int, "metavar": "N", "help": "Generate the same queries again."},
    "timeout": {
        "type": float,
        "metavar": "SECONDS",
        "help": "Timeout of each request.  [default: 10.0]",
    },
    "retry-budget": {
        "type": float,
        "metavar": "SECONDS",
        "help": "Total time to wait while the server is busy or in trouble.  [default: 60.0]",
    },
    "run-timeout": {"type": float, "metavar": "SECONDS", "help": "Timeout of the whole run."},
    "wait": {
        "type": float,
        "metavar": "SECONDS",
        "help": "Wait up to this many seconds for the server to come up.",
    },
    "rate-limit": {"metavar": "N/s", "help": "Maximum request rate, e.g. 5/s or 300/m."},
    "max-requests": {
        "type": int,
        "metavar": "N",
        "help": "Maximum number of requests in total.",
    },
    "parallel": {
        "type": int,
        "choices": range(1, 33),
        "metavar": "N",
        "help": "Maximum number of concurrent requests.  [default: 8]",
    },
    "fail-on": {
        "choices": ("must", "should"),
        "help": "Lowest requirement level that fails its test.  [default: must]",
    },
    "require-evidence": {
        "action": "store_true",
        "help": "Let inconclusive requirements fail instead of skipping them.",
    },
    "require-evidence-for": {
        "action": "append",
        "metavar": "ID[,ID]",
        "help": "The same for these requirements or families only.",
    },
    "contract": {
        "type": Path,
        "metavar": "FILE",
        "help": "Judge by this contract instead of the one shipped.",
    },
    "header": {
        "action": "append",
        "metavar": "'NAME: VALUE'",
        "help": "Send this header with every request; may be given several times.",
    },
    "header-env": {
        "action": "append",
        "metavar": "NAME=VARIABLE",
        "help": "The same, with the value of an environment variable; for secrets.",
    },
    "header-file": {
        "type": Path,
        "metavar": "FILE",
        "help": "The same, with the headers in a file, one 'NAME: VALUE' per line.",
    },
    "token-file": {
        "type": Path,
        "metavar": "FILE",
        "help": "Read the access token from a file.",
    },
    "ca-bundle": {
        "type": Path,
        "metavar": "FILE",
        "help": "Trust the CA certificates in this PEM file instead of the usual ones.",
    },
    "client-cert": {
        "type": Path,
        "metavar": "FILE",
        "help": "Certificate that the server asks for (PEM), with its chain.",
    },
    "client-key": {
        "type": Path,
        "metavar": "FILE",
        "help": "Key of that certificate, unless it is in the same file.",
    },
    "proxy": {"metavar": "URL", "help": "Send all requests by this HTTP proxy."},
    "resolve": {
        "action": "append",
        "metavar": "HOST:PORT:ADDRESS",
        "help": "Connect to this address instead of a host; may be given several times.",
    },
    "insecure": {
        "action": "store_true",
        "help": "Do not verify the server's certificate.",
    },
    "baseline": {
        "metavar": "FILE",
        "help": "Expect the known failures listed in this TOML file (xfail, strict).",
    },
    "record": {"metavar": "FILE", "help": "Record the exchanges for `judge` (HAR)."},
}
"""The options by name, without ``--conductor-``; those of ``conductor-conformance run``.

None has a default here: a value means that the session uses the suite, which knows the defaults.
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, unless they were added: the suite's plugin, which may come first, does."""
    group = parser.getgroup("conductor", "conformance of a Conductor server")
    if not group.options:
        for name, settings in OPTIONS.items():
            group.addoption(f"--conductor-{name}", **{"default": None, **settings})


def pytest_configure(config: pytest.Config) -> None:
    """Load the suite's plugin if the session uses it.

    Raises:
        pytest.UsageError: another package of its name is imported in its place.
    """
    options = any(value is not None for value in given(config).values())
    named = config.option.pyargs and any(
        re.match(r"conformance\b", argument) for argument in config.args
    )
    if not options and not named:
        return
    spec = find_spec("conformance")
    found = None if spec is None else spec.origin
    if found is not None and Path(found).resolve() == PACKAGE.resolve():
        config.pluginmanager.import_plugin(PLUGIN)
    elif options or "CONDUCTOR_SERVER_URL" in os.environ:
        # Without either, someone tests a package of their own, whose name is the same.
        raise pytest.UsageError(
            f"conductor: {found} shadows the package `conformance` of conductor-conformance in "
            f"{PACKAGE.parent}; run pytest in another folder, or take it off the module search path"
        )


def given(config: pytest.Config) -> dict[str, Any]:
    """Return the value of each option by name, such as ``rate_limit``; None if it is not given."""
    names = [name.replace("-", "_") for name in OPTIONS]
    return {name: config.getoption(f"conductor_{name}") for name in names}
