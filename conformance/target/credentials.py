"""Credentials, and where they come from: arguments, variables or a file."""

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
    """Find the credential: the token file, else the token, else key and secret.

    Raises:
        UsageError: the file cannot be read or is empty, half of a pair is missing, or the
            credential holds what cannot stand in a header. The text never repeats the credential.
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
        missing = SECRET_VARIABLE if key_id else KEY_VARIABLE
        present = KEY_VARIABLE if key_id else SECRET_VARIABLE
        raise UsageError(
            f"{present} is set but {missing} is not; both are needed, so set both or neither"
        )
    for value, variable in ((key_id, KEY_VARIABLE), (key_secret, SECRET_VARIABLE)):
        if not value.isprintable():
            raise UsageError(
                f"{variable} holds a character that does not print; set it again, in one line"
            )
    return AccessKey(key_id, key_secret)


def _read(path: Path) -> str:
    try:
        # No server takes a header of that length.
        text = input_files.read_text(path, 1 << 16).strip()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG, errno.ENOTDIR):
            # Whoever gives the token itself instead of its file must not find it in a log.
            raise UsageError(
                "cannot read the token file: there is none of that name; what is given is the "
                "name of a file with the token in it"
            ) from None
        raise UsageError(
            f"cannot read the token file {path}: {error.strerror}; give a file that you may read"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the token file {path} is not text; it has to hold the token and nothing else"
        ) from error
    except ValueError as error:
        raise UsageError(
            f"cannot read the token file {path}: {input_files.reason(error)}; "
            "give a file with the token and nothing else"
        ) from error
    if not text:
        raise UsageError(f"the token file {path} is empty; write the token into it")
    return text


def _usable(token: str, origin: str) -> str:
    if not token.isascii() or not token.isprintable():
        raise UsageError(
            f"{origin} holds a token with characters that no header can carry; "
            "copy it again, in one line and without anything around it"
        )
    return token
