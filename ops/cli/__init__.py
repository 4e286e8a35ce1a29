"""The command line: parses arguments and prints results; other packages of `ops` do the work."""
