"""Cost Explorer, with a bill computed from what existed."""
