"""Permissions: what templates need, what roles are granted, and what they used."""
