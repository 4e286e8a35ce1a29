"""Releases: an image goes into the running service, watched to the end, with a way back and a record."""
