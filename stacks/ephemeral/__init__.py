"""Stacks that are destroyed at the end of the month."""
