"""GitHub Actions: whether a run takes place there, and the page of its summary."""

from __future__ import annotations

import os
from collections.abc import Mapping

from conformance.errors import UsageError

INSIDE = "GITHUB_ACTIONS"
SUMMARY = "GITHUB_STEP_SUMMARY"


def summary_file(environment: Mapping[str, str]) -> str | None:
    """Return the file of the step's summary; ``None`` outside GitHub Actions."""
    return (environment.get(SUMMARY) or None) if environment.get(INSIDE) == "true" else None


def append(path: str, text: str) -> None:
    """Append to the summary, to which earlier commands of the step may have written.

    Raises:
        UsageError: the file cannot be written.
    """
    # Nor does it wait for someone who reads a pipe.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(os.open(path, flags, 0o666), "w", encoding="utf-8") as stream:  # noqa: PTH123
            stream.write(text)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"the summary cannot be written to ${SUMMARY} ({reason}); "
            "--markdown FILE writes it elsewhere"
        ) from error
