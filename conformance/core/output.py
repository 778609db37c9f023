"""Write reports: check destinations before the run, then write each completely or not at all."""

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
NO_FILE = "it is not a file; write to a file or, with '-', to standard output"
NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO})
"""Numbers of errors that mean a full disk or a failing device."""


def check(
    destinations: Sequence[str | None], inputs: Iterable[str | os.PathLike[str] | None] = ()
) -> None:
    """Check that all reports can be written; called before the first request is sent.

    Args:
        destinations: paths, ``-`` for standard output, ``None`` for a report not requested.
        inputs: files that the command reads; no report may overwrite one of them.

    Raises:
        UsageError: a folder is missing or not writable, a path is a folder or a pipe, two reports
            have the same destination, or a report would overwrite an input.
    """
    read = [path for path in inputs if path is not None]
    places: set[str] = set()
    for destination in destinations:
        if destination is None:
            continue
        to_file = destination != STANDARD_OUTPUT
        place = os.path.realpath(destination) if to_file else destination
        if place in places:
            raise UsageError(
                f"two reports cannot both go to {destination!r}; give each its own file"
            )
        places.add(place)
        problem = _problem(Path(place)) if to_file else None
        if to_file and problem is None and any(_same(destination, path) for path in read):
            problem = "this command also reads it; write the report to another file"
        if problem is not None:
            raise UsageError(f"cannot write {destination or 'a file without a name'}: {problem}")


def _same(one: str, other: str | os.PathLike[str]) -> bool:
    """Whether two paths lead to the same regular file."""
    try:
        return Path(one).is_file() and Path(one).samefile(other)
    except (OSError, ValueError):
        return False


def _problem(path: Path) -> str | None:
    try:
        if path.is_dir():
            return "it is a folder; name a file in it"
        if not path.parent.is_dir():
            return f"the folder {path.parent} does not exist; create it or choose another path"
        if _may_block(path):
            return NO_FILE
        written = [path] if path.exists() else [path.parent]
        if path.is_file():
            # Replacing a file requires write permission for its folder.
            written.append(path.parent)
    except (OSError, ValueError) as error:
        return f"{getattr(error, 'strerror', None) or error}; choose another name"
    if not all(os.access(place, os.W_OK) for place in written):
        return "permission denied; choose a path that you may write to"
    return None


def _may_block(path: Path) -> bool:
    """Whether a path is something that may never be read: a pipe, a socket or a disk."""
    return path.exists() and not (path.is_file() or path.is_char_device())


def write(destination: str, text: str) -> None:
    """Write a report like ``write_parts``, as a single part."""
    write_parts(destination, (text,))


def write_parts(destination: str, parts: Iterable[str], *, synced: bool = False) -> None:
    """Write a report to standard output (``-``) or to a file, which is replaced atomically.

    If it is ``synced``, the file outlives a crash of the machine from then on.

    Raises:
        UsageError: the file cannot be written, for example because the disk is full.
    """
    if destination == STANDARD_OUTPUT:
        with _usage_error_if_full():
            sys.stdout.writelines(parts)
            sys.stdout.flush()
        return
    # Replace the file that a link points to, not the link.
    path = Path(os.path.realpath(destination))
    temporary: Path | None = None
    try:
        if _may_block(path):
            raise UsageError(f"cannot write {destination}: {NO_FILE}")
        if path.is_char_device():
            # A device such as /dev/null cannot be replaced, only written to.
            with path.open("w", encoding="utf-8") as stream:
                stream.writelines(parts)
            return
        # The temporary name is longer than the prefix, so a long name has to be cut.
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.writelines(parts)
            if synced:
                stream.flush()
                os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        if synced:
            _sync_folder(path.parent)
    except OSError as error:
        raise UsageError(
            f"cannot write {destination}: {error.strerror}; free up space or choose another path"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Put the name of a new file on the disk as well, where the system can do that."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def ignoring_closed_stdout() -> Iterator[None]:
    """Ignore that the reader of standard output, such as ``head``, closes the pipe early.

    The exit code stays that of the run.

    Raises:
        UsageError: standard output cannot be written because of a full disk or an I/O error.
    """
    try:
        with _usage_error_if_full():
            yield
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_standard_output()


@contextmanager
def _usage_error_if_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if problem := full_disk_message(error):
            raise UsageError(problem) from error
        raise


def full_disk_message(error: OSError) -> str | None:
    """Return a clause that standard output cannot be written; ``None`` for any other error.

    It covers full disks and I/O errors. Buffered output is then dropped; otherwise Python would
    fail once more at the end of the process, when it flushes the stream.
    """
    if error.errno not in NO_ROOM:
        return None
    _drop_standard_output()
    return (
        f"cannot write to standard output: {error.strerror}; "
        "free up space where it is redirected to, or redirect it elsewhere"
    )


def _drop_standard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
