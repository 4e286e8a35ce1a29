"""Where the data of the month lives, and how it gets to the next."""
