"""What changed between two versions of the contract, and whom it breaks.

``changes(old, new)`` compares two parsed documents; ``demanded(version, found)`` tells the least
version that the changes allow. Both are pure. The rules are told in spec/README.md.
"""

from __future__ import annotations

from spec_changes.change import Bump, Change, Side
from spec_changes.document import changes
from spec_changes.references import BrokenDocument
from spec_changes.version import Version, demanded

__all__ = ["BrokenDocument", "Bump", "Change", "Side", "Version", "changes", "demanded"]
