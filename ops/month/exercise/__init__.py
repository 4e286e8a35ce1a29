"""Exercises: a fault on purpose, and how long it takes to be heard and to be over."""
