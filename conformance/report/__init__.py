"""The result of a run: conclusion, baseline, output formats, and reports side by side."""
