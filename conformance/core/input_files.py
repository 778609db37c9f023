"""Read the files that users name, up to a size limit, and tell why one could not be read."""

from __future__ import annotations

import errno
import io
import os
import select
import stat
from io import BufferedReader
from pathlib import Path

BYTE_ORDER_MARK = "\ufeff"
"""The mark that some editors put before a text; it is not part of the text."""
LARGEST = 8 << 20
"""Largest file in bytes, since a device such as ``/dev/zero`` never ends."""
FIRST_WRITER = 1.0
"""Seconds to wait for somebody who writes to a FIFO."""


class TooLarge(ValueError):
    """A file is larger than its limit; the text is a clause such as ``it is larger than 8 MiB``."""


def read_bytes(path: Path, most: int = LARGEST) -> bytes:
    """Return the bytes of a file.

    Raises:
        TooLarge: the file has more than ``most`` bytes.
        OSError: the file cannot be read.
        ValueError: the path is not a valid file name.
    """
    raw = beginning(path, most + 1)
    if len(raw) > most:
        size = f"{most >> 20} MiB" if most >= 1 << 20 else f"{most >> 10} KiB"
        raise TooLarge(f"it is larger than {size}")
    return raw


def beginning(path: Path, most: int) -> bytes:
    """Return the bytes of a file, of a longer one the first ``most`` bytes.

    Raises:
        OSError: the file cannot be read, or is a named pipe (FIFO) that nobody writes to.
        ValueError: the path is not a valid file name.
    """
    with open(path, "rb", opener=_without_waiting) as stream:
        first = _first_of_pipe(stream, path) if _is_pipe(stream) else b""
        return first + stream.read(most - len(first))


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; opening a FIFO would wait for someone who writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _is_pipe(stream: BufferedReader) -> bool:
    return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)


def _first_of_pipe(stream: BufferedReader, path: Path) -> bytes:
    """Return the first byte of a pipe, and let it be read to its end from then on.

    A pipe without a writer is at its end, as an empty file is. A shell's ``<(…)`` may be empty; but
    to a FIFO, nothing at all was given.

    Raises:
        OSError: it is a FIFO that nobody writes to.
    """
    select.select([stream], [], [], FIRST_WRITER)
    # None if there is a writer who takes longer.
    first = stream.raw.read(1)
    if first == b"" and Path(os.path.realpath(path)).is_fifo():
        raise OSError(errno.ENODATA, "nobody writes to this pipe")
    os.set_blocking(stream.fileno(), True)
    return first or b""


def read_exactly(path: Path, most: int = LARGEST) -> str:
    """Return the text of a file with its byte order mark and line endings unchanged.

    Raises:
        UnicodeDecodeError: the file is not UTF-8.
        TooLarge, OSError, ValueError: as in ``read_bytes``.
    """
    return read_bytes(path, most).decode("utf-8")


def read_text(path: Path, most: int = LARGEST) -> str:
    r"""Return the text of a file without a byte order mark, with ``\n`` as line ending.

    Raises:
        UnicodeDecodeError: the file is not UTF-8.
        TooLarge, OSError, ValueError: as in ``read_bytes``.
    """
    return normalized(read_exactly(path, most))


def normalized(text: str) -> str:
    r"""Return a text without a byte order mark, with ``\n`` as line ending."""
    return io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=None).read()


def reason(error: OSError | ValueError) -> str:
    """Return a clause that explains why one of the functions above could not read a file."""
    match error:
        case OSError():
            return error.strerror or str(error)
        case TooLarge():
            return str(error)
        case UnicodeDecodeError():
            return "it is not UTF-8"
        case _:
            return "it is not a valid file name"


def in_format_of(before: str, text: str) -> str:
    r"""Give a normalized text the byte order mark and line endings of the text it replaces.

    If ``before`` mixes line endings, all lines get the ending that most of its lines have.
    """
    mark = BYTE_ORDER_MARK if before.startswith(BYTE_ORDER_MARK) else ""
    with_return = before.count("\r\n")
    end = "\r\n" if 2 * with_return > before.count("\n") else "\n"
    return mark + text.replace("\n", end)
