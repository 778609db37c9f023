"""What was requested and returned, and what follows from that alone; pure functions."""
