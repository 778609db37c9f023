"""What every test needs: no server but its own, no settings of the person who runs it."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the variables that name a server or a credential, or change how output looks."""
    for name in os.environ:
        if name.startswith("CONDUCTOR_") or name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)
