"""Plumbing that knows neither HTTP nor the contract: text, files, strict JSON, YAML and signals."""
