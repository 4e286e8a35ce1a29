"""The installation as data: settings, names, permissions and facts of AWS. Imports neither the CDK nor boto3."""
