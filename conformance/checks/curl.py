"""The curl command that reproduces a finding."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from conformance.evidence.exchange import Exchange


def curl(
    exchange: Exchange,
    *,
    insecure: bool = False,
    headers: Sequence[str] = (),
    options: Sequence[str] = (),
) -> str:
    """Return a shell command that sends the same request.

    The command refers to the token as ``$CONDUCTOR_AUTH_TOKEN``. ``headers`` are the names of the
    headers given to the run; their values are not known here, so the reader has to fill them in.
    ``options`` are further words, quoted for a shell, which say how to reach the server.
    """
    request = exchange.request
    words = ["curl", "-sS"]
    if request.method == "HEAD":
        words.append("-I")
    elif request.method != "GET":
        words += ["-X", request.method]
    if insecure:
        words.append("-k")
    words += options
    if "/." in request.path:
        # Otherwise curl removes such segments.
        words.append("--path-as-is")
    if set("[]{}") & set(exchange.query.wire + request.path):
        # Without -g, curl treats brackets as a pattern for several URLs.
        words.append("-g")
    if request.access.shell is not None:
        words += ["-H", request.access.shell]
    if request.accept != "application/json":
        words += ["-H", shlex.quote(f"Accept: {request.accept}")]
    for name in headers:
        words += ["-H", shlex.quote(f"{name}: [value given by --header]")]
    words.append(shlex.quote(exchange.url))
    return " ".join(words)
