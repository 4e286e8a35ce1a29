"""moto, another emulation of AWS, as a second opinion on the values that the command reads."""
