"""Credentials, and reading them from the environment or a file."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.core import input_files
from conformance.errors import UsageError

VARIABLE = "CONDUCTOR_AUTH_TOKEN"
KEY_VARIABLE = "CONDUCTOR_AUTH_KEY"
SECRET_VARIABLE = "CONDUCTOR_AUTH_SECRET"  # noqa: S105 - the name of a variable
EXPIRED_VARIABLE = "CONDUCTOR_EXPIRED_TOKEN"


@dataclass(frozen=True, slots=True)
class Token:
    """A ready access token."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key and secret, for which ``POST /api/token`` issues tokens."""

    key_id: str = field(repr=False)
    key_secret: str = field(repr=False)


Credential = Token | AccessKey


def from_environment(
    environment: Mapping[str, str], token_file: Path | None = None
) -> Credential | None:
    """Return the credential from the token file, the token variable, or key and secret.

    Returns ``None`` if none of them is set.

    Raises:
        UsageError: the file cannot be read or is empty, only one of key and secret is set, or the
            credential has characters that a header cannot carry. The message never contains the
            credential.
    """
    if token_file is not None:
        return Token(_usable(_read(token_file), f"the token file {token_file}"))
    token = environment.get(VARIABLE, "").strip()
    if token:
        return Token(_usable(token, VARIABLE))
    key_id = environment.get(KEY_VARIABLE, "").strip()
    key_secret = environment.get(SECRET_VARIABLE, "").strip()
    if not key_id and not key_secret:
        return None
    if not key_id or not key_secret:
        names = KEY_VARIABLE, SECRET_VARIABLE
        present, missing = names if key_id else names[::-1]
        raise UsageError(
            f"{present} is set but {missing} is not; both are needed, so set both or neither"
        )
    for value, variable in ((key_id, KEY_VARIABLE), (key_secret, SECRET_VARIABLE)):
        if not value.isprintable():
            raise UsageError(
                f"{variable} contains a non-printable character; set it again, on one line"
            )
    return AccessKey(key_id, key_secret)


def expired_token(environment: Mapping[str, str]) -> str | None:
    """Return the expired token that the server must refuse; ``None`` if none is given.

    Raises:
        UsageError: the token has characters that a header cannot carry.
    """
    token = environment.get(EXPIRED_VARIABLE, "").strip()
    return _usable(token, EXPIRED_VARIABLE) if token else None


def _read(path: Path) -> str:
    try:
        # Servers do not accept headers longer than this.
        text = input_files.read_text(path, 1 << 16).strip()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG, errno.ENOTDIR):
            # The name is not quoted: it may be the token itself, given by mistake.
            raise UsageError(
                "cannot read the token file: file not found; pass the name of a file that "
                "contains the token, not the token itself"
            ) from None
        raise UsageError(
            f"cannot read the token file {path}: {error.strerror}; give a readable file"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the token file {path} is not text; it must contain the token and nothing else"
        ) from error
    except ValueError as error:
        raise UsageError(
            f"cannot read the token file {path}: {input_files.reason(error)}; "
            "it must contain the token and nothing else"
        ) from error
    if not text:
        raise UsageError(f"the token file {path} is empty; write the token into it")
    return text


def _usable(token: str, origin: str) -> str:
    if not token.isascii() or not token.isprintable():
        raise UsageError(
            f"{origin} contains a token with characters that a header cannot carry; "
            "copy it again, on one line and without anything around it"
        )
    return token
