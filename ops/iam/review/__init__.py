"""Compares the permissions of a role with its use in CloudTrail."""
