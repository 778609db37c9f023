"""Telling a person how far a run has come, on standard error."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from conformance.runner.plan import Part, Progress


@contextmanager
def shown_on(stream: TextIO) -> Iterator[Progress]:
    """Yield a callback that shows a bar on a terminal and plain lines elsewhere."""
    if stream.isatty():
        with _bar(stream) as callback:
            yield callback
    else:
        yield _lines(stream)


@contextmanager
def _bar(stream: TextIO) -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    from conformance.report.render.console import console_for

    columns = (TextColumn("{task.description:<24}"), BarColumn(bar_width=30), MofNCompleteColumn())
    with Bar(*columns, console=console_for(stream), transient=True) as bar:
        task = bar.add_task("first request", total=None)

        def update(part: Part, done: int, total: int) -> None:
            bar.update(task, description=str(part), completed=done, total=total)
            if done == 0:
                bar.refresh()

        yield update


def _lines(stream: TextIO) -> Progress:
    lock = threading.Lock()

    def tell(part: Part, done: int, total: int) -> None:
        if done == 0:
            # Nobody may be there to be told, and no room for it.
            with lock, suppress(OSError):
                stream.write(f"asking {part}: {total} requests\n")
                stream.flush()

    return tell
