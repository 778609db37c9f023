"""What is said when the suite itself breaks."""

from __future__ import annotations

import errno

import pytest

from conformance.errors import internal_error_message


@pytest.mark.parametrize(
    ("error", "lacks"),
    [
        (MemoryError(), True),
        (RuntimeError("can't start new thread"), True),
        (OSError(errno.EMFILE, "Too many open files"), True),
        (RuntimeError("a secret"), False),
        (OSError(errno.EPIPE, "a secret"), False),
    ],
)
def test_a_machine_that_permits_too_little_is_not_a_bug(error: Exception, lacks: bool) -> None:
    message = internal_error_message(error)
    assert ("raise its limits" in message) is lacks
    assert ("This is a bug in conductor-conformance" in message) is not lacks
    assert "a secret" not in message
