"""Stacks that outlive the month."""
