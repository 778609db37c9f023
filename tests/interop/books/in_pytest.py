"""What a user of Schemathesis's pytest API writes; the URL comes from a variable."""

import os
from pathlib import Path

import schemathesis

from conformance import schemathesis_hooks

CHECKS = [schemathesis_hooks.filters_keep_their_meaning, schemathesis_hooks.filters_lose_nothing]

schema = schemathesis.openapi.from_path(Path(__file__).with_name("openapi.yaml"))
schema.config.update(base_url=os.environ["BOOKS_URL"])
schema.config.generation.update(max_examples=10, database="none", deterministic=True)


@schema.parametrize()
def test_books(case):
    case.call_and_validate(checks=CHECKS)
