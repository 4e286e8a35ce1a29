"""The names of AuditStack: the trail, its queries, its alarms, and the daily function."""

from dataclasses import dataclass

from installation.names.name import Name


@dataclass(frozen=True, kw_only=True)
class AuditNames:
    """Names of resources that only an administrator deploys."""

    project: str  # prefix of the resources of the running system, such as ``nestjs-hannibal-3``
    environment: str  # ``dev`` or ``prod``; names of roles end with it, capitalised

    @property
    def suffix(self) -> str:
        """The environment as the end of role names: ``Dev``, ``Prod``."""
        return self.environment.title()

    trail = Name("{project}")  # CloudTrail trail
    trail_log_group = Name("/cloudtrail/{project}")  # Log group that the trail writes to and the security alarms read
    audit_database = Name("hannibal_cloudtrail_db")  # Glue and Athena database
    audit_table = Name("cloudtrail_events")  # Raw CloudTrail table; people query the view
    audit_view = Name("cloudtrail_logs")  # View with typed columns that every query of the runbook reads
    audit_workgroup = Name("hannibal-cloudtrail-analysis")  # Athena workgroup with the scan limit
    # CloudWatch namespace of what the security alarms count in the trail's log group.
    security_metrics = Name("{project}/security")
    root_use_alarm = Name("{project}-security-root-use")  # The root user was used
    iam_change_alarm = Name("{project}-security-iam-change")  # An IAM policy, trust or boundary was changed
    trail_change_alarm = Name("{project}-security-trail-change")  # A trail was changed or stopped
    # Logs, alarms, bucket rules or the protection of a stack were changed.
    evidence_change_alarm = Name("{project}-security-evidence-change")
    new_identity_alarm = Name("{project}-security-new-identity")  # A role, user, key or identity provider was made
    exposure_alarm = Name("{project}-security-exposure")  # A principal outside of the account was let in
    # A user signed in to the console without a second factor.
    sign_in_without_mfa_alarm = Name("{project}-security-sign-in-without-mfa")
    security_alarms = Name("{project}-security-")  # Beginning of the names of all security alarms

    @property
    def all_security_alarms(self) -> tuple[str, ...]:
        """Every security alarm."""
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
    def all_security_filters(self) -> tuple[str, ...]:
        """The metric filters of the alarms: one of the same name for each, and a second one for one of them."""
        return (*self.all_security_alarms, f"{self.evidence_change_alarm}-2")

    # SNS topic of the security alarms; the administrator's, unlike the alert topic.
    security_topic = Name("{project}-security")

    # The pipeline may create and pass roles, functions and log groups whose names begin with the project's name or with
    # that of a stack; these names, except the trail role's, begin with neither.
    # What CloudTrail writes its log group with; the same after the stack was made again, because trails stay.
    trail_role = Name("AuditStack-TrailLogRole")
    snapshot_role = Name("HannibalSnapshotRole-{suffix}")  # Role of the function that tags snapshots as prunable
    snapshot_function = Name("HannibalSnapshotTags")  # Function that tags snapshots as prunable
    snapshot_rule = Name("HannibalSnapshotTags")  # EventBridge rule that runs that function once a day
    snapshot_log_group = Name("/administrator/{project}/snapshot-tags")  # Log group of that function
