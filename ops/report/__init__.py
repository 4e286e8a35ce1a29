"""What people keep as a page or a file: the month, its bill, the permission review, drift, an exercise."""
