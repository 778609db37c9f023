"""Holding reports of several runs side by side, and telling what became worse."""
