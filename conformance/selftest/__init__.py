"""The self-test: run the suite on every faulty server and every unusual but legal one.

``trying`` judges one server, and ``trial`` compares the report with the server's declaration. Both
run in worker processes (``worker``), which ``pool`` manages. ``matrix`` collects the results.
"""
