"""Lets ``python -m conformance`` do what ``conductor-conformance`` does."""

from conformance.cli import main

main()
