"""The trail, which records every management call of the account."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct, IDependable

from constructs_lib.acknowledge import acknowledge_wildcards
from constructs_lib.arns import allow, arn_of, colon_arn
from constructs_lib.buckets import PrivateBucket
from constructs_lib.log_group import LogGroup
from installation.names import Names
from installation.settings.audit import AuditSettings

_LOCKS: Final = {"governance": s3.ObjectLockRetention.governance, "compliance": s3.ObjectLockRetention.compliance}


class AuditTrail(Construct):
    """A multi-region trail with its bucket, whose files can be proved unchanged, and its log group.

    Only management events: their first copy is free, while each data event costs money.

    Args:
        settings: how many days files and log lines are kept, and who may delete a file earlier.
        access_log_bucket: bucket that takes the trail bucket's access log; its policy must already allow that.

    Attributes:
        bucket: the trail's files.
        log_group: the same events, seconds to minutes after they happened.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        settings: AuditSettings,
        access_log_bucket: s3.IBucket,
    ) -> None:
        super().__init__(scope, construct_id)
        days = settings.retention_days
        # Versioned: validation shows that a file was deleted or replaced, versions bring it back.
        self.bucket = PrivateBucket(
            self,
            "TrailBucket",
            name=names.trail_bucket(cdk.Stack.of(self).account),
            expire_days=days,
            log_to=access_log_bucket,
            lock=_LOCKS[settings.trail_lock](cdk.Duration.days(days)),
        )
        # The records stay even if the stack's creation fails: CloudTrail writes as soon as there is a trail, and
        # boundaries deny deleting its files. A second creation imports the bucket again, as `hannibal bootstrap` does
        # and `cdk deploy --import-existing-resources`.
        retain = cdk.RemovalPolicy.RETAIN
        self.bucket.apply_removal_policy(retain)
        self._allow_delivery(trail_arn=arn_of(self, "cloudtrail", "trail", names.trail))
        self.log_group = LogGroup(self, "LogGroup", name=names.trail_log_group, days=days, removal=retain)
        role = self._log_role(names)
        # Not the L2 trail: it adds statements to the bucket that any trail of any account could use.
        self._trail = cloudtrail.CfnTrail(
            self,
            "Trail",
            trail_name=names.trail,
            s3_bucket_name=self.bucket.bucket_name,
            is_logging=True,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            cloud_watch_logs_log_group_arn=self.log_group.log_group_arn,
            cloud_watch_logs_role_arn=role.role_arn,
        )
        if self.bucket.policy:
            # CloudTrail checks that it may write before it creates the trail.
            self._trail.node.add_dependency(self.bucket.policy)
        # Nobody may delete a trail, not even CloudFormation: a rollback that had to would end in ROLLBACK_FAILED.
        self._trail.apply_removal_policy(retain)

    def after(self, *others: IDependable) -> None:
        """Create the trail after all of these.

        A creation that fails at one of them then leaves no trail whose role the rollback has deleted.
        """
        self._trail.node.add_dependency(*others)

    def _allow_delivery(self, *, trail_arn: str) -> None:
        """Let only this trail write (CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail")."""
        bucket, condition = self.bucket, {"aws:SourceArn": trail_arn}
        bucket.allow_service(
            "CloudTrailChecksTheBucket", "cloudtrail", "s3:GetBucketAcl", bucket.bucket_arn, {"StringEquals": condition}
        )
        bucket.allow_service(
            "CloudTrailWrites",
            "cloudtrail",
            "s3:PutObject",
            bucket.arn_for_objects(f"AWSLogs/{cdk.Aws.ACCOUNT_ID}/*"),
            {"StringEquals": condition | {"s3:x-amz-acl": "bucket-owner-full-control"}},
        )

    def _log_role(self, names: Names) -> iam.Role:
        """The role that writes the log group (CloudTrail user guide, "Role policy document for CloudTrail")."""
        account, region = cdk.Stack.of(self).account, cdk.Stack.of(self).region
        lines = f"{names.trail_log_group}:log-stream:{account}_CloudTrail_{region}*"
        writing = allow("logs:CreateLogStream logs:PutLogEvents", colon_arn(self, "logs", "log-group", lines))
        role = iam.Role(
            self,
            "LogRole",
            role_name=names.trail_role,
            description="CloudTrail writes its events to the log group that the security alarms read",
            # Without a condition: CloudTrail does not say for which account it acts. Another account's trail cannot
            # have this role, because only this account can pass it on.
            assumed_by=iam.ServicePrincipal("cloudtrail.amazonaws.com"),
            inline_policies={"WriteEvents": iam.PolicyDocument(statements=[writing])},
        )
        reason = "CloudTrail chooses the end of the stream's name; account, region and group are fixed."
        acknowledge_wildcards(role, {f"logs:log-group:{lines}": reason})
        return role
