"""The result of a self-test as JSON, as ``spec/self-test.schema.json`` describes it."""

from __future__ import annotations

import json

from conformance.selftest.matrix import Matrix


def render(matrix: Matrix) -> str:
    """Return the result as indented JSON text in ASCII, so that no encoding can spoil it."""
    return json.dumps(matrix.as_dict(), indent=2) + "\n"
