"""The JSON Web Tokens of the token endpoint, signed with HMAC-SHA256 (RFC 7515, RFC 7519).

Only tokens that this server signed itself are accepted.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping

__all__ = ["ExpiredToken", "InvalidToken", "sign", "verify"]

_ALGORITHM = "HS256"


class InvalidToken(Exception):
    """The text is not a token signed with this key; the message never quotes it."""


class ExpiredToken(InvalidToken):
    """The token was signed with this key, but it has expired."""


def sign(
    claims: Mapping[str, object], key: bytes, *, header: Mapping[str, object] | None = None
) -> str:
    """Return ``header.payload.signature``, each part in unpadded base64url.

    ``claims`` must be representable in JSON; ``verify`` needs an ``exp`` among them, in seconds
    since the epoch. ``header`` replaces the correct one, to make forgeries.
    """
    honest = {"alg": _ALGORITHM, "typ": "JWT"}
    signed = f"{_encode_json(honest if header is None else header)}.{_encode_json(claims)}"
    return f"{signed}.{_signature(signed, key)}"


def verify(token: str, key: bytes, *, now: float) -> dict[str, object]:
    """Return the claims of ``token`` at the time ``now``, in seconds since the epoch.

    Raises :class:`InvalidToken` for anything not signed with ``key`` by HS256, and
    :class:`ExpiredToken` from the second given by ``exp`` on (RFC 7519, section 4.1.4).
    """
    signed, dot, signature = token.rpartition(".")
    # The encoded signatures are compared, since base64url ignores the low bits of the last
    # character: several spellings decode to the same bytes, but only one of them is correct.
    # Nothing is parsed before this comparison, so only this server's own JSON is ever parsed.
    if not dot or not hmac.compare_digest(_utf8(signature), _utf8(_signature(signed, key))):
        raise InvalidToken("the signature is not this server's")
    header_part, _, payload_part = signed.partition(".")
    header, claims = _decode_json(header_part), _decode_json(payload_part)
    if header.get("alg") != _ALGORITHM or "crit" in header:
        raise InvalidToken("the token is not signed with HS256 alone")
    expiry = claims.get("exp")
    if isinstance(expiry, bool) or not isinstance(expiry, int | float):
        raise InvalidToken("the token has no expiry")
    if not now < expiry:
        raise ExpiredToken("the token has expired")
    return claims


def _signature(signed: str, key: bytes) -> str:
    return _encode(hmac.digest(key, _utf8(signed), "sha256"))


def _utf8(text: str) -> bytes:
    # A header may contain any character, even a lone surrogate, and none may raise here.
    return text.encode("utf-8", "surrogatepass")


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _encode_json(members: Mapping[str, object]) -> str:
    return _encode(json.dumps(dict(members), separators=(",", ":")).encode("utf-8"))


def _decode_json(part: str) -> dict[str, object]:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        raise InvalidToken("a part of the token is not JSON in base64url") from None
    if not isinstance(value, dict):
        raise InvalidToken("a part of the token is not a JSON object")
    return value
