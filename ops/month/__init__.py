"""A month from start to stop: its state, checks, snapshots and leftovers."""
