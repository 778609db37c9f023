"""Renderers: each makes one output format from a report and knows nothing else."""
