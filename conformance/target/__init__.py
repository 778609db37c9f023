"""The server under test: the only room that does network I/O or holds a credential."""
