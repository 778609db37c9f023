"""A run: which requests to send, sending them, judging the responses, and reporting."""
