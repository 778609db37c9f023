"""What renderers for the terminal print."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from conformance.report.render.console import console_for


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def printed(
    render: Callable[..., object],
    result: object,
    *more: object,
    columns: int = 0,
    stream: io.StringIO | None = None,
    **options: Any,
) -> str:
    """Return what is printed into a stream that is by default not a terminal."""
    stream = stream or io.StringIO()
    console = console_for(stream)
    console.width = columns or console.width
    render(result, console, *more, **options)
    return stream.getvalue()
