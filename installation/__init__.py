"""The installation as data: settings, names and permissions. Imports neither the CDK nor boto3."""
