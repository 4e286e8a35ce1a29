"""What an attacker tries with what is another project's."""

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
# -- take what is another project's, although its name begins like one of this project's, by ...
OTHERS: list[Way] = [
    ("execution", "iam", "update_assume_role_policy", {"RoleName": OTHERS_ROLE, "PolicyDocument": OUTSIDER}),
    ("execution", "iam", "delete_role", {"RoleName": OTHERS_ROLE}),
    # One that says of nobody that it is his.
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
    # Or make ours another's, so that nobody here can delete it and the month does not end.
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
