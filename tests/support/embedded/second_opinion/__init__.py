"""moto, another emulation of AWS by other people, as a second opinion on what the command reads."""
