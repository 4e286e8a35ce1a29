"""The constructs that the stacks are made of, and the settings, names and lifecycle that all of them share."""
