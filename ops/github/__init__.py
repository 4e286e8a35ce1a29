"""What the GitHub workflows decide and report, as functions that are tested here."""
