"""Giving the memory of large answers back as soon as they are dropped."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache

_THRESHOLD = -3
"""What the C library calls M_MMAP_THRESHOLD."""
_BYTES = 1 << 20


@cache
def give_back() -> None:
    """Let every buffer of a megabyte or more have memory of its own, which goes when it does.

    The C library of Linux would keep what was freed once for the next one, for each thread, and
    answers of different sizes would leave holes in it. Elsewhere nothing is done.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_THRESHOLD, _BYTES)
