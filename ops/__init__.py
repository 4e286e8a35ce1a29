"""The operations command."""
