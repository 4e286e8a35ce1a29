"""Cost Explorer, with costs computed from the resources that existed."""
