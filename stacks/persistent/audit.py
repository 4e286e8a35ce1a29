"""AuditStack: who did what in the account, kept and queryable."""

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.audit.alarms import SecurityAlarms
from constructs_lib.audit.catalogue import AuditCatalogue
from constructs_lib.audit.named_queries import NamedQueries
from constructs_lib.audit.trail import AuditTrail
from constructs_lib.audit.workgroup import AuditWorkgroup
from constructs_lib.stack import HannibalStack, Lifecycle
from installation.cloudtrail_schema import table_location
from installation.settings import Settings


class AuditStack(HannibalStack):
    """The trail with its alarms, and Athena over its files.

    Args:
        scope: the application.
        construct_id: the stack's name.
        settings: the installation's settings; without ``audit.create_trail`` only the analysis is made, over the files
            of the trail that the account already has.
        alert_topic: who is told of security events.
        access_log_bucket: bucket of access logs.
    """

    lifecycle = Lifecycle.PERSISTENT

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        alert_topic: sns.ITopic,
        access_log_bucket: s3.IBucket,
    ) -> None:
        super().__init__(
            scope, construct_id, settings=settings, description="CloudTrail, security alarms and Athena over both"
        )
        # By name: CDK would write a statement about our buckets into the policy of a bucket object, so that its stack
        # would depend on this one, which already depends on it.
        access_logs = s3.Bucket.from_bucket_name(self, "AccessLogs", access_log_bucket.bucket_name)
        acknowledge(
            self,
            {
                "@aws-cdk/aws-s3:accessLogsPolicyNotAdded": "The policy stands with the bucket of access logs and "
                "allows the log delivery of all buckets of this account."
            },
        )
        location = settings.audit.existing_trail_location or self._trail(alert_topic, access_logs)
        catalogue = AuditCatalogue(
            self,
            "Catalogue",
            names=self.names,
            location=location,
            retention_days=settings.audit.retention_days,
        )
        analysis = AuditWorkgroup(
            self,
            "Analysis",
            names=self.names,
            scan_limit_gib=settings.audit.scan_limit_gib,
            results_retention_days=settings.audit.results_retention_days,
            access_log_bucket=access_logs,
        )
        NamedQueries(self, "Queries", workgroup=analysis.workgroup, database=catalogue.database.ref)
        self.output("Workgroup", analysis.workgroup.ref, "Athena workgroup of the audit queries")
        self.output("Database", catalogue.database.ref, "Athena database with the view cloudtrail_logs")
        self.output("ResultsBucket", analysis.results_bucket.bucket_name, "Results of Athena queries")

    def _trail(self, alert_topic: sns.ITopic, access_logs: s3.IBucket) -> str:
        """Make the trail with its alarms; returns the folder of its files."""
        trail = AuditTrail(
            self,
            "Trail",
            names=self.names,
            retention_days=self.settings.audit.retention_days,
            access_log_bucket=access_logs,
        )
        SecurityAlarms(self, "Alarms", names=self.names, log_group=trail.log_group, alert_topic=alert_topic)
        self.output("TrailBucket", trail.bucket.bucket_name, "CloudTrail's files")
        self.output("TrailLogGroup", trail.log_group.log_group_name, "Log group with the same events")
        return table_location(bucket=trail.bucket.bucket_name, account=self.account)
