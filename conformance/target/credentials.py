"""Credentials, and reading them from the environment, a file or a command."""

from __future__ import annotations

import errno
import shlex
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from conformance.core import input_files, user_command
from conformance.errors import CannotTest, UsageError

VARIABLE = "CONDUCTOR_AUTH_TOKEN"
KEY_VARIABLE = "CONDUCTOR_AUTH_KEY"
SECRET_VARIABLE = "CONDUCTOR_AUTH_SECRET"  # noqa: S105 - the name of a variable
EXPIRED_VARIABLE = "CONDUCTOR_EXPIRED_TOKEN"
LONGEST_TOKEN = 1 << 16
"""Bytes; servers do not accept headers longer than this."""
COMMAND_SECONDS = 60.0
"""Maximum time of a token command; it may log in somewhere."""


@dataclass(frozen=True, slots=True)
class Token:
    """A ready access token."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key and secret, for which ``POST /api/token`` issues tokens."""

    key_id: str = field(repr=False)
    key_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenCommand:
    """A program with its arguments that prints a token; it is run again when the token expires."""

    words: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> TokenCommand:
        """Split a command as a shell would; no shell runs it.

        Raises:
            UsageError: it is empty, or a quotation mark is not closed.
        """
        try:
            words = tuple(shlex.split(text))
        except ValueError:
            words = ()
        if not words:
            # The text is not repeated: it may contain a secret.
            raise UsageError(
                "the token command is empty or has an open quotation mark; give a program with "
                "its arguments, such as 'vault print token'"
            )
        return cls(words)

    def token(self, seconds: float, stop: threading.Event | None = None) -> Token:
        """Run the command for at most this long, or ``COMMAND_SECONDS``; return what it prints.

        Once ``stop`` is set, it is killed.

        Raises:
            CannotTest: it fails, or prints no token. Its output is not repeated.
        """
        seconds = min(seconds, COMMAND_SECONDS)
        program = self.words[0]
        try:
            ran = user_command.run(
                self.words,
                timeout=seconds,
                stop=stop or threading.Event(),
                most=LONGEST_TOKEN,
                errors=subprocess.DEVNULL,
            )
        except user_command.NotStarted as error:
            raise CannotTest(
                f"the token command {program} cannot be run: {error}; give a program with its "
                "arguments, without a shell's operators"
            ) from error
        if len(ran.output) > LONGEST_TOKEN:
            raise CannotTest(
                f"the token command {program} printed more than {LONGEST_TOKEN >> 10} KiB; it must "
                "print the token and nothing else to standard output"
            )
        if ran.code is None:
            raise CannotTest(
                f"the token command {program} took longer than {seconds:g} s; run it by itself to "
                "see what it waits for"
            )
        if ran.code:
            raise CannotTest(
                f"the token command {program} failed with exit code {ran.code}; run it by itself "
                "to see why"
            )
        with suppress(UnicodeDecodeError, UsageError):
            if text := ran.output.decode().strip():
                return Token(_usable(text, "its output"))
        raise CannotTest(
            f"the token command {program} printed no token; it must print the token and nothing "
            "else to standard output"
        )


Credential = Token | AccessKey | TokenCommand


def from_environment(
    environment: Mapping[str, str],
    token_file: Path | None = None,
    token_command: str | None = None,
) -> Credential | None:
    """Return the credential from the command, the file, the token variable, or key and secret.

    Returns ``None`` if none of them is set.

    Raises:
        UsageError: both command and file are given, the file cannot be read or is empty, only one
            of key and secret is set, or the credential has characters that a header cannot carry.
            The message never contains the credential.
    """
    if token_command is not None:
        if token_file is not None:
            raise UsageError("a token file and a token command are given; leave one of them out")
        return TokenCommand.of(token_command)
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
        text = input_files.read_text(path, LONGEST_TOKEN).strip()
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
