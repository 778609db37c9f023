"""Renderers, one per output format. Each depends only on the report."""
