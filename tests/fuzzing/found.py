"""What fuzzing has found: inputs that broke something once, kept beside this module."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent / "found"


def name_of(target: str, data: bytes) -> str:
    """Return the name under which an input of a target is kept."""
    return f"{target}-{hashlib.sha256(data).hexdigest()[:12]}"


def inputs(target: str) -> Iterator[bytes]:
    """Yield every input that broke a target once."""
    for path in sorted(FOLDER.glob(f"{target}-*")):
        yield path.read_bytes()
