"""AuditStack: the trail, its queries and alarms, and the tags of snapshots that may be deleted."""

from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.audit.alarms import SecurityAlarms
from constructs_lib.audit.athena import AuditCatalogue, AuditWorkgroup, NamedQueries
from constructs_lib.audit.snapshot_tags import SnapshotTags
from constructs_lib.audit.trail import AuditTrail
from constructs_lib.buckets import AccessLogBucket
from constructs_lib.guardrail.alert_topic import CLOUDWATCH, AlertTopic
from constructs_lib.stack import HannibalStack
from installation.aws_facts.cloudtrail_schema import table_location
from installation.settings import Settings


class AuditStack(HannibalStack):
    """The trail with its alarms, Athena over its files, and the function that tags deletable snapshots.

    Args:
        settings: the installation's settings; without ``audit.create_trail`` only the analysis is created, over the
            files of the trail that the account already has.
    """

    lifecycle = "persistent"
    purpose = "CloudTrail, security alarms and Athena over both"

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id, settings=settings)
        names, audit = self.names, settings.audit
        # A bucket of its own, because the pipeline may change ArtifactStack's, and a locked bucket takes no access
        # logs.
        access_logs = AccessLogBucket(
            self, "AccessLogs", name=names.audit_log_bucket(self.account), expire_days=audit.retention_days
        )
        trail = self._trail(access_logs) if audit.create_trail else None
        bucket = trail.bucket.bucket_name if trail else ""
        location = audit.existing_trail_location or table_location(bucket=bucket, account=self.account)
        catalogue = AuditCatalogue(self, "Catalogue", names=names, settings=audit, location=location)
        analysis = AuditWorkgroup(self, "Analysis", names=names, settings=audit, access_log_bucket=access_logs)
        workgroup, database = analysis.workgroup, catalogue.database.ref
        queries = NamedQueries(self, "Queries", names=names, workgroup=workgroup, database=database)
        topic = self._topic() if trail else None
        tags = SnapshotTags(self, "SnapshotTags", names=names, settings=audit, security_topic=topic)
        if trail and topic:
            alarms = SecurityAlarms(self, "Alarms", settings=settings, log_group=trail.log_group, alert_topic=topic)
            trail.after(catalogue, analysis, queries, tags, alarms)
        self.output("Workgroup", workgroup.ref, "Athena workgroup of the audit queries")
        self.output("Database", database, "Athena database with the view cloudtrail_logs")
        self.output("ResultsBucket", analysis.results_bucket.bucket_name, "Results of Athena queries")

    def _trail(self, access_logs: AccessLogBucket) -> AuditTrail:
        trail = AuditTrail(self, "Trail", names=self.names, settings=self.settings.audit, access_log_bucket=access_logs)
        self.output("TrailBucket", trail.bucket.bucket_name, "CloudTrail's files")
        self.output("TrailLogGroup", trail.log_group.log_group_name, "Log group with the same events")
        return trail

    def _topic(self) -> sns.ITopic:
        # A topic of its own: whoever may change the other one could suppress its messages. And only these alarms may
        # publish: the pipeline may create others, and nobody may publish in the name of these.
        topic = AlertTopic(
            self,
            "SecurityAlerts",
            name=self.names.security_topic,
            email=self.settings.guardrail.alert_email,
            publishers=(CLOUDWATCH,),
            alarms=self.names.security_alarms,
        ).topic
        self.output("SecurityTopicArn", topic.topic_arn, "Topic that security alarms write to")
        return topic
