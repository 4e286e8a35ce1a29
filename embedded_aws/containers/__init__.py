"""Containers on this machine: their engine, images of the machine's own programs, and their network."""
