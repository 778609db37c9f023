"""HTML and Markdown pages: reading them, and opening them in a browser."""
