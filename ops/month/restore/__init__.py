"""Restores earlier rows within a month: a restored database gets the name of the month's database."""
