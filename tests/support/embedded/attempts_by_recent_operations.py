"""An attacker's attempts by operations that AWS added in the last few years and that the product does not use."""

from tests.support.embedded.attacker import ACCOUNT, CICD, DATABASE_ARN, DOCUMENT, PROJECT, REGION, TRAIL_GROUP, Way
from tests.support.embedded.identities import arn

_OUTSIDE = "111122223333"
_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:hannibal/db/password-abcdef"

# -- have something run with another role, by ...
_RUNNING: list[Way] = [
    ("cicd", "ecs", "create_express_gateway_service", {"infrastructureRoleArn": arn(CICD)}),
    ("execution", "ecs", "create_express_gateway_service", {"infrastructureRoleArn": arn(CICD)}),
    (
        "execution",
        "logs",
        "create_scheduled_query",
        {
            "name": f"{PROJECT}-x",
            "queryLanguage": "CWLI",
            "queryString": "fields @message",
            "scheduleExpression": "cron(0 * * * ? *)",
            "executionRoleArn": arn(CICD),
        },
    ),
]
# -- get lasting access to CloudFormation, IAM or STS, by ...
_STAYING: list[Way] = [
    ("deploy", "cloudformation", "create_generated_template", {"GeneratedTemplateName": "attacker"}),
    ("deploy", "cloudformation", "import_stacks_to_stack_set", {"StackSetName": "attacker"}),
    ("execution", "iam", "enable_outbound_web_identity_federation", {}),
    ("cicd", "sts", "get_web_identity_token", {"Audience": ["https://attacker.example"], "SigningAlgorithm": "RS256"}),
]
# -- give an outsider access, read data without permission, or send it to himself, by ...
_OPENING: list[Way] = [
    ("execution", "secretsmanager", "rotate_secret", {"SecretId": "hannibal/db/password"}),
    ("execution", "rds", "start_activity_stream", {"ResourceArn": DATABASE_ARN, "Mode": "async", "KmsKeyId": "x"}),
    (
        "execution",
        "rds",
        "add_role_to_db_instance",
        {"DBInstanceIdentifier": f"{PROJECT}-db", "RoleArn": arn(CICD), "FeatureName": "s3Export"},
    ),
    (
        "execution",
        "rds",
        "create_integration",
        {
            "SourceArn": DATABASE_ARN,
            "TargetArn": f"arn:aws:redshift-serverless:{REGION}:{_OUTSIDE}:namespace/x",
            "IntegrationName": "attacker",
        },
    ),
    ("cicd", "rds-data", "execute_statement", {"resourceArn": DATABASE_ARN, "secretArn": _SECRET, "sql": "SELECT 1"}),
    ("execution", "logs", "put_data_protection_policy", {"logGroupIdentifier": TRAIL_GROUP, "policyDocument": "{}"}),
    (
        "execution",
        "logs",
        "put_delivery_source",
        {"name": "attacker", "resourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/X", "logType": "ACCESS_LOGS"},
    ),
    (
        "execution",
        "cloudfront",
        "create_vpc_origin",
        {
            "VpcOriginEndpointConfig": {
                "Name": "attacker",
                "Arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1",
                "HTTPPort": 80,
                "HTTPSPort": 443,
                "OriginProtocolPolicy": "http-only",
            }
        },
    ),
    (
        "cicd",
        "ecr",
        "create_pull_through_cache_rule",
        {"ecrRepositoryPrefix": PROJECT, "upstreamRegistryUrl": "public.ecr.aws"},
    ),
    (
        "execution",
        "ecr",
        "create_repository_creation_template",
        {"prefix": "ROOT", "appliedFor": ["CREATE_ON_PUSH"], "repositoryPolicy": DOCUMENT},
    ),
]
BY_RECENT_OPERATIONS = [*_RUNNING, *_STAYING, *_OPENING]
