"""Shared parts of the emulated services: server context, HTTP, state, faults, changes to the emulator."""
