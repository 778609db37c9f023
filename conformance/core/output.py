"""Where reports go: checked before the run, written whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from conformance.errors import UsageError

STANDARD_OUTPUT = "-"
NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO})


def check(
    destinations: Sequence[str | None], inputs: Iterable[str | os.PathLike[str] | None] = ()
) -> None:
    """Make sure, before anything is asked of a target, that reports can be written.

    ``inputs`` are the files that the command reads, which no report may replace.

    Raises:
        UsageError: a folder is missing or cannot be written to, a path is a folder, two reports
            would go to the same place, or one to where something is read.
    """
    read = [path for path in inputs if path is not None]
    given = [destination for destination in destinations if destination is not None]
    places = [
        destination if destination == STANDARD_OUTPUT else os.path.realpath(destination)
        for destination in given
    ]
    for number, destination in enumerate(given):
        if places[number] in places[:number]:
            raise UsageError(
                f"two reports cannot both go to {destination!r}; give each its own file"
            )
        if destination != STANDARD_OUTPUT:
            _check_file(destination)
            if any(_same(destination, path) for path in read):
                raise UsageError(
                    f"cannot write {destination}: it is read by this command, too; "
                    "give the report a file of its own"
                )


def _same(one: str, other: str | os.PathLike[str]) -> bool:
    """Whether two names lead to one regular file, whatever links there are."""
    try:
        return Path(one).is_file() and Path(one).samefile(other)
    except (OSError, ValueError):
        return False


def _check_file(destination: str) -> None:
    problem = _problem(Path(os.path.realpath(destination)))
    if problem is not None:
        raise UsageError(f"cannot write {destination or 'a file without a name'}: {problem}")


def _problem(path: Path) -> str | None:
    try:
        if path.is_dir():
            return "it is a folder; give the name of a file in it"
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}; make it first, or write elsewhere"
        written = [path] if path.exists() else [path.parent]
        if path.is_file():
            # It is replaced as a whole, for which the folder has to be writable, too.
            written.append(path.parent)
    except (OSError, ValueError) as error:
        return f"{getattr(error, 'strerror', None) or error}; give another name"
    if not all(os.access(place, os.W_OK) for place in written):
        return "permission denied; write to a place where you may"
    return None


def write(destination: str, text: str) -> None:
    """Write a report to standard output, or to a file that is replaced only by the whole report.

    Raises:
        UsageError: the file cannot be written, for example because the disk is full.
    """
    write_parts(destination, (text,))


def write_parts(destination: str, parts: Iterable[str]) -> None:
    """Write what is made part by part, in the manner of ``write``.

    Raises:
        UsageError: the file cannot be written, for example because the disk is full.
    """
    if destination == STANDARD_OUTPUT:
        with _told_if_full():
            sys.stdout.writelines(parts)
            sys.stdout.flush()
        return
    # Where a link leads is replaced, not the link.
    path = Path(os.path.realpath(destination))
    temporary: Path | None = None
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe cannot be replaced by a file.
            with path.open("w", encoding="utf-8") as stream:
                stream.writelines(parts)
            return
        # Of a long name a part, since the temporary one is longer still.
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.writelines(parts)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise UsageError(
            f"cannot write {destination}: {error.strerror}; make room there, or write elsewhere"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Let whoever reads standard output stop doing so; the exit code is not theirs to change.

    Raises:
        UsageError: standard output cannot be written for another reason, such as a full disk.
    """
    try:
        with _told_if_full():
            yield
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_standard_output()


@contextmanager
def _told_if_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = unwritable(error)
        if problem is None:
            raise
        raise UsageError(problem) from error


def unwritable(error: OSError) -> str | None:
    """Say, as a clause, that there is no room for what is printed; ``None`` if it is not that.

    What is still to be printed is dropped, since the end of the process would try it again.
    """
    if error.errno not in NO_ROOM:
        return None
    _drop_standard_output()
    return (
        f"cannot write to standard output: {error.strerror}; "
        "make room where it leads, or send it elsewhere"
    )


def _drop_standard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
