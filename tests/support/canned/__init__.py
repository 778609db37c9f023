"""Exchanges, evidence, contracts and reports made by hand."""
