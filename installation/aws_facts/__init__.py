"""What AWS does and takes, as data: both the stacks and the embedded AWS are held to it."""
