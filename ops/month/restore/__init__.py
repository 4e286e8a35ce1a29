"""Back to rows of before, within the month: a database that was restored takes over the name of the month's."""
