"""Comparison of the reports of several runs, and detection of regressions."""
