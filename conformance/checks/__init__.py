"""Judge evidence: a module per family of requirements, shared detectors, and verdicts."""
