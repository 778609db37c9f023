"""The curl command that shows a finding again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from conformance.evidence.exchange import Exchange


def curl(exchange: Exchange, *, insecure: bool = False, headers: Sequence[str] = ()) -> str:
    """Return a shell command that sends the same request.

    The token stands in it as ``$CONDUCTOR_AUTH_TOKEN``; the values of the headers that the run was
    given are not known here and left for the reader to fill in.
    """
    request = exchange.request
    words = ["curl", "-sS"]
    if request.method == "HEAD":
        words.append("-I")
    if insecure:
        words.append("-k")
    if set("[]{}") & set(exchange.query.wire + request.path):
        # Otherwise curl takes brackets for a pattern of several addresses.
        words.append("-g")
    if request.access.shell is not None:
        words += ["-H", request.access.shell]
    if request.accept != "application/json":
        words += ["-H", shlex.quote(f"Accept: {request.accept}")]
    for name in headers:
        words += ["-H", shlex.quote(f"{name}: [value given by --header]")]
    words.append(shlex.quote(exchange.url))
    return " ".join(words)
