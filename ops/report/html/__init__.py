"""The page of the monthly report: one file, without scripts, that loads nothing."""
