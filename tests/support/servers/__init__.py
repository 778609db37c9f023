"""Servers for tests: plain, hostile and leaking ones, over real sockets."""
