"""Clients of the endpoint that are known to be correct, broken or odd, to try a judge on.

Each is a small process: ``python -m conformance.reference.clients NAME``. They are written from the
documentation alone, with the standard library, and share no code with the judge or the reference
server, so that no two of the three can make the same mistake.
"""
