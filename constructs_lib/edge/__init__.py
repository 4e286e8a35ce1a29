"""What stands between users and the system: CloudFront."""
