"""Where the checkout is, for tests that read its documents, tools and published files."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
