"""One module per command: it parses, calls functions of `ops` and prints what they return."""
