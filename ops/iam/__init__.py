"""Permissions from three sides: what templates need, what roles are granted, what was used."""
