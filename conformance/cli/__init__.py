"""The command line: one module per command, the options they share, and the entry point."""
