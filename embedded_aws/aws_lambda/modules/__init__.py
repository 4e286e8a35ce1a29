"""Modules that AWS puts beside the code of a Lambda function."""
