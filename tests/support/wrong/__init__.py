"""Servers that break the contract, each in one way; one module per family of requirements."""
