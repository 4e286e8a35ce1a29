"""CloudFront, between users and the system."""
