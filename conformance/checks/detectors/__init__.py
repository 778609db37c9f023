"""Detect model details, provider data, secrets and server internals in responses."""
