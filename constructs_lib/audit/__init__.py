"""What records and analyses the calls that were made in the account."""
