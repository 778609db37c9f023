"""Comparing this suite with what a user would pick instead, on the servers of the catalogue.

`benchmarks/compare.py` is the command. `tools` has a module for each tool; `subjects` are the
servers that are judged, `judging` brings the two together, `keeping` remembers what came of it,
`figures` counts it and `tables` shows it.
"""
