"""Judging: one module per family of requirements, the detectors they share, and the verdicts."""
