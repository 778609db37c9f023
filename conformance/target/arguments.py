"""Validating the arguments of a target before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.contract.model import HTTP_TOKEN
from conformance.errors import UsageError


def duration(seconds: float, name: str, *, may_be_0: bool = False) -> float:
    """Return a duration in seconds if it is valid.

    Raises:
        UsageError: it is negative, a day or longer, or 0 if it must not be.
    """
    if 0 < seconds < 86400 or (may_be_0 and seconds == 0):
        return seconds
    least = "0 seconds or more" if may_be_0 else "more than 0 seconds"
    raise UsageError(f"{name} must be {least} and less than a day, not {seconds:g}")


def usable_headers(headers: Mapping[str, str], token_header: str) -> dict[str, str]:
    """Return the additional headers of every request if they can be sent.

    Raises:
        UsageError: a name or value is not allowed in HTTP, or the suite sets that header itself.
    """
    forbidden = {token_header.lower(), "host", "content-length", "transfer-encoding", "connection"}
    for name, value in headers.items():
        if not name or not set(name) <= HTTP_TOKEN:
            # The name is not quoted: in 'X-Api-Key=…:' it contains the key.
            raise UsageError(
                "the text before the colon of a header is not a header name; "
                "write a header like 'X-Tenant: blue'"
            )
        if name.lower() in forbidden:
            raise UsageError(
                f"the header {name} is set by the suite itself; leave it out, "
                "and pass a token in CONDUCTOR_AUTH_TOKEN"
            )
        if not value.isprintable() or not value.isascii():
            raise UsageError(
                f"the value of the header {name} has characters that a header cannot carry; "
                "use printable ASCII only"
            )
    return dict(headers)
