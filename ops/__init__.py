"""The operations command: one package per subject, with functions that return data; `ops.cli` parses and prints."""
