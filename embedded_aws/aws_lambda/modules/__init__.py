"""Modules that AWS adds to the code of a Lambda function."""
