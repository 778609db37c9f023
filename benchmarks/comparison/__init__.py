"""Compare this suite with other tools, on the servers of the catalogue.

`benchmarks/compare.py` is the command. `tools` has a module for each tool, and `subjects` lists the
servers. `judging` runs the tools on the servers, `keeping` stores the results, `figures` counts
them and `tables` formats them.
"""
