"""The operations command: one module a subject, with functions that return data; `ops.cli` parses and prints."""
