"""The database of the month, and how its data gets to the next month."""
