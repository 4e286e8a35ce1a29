"""The pages that CloudFront serves."""
