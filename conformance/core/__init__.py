"""General helpers for text, files, JSON, YAML and signals; independent of HTTP and contract."""
