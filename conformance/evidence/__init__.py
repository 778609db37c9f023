"""The requests and responses of a run, and conclusions from them alone; pure functions."""
