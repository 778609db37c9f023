"""Servers that others could have written, on real parts, and what is judged of them."""
