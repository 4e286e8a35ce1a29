"""Lambda functions as processes, with the modules that AWS gives them."""
