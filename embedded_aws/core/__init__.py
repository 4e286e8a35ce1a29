"""What the emulated services share: server context, HTTP, state, faults, changes to the emulator."""
