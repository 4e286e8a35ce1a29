"""An attacker's attempts with another project's resources."""

from tests.support.embedded.attacker import (
    ACCOUNT,
    CODE,
    DATABASE_ARN,
    DOCUMENT,
    NOBODYS_ROLE,
    OTHERS_ROLE,
    OTHERS_SECRET,
    OTHERS_TAGS,
    OUTSIDER,
    PROJECT,
    Way,
)
from tests.support.embedded.identities import arn

_NARROW = f"arn:aws:iam::{ACCOUNT}:policy/HannibalECSBoundary"
_NARROW_ROLE = {"AssumeRolePolicyDocument": OUTSIDER, "PermissionsBoundary": _NARROW}
# -- take another project's resources, although their names begin like this project's, by ...
OTHERS: list[Way] = [
    ("execution", "iam", "update_assume_role_policy", {"RoleName": OTHERS_ROLE, "PolicyDocument": OUTSIDER}),
    ("execution", "iam", "delete_role", {"RoleName": OTHERS_ROLE}),
    # A resource without a project tag.
    ("execution", "iam", "tag_role", {"RoleName": NOBODYS_ROLE, "Tags": [{"Key": "Project", "Value": PROJECT}]}),
    ("execution", "iam", "update_assume_role_policy", {"RoleName": NOBODYS_ROLE, "PolicyDocument": OUTSIDER}),
    (
        "execution",
        "iam",
        "put_role_policy",
        {"RoleName": NOBODYS_ROLE, "PolicyName": "x", "PolicyDocument": DOCUMENT},
    ),
    ("execution", "iam", "delete_role_permissions_boundary", {"RoleName": NOBODYS_ROLE}),
    ("execution", "iam", "create_role", {"RoleName": "NetworkStack-New", **_NARROW_ROLE}),
    (
        "execution",
        "lambda",
        "create_function",
        {"FunctionName": "ComputeStack-x", "Role": arn(NOBODYS_ROLE), **CODE},
    ),
    ("execution", "iam", "delete_role", {"RoleName": NOBODYS_ROLE}),
    ("execution", "secretsmanager", "get_secret_value", {"SecretId": OTHERS_SECRET}),
    (
        "execution",
        "secretsmanager",
        "tag_resource",
        {"SecretId": OTHERS_SECRET, "Tags": [{"Key": "Project", "Value": "nestjs-hannibal-3"}]},
    ),
    ("execution", "secretsmanager", "untag_resource", {"SecretId": OTHERS_SECRET, "TagKeys": ["Project"]}),
    ("running", "secretsmanager", "get_secret_value", {"SecretId": OTHERS_SECRET}),
    (
        "execution",
        "ssm",
        "add_tags_to_resource",
        {
            "ResourceType": "Parameter",
            "ResourceId": "/another/key",
            "Tags": [{"Key": "Project", "Value": "nestjs-hannibal-3"}],
        },
    ),
    # Or give this project's resource to another project, so that it cannot be deleted and the month does not end.
    *(
        (who, "rds", "add_tags_to_resource", {"ResourceName": DATABASE_ARN, "Tags": OTHERS_TAGS})
        for who in ("execution", "developer")
    ),
    ("execution", "secretsmanager", "tag_resource", {"SecretId": "hannibal/db/password", "Tags": OTHERS_TAGS}),
    (
        "running",
        "ssm",
        "add_tags_to_resource",
        {"ResourceType": "Parameter", "ResourceId": "/hannibal/release/current", "Tags": OTHERS_TAGS},
    ),
    (
        "execution",
        "secretsmanager",
        "create_secret",
        {"Name": "Connection-x", "SecretString": "x", "Tags": OTHERS_TAGS},
    ),
]
