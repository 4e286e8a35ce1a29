"""AWS on this machine, for rehearsals and tests."""
