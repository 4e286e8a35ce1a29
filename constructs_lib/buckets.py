"""The rules that every bucket of the platform keeps."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.stack import KEEP


class PrivateBucket(s3.Bucket):
    """A bucket that outlives its stack: private, encrypted, TLS only, cleaned up by age.

    A replaced or deleted object is kept for another 30 days. Logs have versions too: whoever may delete a log file
    may not delete its versions.

    Args:
        name: the bucket's name, with the account number, because S3 names are global.
        expire_days: days after which objects are deleted; None keeps them.
        log_to: bucket that takes its access log; None for a bucket of logs.
        accepts_acls: for CloudFront's standard logs, which are delivered by ACL (CloudFront developer guide,
            "Required permissions for standard logging").
        lock: how long each version is locked against deletion, and who may lift the lock; None: no lock.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        expire_days: int | None = None,
        log_to: s3.IBucket | None = None,
        accepts_acls: bool = False,
        lock: s3.ObjectLockRetention | None = None,
    ) -> None:
        ownership = s3.ObjectOwnership
        # The same rule deletes the delete markers of expired objects (Amazon S3 API, LifecycleExpiration).
        rule = s3.LifecycleRule(
            expiration=cdk.Duration.days(expire_days) if expire_days else None,
            noncurrent_version_expiration=cdk.Duration.days(30),
            abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
        )
        super().__init__(
            scope,
            construct_id,
            bucket_name=name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            object_ownership=ownership.BUCKET_OWNER_PREFERRED if accepts_acls else ownership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[rule],
            server_access_logs_bucket=log_to,
            server_access_logs_prefix=f"s3/{construct_id}/" if log_to else None,
            object_lock_default_retention=lock,
            removal_policy=KEEP,
        )

    def allow_service(
        self, sid: str, service: str, action: str, resource: str, conditions: dict[str, dict[str, str]] | None = None
    ) -> None:
        """Let an AWS service act on the bucket."""
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                actions=[action],
                resources=[resource],
                conditions=conditions,
            )
        )


class AccessLogBucket(PrivateBucket):
    """A bucket that takes access logs of this account's buckets, also of buckets in other stacks.

    Source: S3 user guide, "Permissions for log delivery".
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, expire_days: int, accepts_acls: bool = False
    ) -> None:
        super().__init__(scope, construct_id, name=name, expire_days=expire_days, accepts_acls=accepts_acls)
        acknowledge(self, {"AwsSolutions-S1": "It holds the access logs; logging it would log the logging."})
        this_account = {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}}
        self.allow_service("BucketLogs", "logging.s3", "s3:PutObject", self.arn_for_objects("s3/*"), this_account)
