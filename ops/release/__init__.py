"""Releases: deploys an image to the running service, watches it to the end, with rollback and record."""
