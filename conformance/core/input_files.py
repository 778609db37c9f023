"""Reading the files that people name: no more of one than it needs, since a device has no end."""

from __future__ import annotations

import io
from pathlib import Path

MARK = "\ufeff"
"""The byte order mark, which editors put before a text and which is no part of it."""


LARGEST = 8 << 20
"""Bytes; contracts and results of self-tests have a hundredth of it."""


class TooLarge(ValueError):
    """A file has more in it than it can need; the text is a clause about it."""


def read_bytes(path: Path, most: int = LARGEST) -> bytes:
    """Return the bytes of a file.

    Raises:
        TooLarge: there are more than ``most`` of them.
        OSError: it cannot be read.
        ValueError: no file can have that name.
    """
    with path.open("rb") as stream:
        raw = stream.read(most + 1)
    if len(raw) > most:
        raise TooLarge(f"it is larger than {_size(most)}")
    return raw


def _size(number: int) -> str:
    return f"{number >> 20} MiB" if number >= 1 << 20 else f"{number >> 10} KiB"


def read_exactly(path: Path, most: int = LARGEST) -> str:
    """Return the text of a file with its byte order mark and its line ends.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
        TooLarge, OSError, ValueError: as ``read_bytes``.
    """
    return read_bytes(path, most).decode("utf-8")


def read_text(path: Path, most: int = LARGEST) -> str:
    """Return the text of a file as ``plain`` makes it.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
        TooLarge, OSError, ValueError: as ``read_bytes``.
    """
    return plain(read_exactly(path, most))


def plain(text: str) -> str:
    """Return a text without a byte order mark, its lines ended by a line feed."""
    return io.StringIO(text.removeprefix(MARK), newline=None).read()


def reason(error: OSError | ValueError) -> str:
    """Say, as a clause, why one of the readers did not read a file."""
    match error:
        case OSError():
            return error.strerror or str(error)
        case TooLarge():
            return str(error)
        case UnicodeDecodeError():
            return "it is not UTF-8"
        case _:
            return "no file can have that name"


def in_the_form_of(before: str, text: str) -> str:
    """Return a plain text with the byte order mark of the one it replaces and its line ends.

    Where that has both kinds of line ends, all become the one that most of its lines have.
    """
    mark = MARK if before.startswith(MARK) else ""
    with_return = before.count("\r\n")
    end = "\r\n" if 2 * with_return > before.count("\n") else "\n"
    return mark + text.replace("\n", end)
