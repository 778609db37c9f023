"""Runs on disk: exchanges are written to HAR with redaction, read back, and judged again."""
