"""Exercises: a fault on purpose, and the time to the alarm and to recovery."""
