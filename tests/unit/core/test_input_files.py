"""Input files are read up to a size limit, and texts without byte order mark."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from conformance.cli import config_file
from conformance.cli.config_file import Kind
from conformance.contract.loader import REQUIREMENTS, default_path, load
from conformance.core import input_files
from conformance.core.input_files import TooLarge, in_format_of, read_bytes, read_text, reason
from conformance.errors import UsageError
from conformance.recording.reader import RECORDING
from conformance.report import baseline
from conformance.report.compare.side import REPORT
from conformance.target import credentials, headers
from conformance.target.network import Network

NEEDS_FIFO = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs")


def test_a_file_may_be_as_large_as_allowed(tmp_path: Path) -> None:
    # An endless device is not read to the end.
    with pytest.raises(TooLarge, match="it is larger than 2 KiB"):
        read_bytes(Path("/dev/zero"), 2048)
    file = tmp_path / "file"
    file.write_bytes(b"1234")
    assert read_bytes(file, 4) == b"1234"
    with pytest.raises(TooLarge):
        read_bytes(file, 3)


@pytest.fixture
def fifo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a FIFO that nobody writes to, for which nobody waits long."""
    monkeypatch.setattr(input_files, "FIRST_WRITER", 0.01)
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


@NEEDS_FIFO
def test_a_fifo_is_read_if_somebody_writes_to_it(fifo: Path) -> None:
    with pytest.raises(OSError, match="nobody writes to this pipe"):
        read_bytes(fifo)
    with fifo.open("r+b", buffering=0) as both, fifo.open("rb", buffering=0):
        both.write(b"x" * 20)
        # As with a shell's <(...), the writer may still be there.
        threading.Timer(0.05, both.close).start()
        assert read_bytes(fifo) == b"x" * 20
    # A writer who is there may take longer.
    descriptor = os.open(fifo, os.O_RDWR)

    def write() -> None:
        os.write(descriptor, b"late")
        os.close(descriptor)

    threading.Timer(0.05, write).start()
    assert read_bytes(fifo) == b"late"


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="descriptors are no files")
def test_a_pipe_without_a_name_may_be_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_files, "FIRST_WRITER", 0.01)
    reader, writer = os.pipe()
    os.close(writer)
    assert read_bytes(Path(f"/dev/fd/{reader}")) == b""
    os.close(reader)


@NEEDS_FIFO
def test_no_input_waits_for_somebody_who_writes(fifo: Path, tmp_path: Path) -> None:
    reads: tuple[Callable[[], object], ...] = (
        partial(config_file.read, fifo, {}, tmp_path),
        partial(list, headers.from_file(fifo)),
        partial(baseline.read, fifo),
        partial(RECORDING.load, fifo),
        partial(REPORT.load, fifo),
        partial(credentials.from_environment, {}, fifo),
    )
    for read in reads:
        with pytest.raises(UsageError, match="nobody writes to this pipe"):
            read()
    for make in (
        partial(Network, ca_bundle=fifo),
        partial(Network, client_cert=fifo),
        partial(Network, client_cert=tmp_path / "none", client_key=fifo),
    ):
        with pytest.raises(UsageError, match="a pipe may never end; write it into a file"):
            make()


def test_a_text_is_normalized(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes("\ufeffa\r\nb\rc\n".encode())
    assert read_text(file) == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "a\nb\n"),
        ("x\n", "a\nb\n"),
        ("x\r\n", "a\r\nb\r\n"),
        ("\ufeffx\n", "\ufeffa\nb\n"),
        ("\ufeffx\r\ny\r\nz\n", "\ufeffa\r\nb\r\n"),
    ],
)
def test_a_text_gets_the_format_of_another(before: str, after: str) -> None:
    assert in_format_of(before, "a\nb\n") == after


@pytest.mark.parametrize(
    ("error", "clause"),
    [
        (FileNotFoundError(2, "No such file or directory"), "No such file or directory"),
        (OSError("odd"), "odd"),
        (TooLarge("it is larger than 1 MiB"), "it is larger than 1 MiB"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), "it is not UTF-8"),
        (ValueError("embedded null byte"), "it is not a valid file name"),
    ],
)
def test_why_a_file_was_not_read(error: OSError | ValueError, clause: str) -> None:
    assert reason(error) == clause


def test_every_text_file_may_have_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("\ufeffprofile = 'quick'\n", "utf-8")
    known = {"profile": Kind.TEXT}
    assert config_file.read(file, known, tmp_path) == {"profile": "quick"}
    file.write_text("\ufeffthe-token\n", "utf-8")
    assert credentials.from_environment({}, file) == credentials.Token("the-token")
    file.write_bytes("\ufeff".encode() + default_path().read_bytes())
    rules = default_path().with_name(REQUIREMENTS).read_bytes()
    (tmp_path / REQUIREMENTS).write_bytes("\ufeff".encode() + rules)
    assert load(file).requirements == load().requirements
