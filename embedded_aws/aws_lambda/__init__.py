"""Lambda functions as processes, with AWS's modules."""
