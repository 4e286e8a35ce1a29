"""What CloudFormation needs for resources that several stacks hold: buckets, functions, secrets, log groups."""

from typing import Final

from constructs_lib import names as stacks
from constructs_lib.identity.grants import Arns, Grant, of

OF_THIS_PROJECT: Final = "By the beginning of the name, which is this project's; the rest is given by CloudFormation."


def buckets(sid: str, *names: str, arns: Arns) -> tuple[Grant, ...]:
    """Buckets with their configuration, but nothing of what they hold."""
    return (
        Grant(
            sid=sid,
            actions=of(
                "s3",
                "CreateBucket DeleteBucket DeleteBucketPolicy GetAccelerateConfiguration "
                "GetAnalyticsConfiguration GetBucketAbac GetBucketAcl GetBucketCORS GetBucketLogging "
                "GetBucketNotification GetBucketObjectLockConfiguration GetBucketOwnershipControls "
                "GetBucketPolicy GetBucketPublicAccessBlock GetBucketTagging GetBucketVersioning GetBucketWebsite "
                "GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration "
                "GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration ListBucket "
                "ListTagsForResource PutBucketAcl PutBucketLogging PutBucketOwnershipControls PutBucketPolicy "
                "PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration "
                "PutLifecycleConfiguration TagResource UntagResource",
            ),
            resources=arns.buckets(*names),
        ),
    )


def functions(arns: Arns) -> tuple[Grant, ...]:
    """The functions behind custom resources, and calling them."""
    return (
        Grant(
            sid="Functions",
            actions=of(
                "lambda",
                "AddPermission CreateFunction DeleteFunction GetFunction GetFunctionCodeSigningConfig "
                "GetFunctionRecursionConfig GetRuntimeManagementConfig InvokeFunction ListTags RemovePermission "
                "TagResource UntagResource UpdateFunctionCode UpdateFunctionConfiguration",
            ),
            resources=arns.regional("lambda", *(f"function:{stack}-*" for stack in stacks.ALL_STACKS)),
            reason=OF_THIS_PROJECT,
        ),
        *log_groups(arns, "FunctionLogs", *(f"{stack}-*" for stack in stacks.ALL_STACKS)),
    )


def secret(arns: Arns, sid: str, name: str) -> tuple[Grant, ...]:
    """A secret by its name, or by the beginning of it."""
    return (
        Grant(
            sid=sid,
            actions=of(
                "secretsmanager",
                "CreateSecret DeleteSecret DescribeSecret GetSecretValue PutSecretValue TagResource UntagResource "
                "UpdateSecret",
            ),
            resources=arns.regional("secretsmanager", f"secret:{name}"),
            reason=OF_THIS_PROJECT,
        ),
    )


def log_groups(arns: Arns, sid: str, *names: str) -> tuple[Grant, ...]:
    """Log groups with retention and metric filters."""
    return (
        Grant(
            sid=sid,
            actions=of(
                "logs",
                "CreateLogGroup DeleteLogGroup DeleteMetricFilter DeleteRetentionPolicy "
                "DescribeMetricFilters GetDataProtectionPolicy ListTagsForResource PutMetricFilter "
                "PutRetentionPolicy TagResource UntagResource",
            ),
            resources=arns.regional("logs", *(f"log-group:{name}{end}" for name in names for end in ("", ":*"))),
            reason=OF_THIS_PROJECT,
        ),
    )


def alarms(arns: Arns) -> tuple[Grant, ...]:
    """Alarms, whose names begin with the project's."""
    return (
        Grant(
            sid="Alarms",
            actions=of(
                "cloudwatch",
                "DeleteAlarms DescribeAlarms ListTagsForResource PutMetricAlarm TagResource UntagResource",
            ),
            resources=arns.regional("cloudwatch", f"alarm:{arns.names.project}-*"),
            reason=OF_THIS_PROJECT,
        ),
    )
