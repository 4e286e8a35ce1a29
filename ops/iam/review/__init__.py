"""What a role is granted against what CloudTrail says it used."""
