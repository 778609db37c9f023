"""Compare two versions of the contract: what changed, and whom each change breaks.

``changes(old, new)`` compares two parsed documents; ``demanded(version, found)`` returns the lowest
version that the changes allow. Both are pure functions. spec/README.md documents the rules.
"""

from __future__ import annotations

from spec_changes.change import Bump, Change, Side
from spec_changes.document import changes
from spec_changes.references import BrokenDocument
from spec_changes.version import Version, demanded

__all__ = ["BrokenDocument", "Bump", "Change", "Side", "Version", "changes", "demanded"]
