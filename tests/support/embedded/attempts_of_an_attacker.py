"""An attacker's first attempts: each is an identity, an operation and its arguments."""

from tests.support.embedded.attacker import (
    ACCOUNT,
    ADMINISTRATOR,
    ADMINISTRATORS_BUCKET,
    ALARM,
    CICD,
    CODE,
    DATABASE_ARN,
    DEPLOY,
    DOCUMENT,
    EMPTY,
    EVERYTHING,
    EXECUTION,
    LOOKUP,
    OUTSIDER,
    POLICY,
    PRUNABLE,
    REGION,
    SNAPSHOT,
    SNAPSHOT_ARN,
    TOPIC,
    TRAIL,
    TRAIL_BUCKET,
    TRAIL_GROUP,
    TRAIL_ROLE,
    Way,
)
from tests.support.embedded.identities import arn

# -- become an administrator, by ...
ADMINISTRATION: list[Way] = [
    ("cicd", "iam", "create_user", {"UserName": "attacker"}),
    ("cicd", "iam", "create_access_key", {"UserName": "attacker"}),
    (
        "cicd",
        "iam",
        "create_role",
        {"RoleName": "nestjs-hannibal-3-new-password", "AssumeRolePolicyDocument": OUTSIDER},
    ),
    ("cicd", "iam", "attach_role_policy", {"RoleName": CICD, "PolicyArn": EVERYTHING}),
    ("cicd", "sts", "assume_role", {"RoleArn": arn(ADMINISTRATOR), "RoleSessionName": "attacker"}),
    ("cicd", "sts", "assume_role", {"RoleArn": arn(EXECUTION), "RoleSessionName": "attacker"}),
    ("cicd", "sts", "assume_role", {"RoleArn": arn(LOOKUP), "RoleSessionName": "attacker"}),
    ("cicd", "s3", "put_object", {"Bucket": ADMINISTRATORS_BUCKET, "Key": "IdentityStack/x.json", "Body": b"{}"}),
    ("publish", "s3", "put_object", {"Bucket": ADMINISTRATORS_BUCKET, "Key": "IdentityStack/x.json", "Body": b"{}"}),
    ("publish", "sts", "assume_role", {"RoleArn": arn(ADMINISTRATOR), "RoleSessionName": "attacker"}),
    ("deploy", "s3", "put_object", {"Bucket": ADMINISTRATORS_BUCKET, "Key": "IdentityStack/x.json", "Body": b"{}"}),
    *(
        ("deploy", "cloudformation", "create_change_set", {"StackName": stack, "ChangeSetName": "attacker", **EMPTY})
        for stack in ("IdentityStack", "AuditStack", "CDKToolkit", "CDKToolkit-Admin")
    ),
    ("deploy", "cloudformation", "update_stack", {"StackName": "IdentityStack", **EMPTY}),
    ("deploy", "cloudformation", "create_stack", {"StackName": "AnotherStack", **EMPTY}),
    ("deploy", "cloudformation", "execute_change_set", {"StackName": "IdentityStack", "ChangeSetName": "reviewed"}),
    *(
        ("deploy", "cloudformation", "delete_change_set", {"StackName": stack, "ChangeSetName": name})
        for stack in ("IdentityStack", "CDKToolkit-Admin")
        for name in (
            "hannibal-bootstrap-0123456789ab",
            f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:changeSet/hannibal-bootstrap-0123456789ab/x",
        )
    ),
    (
        "deploy",
        "cloudformation",
        "create_change_set",
        {
            "StackName": "ComputeStack",
            "ChangeSetName": "attacker",
            "ChangeSetType": "CREATE",
            "RoleARN": arn(ADMINISTRATOR),
            **EMPTY,
        },
    ),
    *(
        (
            "execution",
            "iam",
            "create_role",
            {"RoleName": "nestjs-hannibal-3-new-password", "AssumeRolePolicyDocument": OUTSIDER} | it,
        )
        for it in (
            {},
            {"PermissionsBoundary": f"{POLICY}/HannibalCICDBoundary"},
            {"PermissionsBoundary": f"{POLICY}/HannibalDeployBoundary"},
            {"PermissionsBoundary": EVERYTHING},
        )
    ),
    ("execution", "iam", "attach_role_policy", {"RoleName": EXECUTION, "PolicyArn": EVERYTHING}),
    ("execution", "iam", "put_role_policy", {"RoleName": CICD, "PolicyName": "x", "PolicyDocument": DOCUMENT}),
    ("execution", "iam", "delete_role_permissions_boundary", {"RoleName": EXECUTION}),
    (
        "execution",
        "iam",
        "create_policy_version",
        {"PolicyArn": f"{POLICY}/HannibalECSBoundary", "PolicyDocument": DOCUMENT, "SetAsDefault": True},
    ),
    ("execution", "lambda", "create_function", {"FunctionName": "ComputeStack-x", "Role": arn(ADMINISTRATOR), **CODE}),
    ("execution", "lambda", "create_function", {"FunctionName": "ComputeStack-x", "Role": arn(CICD), **CODE}),
    (
        "running",
        "iam",
        "create_role",
        {"RoleName": "nestjs-hannibal-3-new-password", "AssumeRolePolicyDocument": OUTSIDER},
    ),
    ("running", "sts", "assume_role", {"RoleArn": arn(DEPLOY), "RoleSessionName": "attacker"}),
]
# -- keep access after the credentials are withdrawn, by ...
STAYING: list[Way] = [
    ("cicd", "iam", "update_assume_role_policy", {"RoleName": CICD, "PolicyDocument": OUTSIDER}),
    ("execution", "iam", "update_assume_role_policy", {"RoleName": CICD, "PolicyDocument": OUTSIDER}),
    ("execution", "iam", "update_assume_role_policy", {"RoleName": DEPLOY, "PolicyDocument": OUTSIDER}),
    ("execution", "iam", "create_user", {"UserName": "attacker"}),
    ("execution", "iam", "create_access_key", {"UserName": "attacker"}),
    (
        "execution",
        "iam",
        "create_open_id_connect_provider",
        {"Url": "https://attacker.example.com", "ClientIDList": ["sts.amazonaws.com"]},
    ),
    ("execution", "iam", "create_instance_profile", {"InstanceProfileName": "attacker"}),
    ("execution", "ec2", "run_instances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}),
]
# -- erase the evidence, by ...
EVIDENCE: list[Way] = [
    *(
        (who, service, operation, arguments)
        for who in ("cicd", "execution")
        for service, operation, arguments in (
            ("cloudtrail", "stop_logging", {"Name": TRAIL}),
            ("cloudtrail", "put_event_selectors", {"TrailName": TRAIL, "EventSelectors": []}),
            ("s3", "delete_object", {"Bucket": TRAIL_BUCKET, "Key": "AWSLogs/x.json.gz"}),
            ("s3", "put_bucket_policy", {"Bucket": TRAIL_BUCKET, "Policy": DOCUMENT}),
            ("s3", "delete_bucket_lifecycle", {"Bucket": TRAIL_BUCKET}),
            ("cloudwatch", "disable_alarm_actions", {"AlarmNames": [ALARM]}),
            ("cloudwatch", "delete_alarms", {"AlarmNames": [ALARM]}),
            ("logs", "delete_metric_filter", {"logGroupName": TRAIL_GROUP, "filterName": ALARM}),
            ("logs", "delete_log_group", {"logGroupName": TRAIL_GROUP}),
            ("sns", "delete_topic", {"TopicArn": TOPIC}),
            ("cloudtrail", "delete_trail", {"Name": TRAIL}),
        )
    ),
    ("publish", "s3", "delete_object", {"Bucket": TRAIL_BUCKET, "Key": "AWSLogs/x.json.gz"}),
    ("deploy", "cloudformation", "update_stack", {"StackName": "AuditStack", **EMPTY}),
    ("deploy", "cloudformation", "delete_stack", {"StackName": "AuditStack"}),
    *(
        (
            "deploy",
            "cloudformation",
            "update_termination_protection",
            {"StackName": stack, "EnableTerminationProtection": False},
        )
        for stack in ("AuditStack", "ArtifactStack")
    ),
    ("running", "logs", "create_log_stream", {"logGroupName": TRAIL_GROUP, "logStreamName": "forged"}),
    # Without this role no line reaches the log group, so no alarm reports this either.
    *(
        ("execution", "iam", operation, {"RoleName": TRAIL_ROLE, **more})
        for operation, more in (
            ("delete_role_policy", {"PolicyName": "x"}),
            ("detach_role_policy", {"PolicyArn": EVERYTHING}),
            ("delete_role", {}),
        )
    ),
]
# -- destroy the last copy of the data, by ...
DATA: list[Way] = [
    *(
        (who, "rds", "delete_db_snapshot", {"DBSnapshotIdentifier": SNAPSHOT})
        for who in ("cicd", "execution", "running")
    ),
    *(
        (who, "rds", "add_tags_to_resource", {"ResourceName": SNAPSHOT_ARN, "Tags": PRUNABLE})
        for who in ("cicd", "execution")
    ),
    ("execution", "rds", "add_tags_to_resource", {"ResourceName": DATABASE_ARN, "Tags": PRUNABLE}),
    # A database that a restore has renamed may have the only copy of some rows.
    *(
        (who, "rds", operation, {"DBInstanceIdentifier": "nestjs-hannibal-3-db-before-20261126-090000", **more})
        for who in ("cicd", "execution", "running")
        for operation, more in (
            ("delete_db_instance", {"SkipFinalSnapshot": True}),
            ("modify_db_instance", {"DeletionProtection": False}),
        )
    ),
    (
        "execution",
        "rds",
        "modify_db_snapshot_attribute",
        {"DBSnapshotIdentifier": SNAPSHOT, "AttributeName": "restore", "ValuesToAdd": ["111122223333"]},
    ),
    ("running", "secretsmanager", "get_secret_value", {"SecretId": "another/project"}),
    ("execution", "secretsmanager", "get_secret_value", {"SecretId": "another/project"}),
]
