"""The self-test: run the suite on every faulty server and every unusual but legal one.

``server_run`` judges one server, and ``trial`` compares the report with the declaration of the
server. Both run in worker processes (``worker``), which ``pool`` manages. ``matrix`` collects the
results.
"""
