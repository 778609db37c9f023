"""The server under test: the only package that does network I/O or holds credentials."""
