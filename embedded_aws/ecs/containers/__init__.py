"""Tasks whose containers run in the container engine of this machine."""
