"""Exercises: inject a fault, and measure the time to the alarm and to recovery."""
