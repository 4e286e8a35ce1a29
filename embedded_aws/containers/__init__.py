"""Containers on this machine: the engine that runs them, images made of the machine's own programs, their network."""
