"""The self-test: the suite is tried on every server that it has to find out or to leave alone.

``trying`` has one server judged, ``trial`` compares the report with what was declared of it,
``worker`` does both in a process of its own, ``pool`` keeps several of these at work, ``matrix``
holds the results together, and ``job`` is the command.
"""
