"""The names of the evidence: the trail, its queries, its alarms, and what an administrator has run every day."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AuditNames:
    """What is an administrator's.

    Attributes:
        project: prefix of the resources of the running system, such as ``nestjs-hannibal-3``.
        environment: ``dev`` or ``prod``; roles end in it, capitalised.
    """

    project: str
    environment: str

    @property
    def trail(self) -> str:
        """CloudTrail trail."""
        return self.project

    @property
    def trail_log_group(self) -> str:
        """Log group that the trail writes to and the security alarms read."""
        return f"/cloudtrail/{self.project}"

    @property
    def audit_database(self) -> str:
        """Glue and Athena database."""
        return "hannibal_cloudtrail_db"

    @property
    def audit_table(self) -> str:
        """Raw CloudTrail table; people query the view."""
        return "cloudtrail_events"

    @property
    def audit_view(self) -> str:
        """View with typed columns that every query of the runbook reads."""
        return "cloudtrail_logs"

    @property
    def audit_workgroup(self) -> str:
        """Athena workgroup with the scan limit."""
        return "hannibal-cloudtrail-analysis"

    @property
    def security_metrics(self) -> str:
        """CloudWatch namespace of what the security alarms count in the trail's log group."""
        return f"{self.project}/security"

    @property
    def root_use_alarm(self) -> str:
        """The root user was used."""
        return f"{self.project}-security-root-use"

    @property
    def iam_change_alarm(self) -> str:
        """An IAM policy, trust or boundary was changed."""
        return f"{self.project}-security-iam-change"

    @property
    def trail_change_alarm(self) -> str:
        """A trail was changed or stopped."""
        return f"{self.project}-security-trail-change"

    @property
    def evidence_change_alarm(self) -> str:
        """Logs, alarms, bucket rules or the protection of a stack were changed."""
        return f"{self.project}-security-evidence-change"

    @property
    def new_identity_alarm(self) -> str:
        """A role, user, key or identity provider was made."""
        return f"{self.project}-security-new-identity"

    @property
    def exposure_alarm(self) -> str:
        """A principal outside of the account was let in."""
        return f"{self.project}-security-exposure"

    @property
    def sign_in_without_mfa_alarm(self) -> str:
        """A user signed in to the console without a second factor."""
        return f"{self.project}-security-sign-in-without-mfa"

    @property
    def security_alarms(self) -> str:
        """Beginning of the names of all security alarms."""
        return f"{self.project}-security-"

    @property
    def all_security_alarms(self) -> tuple[str, ...]:
        """Every security alarm; the metric filter that it counts by has the same name."""
        return (
            self.root_use_alarm,
            self.iam_change_alarm,
            self.trail_change_alarm,
            self.evidence_change_alarm,
            self.new_identity_alarm,
            self.exposure_alarm,
            self.sign_in_without_mfa_alarm,
        )

    @property
    def security_topic(self) -> str:
        """SNS topic of the security alarms; the administrator's, unlike the alert topic."""
        return f"{self.project}-security"

    # The pipeline makes and passes roles, functions and log groups that begin with the project's name or with that of a
    # stack; these begin otherwise.
    @property
    def trail_role(self) -> str:
        """What CloudTrail writes its log group with; the same after the stack was made again, because trails stay."""
        return "AuditStack-TrailLogRole"

    @property
    def snapshot_role(self) -> str:
        """Role of the function that tags snapshots as prunable."""
        return f"HannibalSnapshotRole-{self.environment.title()}"

    @property
    def snapshot_function(self) -> str:
        """Function that tags snapshots as prunable."""
        return "HannibalSnapshotTags"

    @property
    def snapshot_rule(self) -> str:
        """EventBridge rule that runs that function once a day."""
        return "HannibalSnapshotTags"

    @property
    def snapshot_log_group(self) -> str:
        """Log group of that function."""
        return f"/administrator/{self.project}/snapshot-tags"
