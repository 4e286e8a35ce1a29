"""Facts about AWS as data, for the stacks, the commands and the embedded AWS."""
