"""Running the command and other programs as processes, and measuring them."""
