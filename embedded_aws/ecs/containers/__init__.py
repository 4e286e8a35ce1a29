"""Tasks whose containers really run, in the engine of this machine."""
