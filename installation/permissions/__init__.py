"""What each role may do, and the limits of every role, as data."""
