"""Pages and files for people: the month's report, its bill, the permission review, drift, an exercise."""
