"""An attacker's attempts with a developer's session, which deploys nothing, but reads and restores data."""

from collections.abc import Mapping
from typing import Any

from tests.support.embedded.attacker import (
    ACCOUNT,
    ALARM,
    CICD,
    CODE,
    DATABASE_ARN,
    DEPLOY,
    DOCUMENT,
    EMPTY,
    OUTSIDER,
    PROJECT,
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
from tests.support.embedded.attempts_by_contents import EXPIRING
from tests.support.embedded.identities import arn

_DATABASE = f"{PROJECT}-db"
_PUT_ASIDE = f"{_DATABASE}-before-20261126-090000"
_ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
_WAYS: list[tuple[str, str, Mapping[str, Any]]] = [
    # -- get more permissions, or keep access, by ...
    ("sts", "assume_role", {"RoleArn": arn(DEPLOY), "RoleSessionName": "attacker"}),
    ("iam", "put_role_policy", {"RoleName": CICD, "PolicyName": "x", "PolicyDocument": DOCUMENT}),
    ("iam", "update_assume_role_policy", {"RoleName": CICD, "PolicyDocument": OUTSIDER}),
    ("iam", "create_access_key", {"UserName": "attacker"}),
    ("cloudformation", "update_stack", {"StackName": "ComputeStack", **EMPTY}),
    ("cloudformation", "delete_stack", {"StackName": "StorageStack"}),
    ("s3", "put_object", {"Bucket": _ASSETS, "Key": "x.json", "Body": b"{}"}),
    ("lambda", "create_function", {"FunctionName": "ComputeStack-x", "Role": arn(CICD), **CODE}),
    # He may pass the role of pauses only to a schedule.
    ("lambda", "create_function", {"FunctionName": "ComputeStack-x", "Role": arn(f"{PROJECT}-pause"), **CODE}),
    (
        "ecs",
        "register_task_definition",
        {"family": f"{PROJECT}-api-task", "containerDefinitions": [], "taskRoleArn": arn(TRAIL_ROLE)},
    ),
    (
        "fis",
        "create_experiment_template",
        {"description": "x", "stopConditions": [{"source": "none"}], "actions": {}, "roleArn": arn(CICD)},
    ),
    # -- erase the evidence, by ...
    ("cloudtrail", "stop_logging", {"Name": TRAIL}),
    ("s3", "delete_object", {"Bucket": TRAIL_BUCKET, "Key": "AWSLogs/x.json.gz"}),
    ("logs", "delete_log_group", {"logGroupName": TRAIL_GROUP}),
    ("cloudwatch", "disable_alarm_actions", {"AlarmNames": [ALARM]}),
    ("cloudwatch", "disable_alarm_actions", {"AlarmNames": [f"{PROJECT}-no-healthy-target", ALARM]}),
    ("cloudwatch", "set_alarm_state", {"AlarmName": ALARM, "StateValue": "OK", "StateReason": "x"}),
    ("sns", "publish", {"TopicArn": TOPIC, "Message": "all is well"}),
    ("sns", "subscribe", {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": "attacker@example.com"}),
    # -- destroy the data or take it out of the account, by ...
    ("rds", "delete_db_instance", {"DBInstanceIdentifier": _DATABASE, "SkipFinalSnapshot": True}),
    ("rds", "delete_db_snapshot", {"DBSnapshotIdentifier": SNAPSHOT}),
    ("rds", "add_tags_to_resource", {"ResourceName": SNAPSHOT_ARN, "Tags": PRUNABLE}),
    ("rds", "add_tags_to_resource", {"ResourceName": DATABASE_ARN, "Tags": PRUNABLE}),
    (
        "rds",
        "modify_db_snapshot_attribute",
        {"DBSnapshotIdentifier": SNAPSHOT, "AttributeName": "restore", "ValuesToAdd": ["111122223333"]},
    ),
    (
        "rds",
        "copy_db_snapshot",
        {"SourceDBSnapshotIdentifier": SNAPSHOT, "TargetDBSnapshotIdentifier": f"{_DATABASE}-copy"},
    ),
    # -- read or change what he need not, by ...
    ("ssm", "get_parameter", {"Name": f"/{PROJECT}/secrets/jwt", "WithDecryption": True}),
    ("secretsmanager", "get_secret_value", {"SecretId": "another/project"}),
    ("secretsmanager", "put_secret_value", {"SecretId": "hannibal/db/password", "SecretString": "{}"}),
    # -- have a secret of the containers deleted later, by ...
    ("ssm", "put_parameter", {"Name": f"/{PROJECT}/secrets/jwt", **EXPIRING}),
]
BY_DEVELOPER: list[Way] = [("developer", *it) for it in _WAYS]

# He may rename the month's database, and delete databases with names of those that a restore has renamed: that is what
# a restore does. Calls for missing databases are recorded too.
DEVELOPERS_TRACES: list[tuple[str, str, Mapping[str, Any], str]] = [
    (
        "rds",
        "modify_db_instance",
        {"DBInstanceIdentifier": f"{_DATABASE}-restored", "NewDBInstanceIdentifier": _PUT_ASIDE},
        "EvidenceChange",
    ),
    (
        "rds",
        "delete_db_instance",
        {"DBInstanceIdentifier": _PUT_ASIDE, "SkipFinalSnapshot": True},
        "EvidenceChange",
    ),
    # ... and by a name that nobody of this project may touch, so that the month's end finds no database.
    (
        "rds",
        "modify_db_instance",
        {"DBInstanceIdentifier": f"{_DATABASE}-restored", "NewDBInstanceIdentifier": "another"},
        "EvidenceChange",
    ),
]
