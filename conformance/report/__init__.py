"""The result of a run: conclusion, baseline, output formats, and comparison of reports."""
