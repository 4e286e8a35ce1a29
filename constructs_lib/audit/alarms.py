"""The security alarms: on calls that nobody makes in daily work."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from installation.names import Names
from installation.settings import Settings


@dataclass(frozen=True, kw_only=True)
class SecurityEvent:
    """A kind of call that sets off an alarm."""

    construct_id: str  # name of its construct and of its metric
    alarm_name: str  # name of its alarm
    description: str  # what happened and what to do, as it arrives in the e-mail
    pattern: str  # the log lines that count, as a CloudWatch Logs filter pattern of at most 1,024 characters
    second: str | None = None  # what has no room in the first; a line counts that matches either


def _any_event(*names: str) -> str:
    return " || ".join(f"($.eventName = {name})" for name in names)


# The benchmark's list (CIS AWS Foundations Benchmark 1.4, 4.4), then what would loosen our own fence: boundaries, trust
# and the choice of an older policy version.
_IAM_CHANGES = _any_event(
    *(f"{verb}{kind}Policy" for verb in ("Delete", "Put") for kind in ("Group", "Role", "User")),
    *(f"{verb}{kind}Policy" for verb in ("Attach", "Detach") for kind in ("Group", "Role", "User")),
    *("CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion"),
    *(f"{verb}{kind}PermissionsBoundary" for verb in ("Delete", "Put") for kind in ("Role", "User")),
    "UpdateAssumeRolePolicy",
)


# What reports the events above, or keeps the evidence of them: the trail's lines and files, alarms, budgets, the people
# who are notified, and the protection of stacks that outlive the month. A filter of a subscription suppresses its
# messages, although the subscription stays.
_TELLS = " || ".join(
    (
        _any_event(
            *("DeleteLogGroup", "DeleteLogStream", "DeleteMetricFilter", '"*RetentionPolicy"', "DeleteFlowLogs"),
            *("DeleteAlarms", "PutAlarmMuteRule", "DeleteTopic", '"*ubscribe"', '"SetSubscription*"'),
            *('"UpdateFunctionCo*"', "DisableRule", "RemoveTargets", "UpdateTerminationProtection"),
        ),
        r"(($.eventSource = %^budgets\.|^ce\.%) && ($.readOnly IS FALSE))",
        # A topic for the events of a stack, of any account: CloudFormation keeps it from one update to the next.
        '($.requestParameters.notificationARNs[0] = "*")',
    )
)
# Rules of buckets, and what keeps images: a lifecycle policy can delete all of them. Where logs of requests and of the
# network are written; CloudFront's event names may end with a version.
_KEEPS = _any_event(
    *('"PutBucket*"', '"DeleteBucket*"'),
    *("PutLifecyclePolicy", "PutImageTagMutability", "DeleteRepository"),
    *("ModifyLoadBalancerAttributes", "CreateFlowLogs", '"UpdateDistribution*"'),
)


def _evidence_changes(names: Names) -> str:
    # Scheduler disables and enables one alarm each night, by a role that can do it to no other (decision record 40).
    # A user's path may hold what makes an ARN that of this role, so it must be a role's.
    by_night = f'"*:assumed-role/{names.pause_role}/*"'
    by_others = f"(($.userIdentity.type != AssumedRole) || ($.userIdentity.arn != {by_night}))"
    silenced = f"(({_any_event('DisableAlarmActions', 'SetAlarmState')}) && {by_others})"
    targets = f'(($.eventName = PutTargets) && ($.requestParameters.rule = "{names.snapshot_rule}"))'
    return f"{{ {_TELLS} || {silenced} || {targets} }}"


def _failed_copies(names: Names) -> str:
    # All databases except the trial of a restore, because RDS accepts the month's name in any case; and a rename,
    # because whoever may rename the month's database may delete it under the name of a former database.
    parameters = "$.requestParameters"
    # Whatever is older than the new retention is deleted at once: fewer days than the settings' default are too few.
    lost = f"(({parameters}.backupRetentionPeriod < 7) || ({parameters}.skipFinalSnapshot IS TRUE))"
    not_of_trial = f'({parameters}.dBInstanceIdentifier != "{names.trial_database}")'
    # Events that a rule's target does not take go to a queue of any account (EventBridge user guide, "Creating rules
    # that react to events"): with a target that may not be called, all events.
    undelivered = f'({parameters}.targets[0].deadLetterConfig.arn = "*")'
    unlogged = f'({parameters}.cloudwatchLogsExportConfiguration.disableLogTypes[0] = "*")'
    renamed = f'({parameters}.newDBInstanceIdentifier = "*")'
    return f"{{ {_KEEPS} || ({lost} && {not_of_trial}) || {renamed} || {unlogged} || {undelivered} }}"


# Calls after which a user can sign in who could not before.
_NEW_IDENTITIES = _any_event(
    *("CreateRole", "CreateUser", "CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile"),
    *("CreateServiceSpecificCredential", "UploadSSHPublicKey", "UploadSigningCertificate", "CreateInstanceProfile"),
    *("CreateOpenIDConnectProvider", "AddClientIDToOpenIDConnectProvider", "UpdateOpenIDConnectProviderThumbprint"),
    *("CreateSAMLProvider", "UpdateSAMLProvider", "CreateTrustAnchor"),
)


# An outsider in a role's trust: an account or user, another identity provider, or everybody. A service's trust has none
# of these words (CloudWatch Logs user guide, "Filter pattern syntax": two regular expressions a pattern, no groups),
# and no letter that is written by its number, as JSON allows.
_OUTSIDER = r"%AWS|Federated|CanonicalUser|\\u|Principal\W+\*%"
# By a prefix of 7 bits or fewer: the internet may be let in by halves.
_OPEN_PORT = (
    "(($.requestParameters.ipPermissions.items[0].ipRanges.items[0].cidrIp = %/[0-7]$%) || "
    '($.requestParameters.ipPermissions.items[0].ipv6Ranges.items[0].cidrIpv6 = "::/0"))'
)
# What lets others than this account in: by a trust, a resource's policy, a share, a copy, or an open port.
_EXPOSURES = " || ".join(
    (
        _any_event('"Add*Permission*"', '"*eFunctionUrlConfig*"', "SetRepositoryPolicy", "PutRegistryPolicy"),
        _any_event("PutReplicationConfiguration", "PutResourcePolicy", "PutKeyPolicy", "SetTopicAttributes"),
        _any_event('"Modify*napshotAttribute"', "ModifyImageAttribute", "StartExportTask", "CreateResourceShare"),
        _any_event("PutSubscriptionFilter"),
        # The answer says so too where a new database is public by default.
        "($.requestParameters.publiclyAccessible IS TRUE) || ($.responseElements.publiclyAccessible IS TRUE)",
        f"($.requestParameters.assumeRolePolicyDocument = {_OUTSIDER})",
        # Any change: trust policies of existing roles do not change from month to month.
        "($.eventName = UpdateAssumeRolePolicy)",
        f"(($.eventName = AuthorizeSecurityGroupIngress) && {_OPEN_PORT})",
    )
)


def security_events(names: Names) -> tuple[SecurityEvent, ...]:
    """The events that set off an alarm: controls of the CIS AWS Foundations Benchmark 1.4, section 4, and our own."""
    return (
        SecurityEvent(
            construct_id="RootUse",
            alarm_name=names.root_use_alarm,
            description="The root user was used. Nobody needs it in daily work: find out who it was, now. CIS 4.3.",
            pattern='{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
            '&& $.eventType != "AwsServiceEvent" }',
        ),
        SecurityEvent(
            construct_id="IamChange",
            alarm_name=names.iam_change_alarm,
            description="An IAM policy, trust or boundary was changed. Expected while stacks are deployed or "
            "destroyed, at no other time: find the caller in Athena, view cloudtrail_logs. CIS 4.4.",
            pattern=f"{{ ($.eventSource = iam.amazonaws.com) && ({_IAM_CHANGES}) }}",
        ),
        SecurityEvent(
            construct_id="TrailChange",
            alarm_name=names.trail_change_alarm,
            description="A trail was changed or stopped, so later calls may be unrecorded. Start it again first, then "
            "look for the caller. CIS 4.5.",
            # PutEventSelectors is ours: with it a trail stays on and records nothing.
            pattern="{ ($.eventSource = cloudtrail.amazonaws.com) && ("
            + _any_event(
                *("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
                *("PutEventSelectors", "PutInsightSelectors", "PutEventConfiguration"),
            )
            + ") }",
        ),
        SecurityEvent(
            construct_id="EvidenceChange",
            alarm_name=names.evidence_change_alarm,
            description="Logs, alarms, budgets, rules of buckets or images, backups, the load balancer, the "
            "distribution, or the protection of a stack were changed or deleted, or a database was renamed, or deleted "
            "without a final snapshot, or a stack was given a topic for its events, or a rule a queue. Expected while "
            "stacks are deployed or destroyed, at `hannibal pause`, at a pause for the budget, and while a restore "
            "renames the database or is given up, at no other time: find the caller in Athena, view cloudtrail_logs. "
            "CIS 4.8.",
            pattern=_evidence_changes(names),
            second=_failed_copies(names),
        ),
        SecurityEvent(
            construct_id="NewIdentity",
            alarm_name=names.new_identity_alarm,
            description="A role, user, key or identity provider was made. Expected while stacks are deployed, at no "
            "other time: look at whom it trusts, and find the caller in Athena, view cloudtrail_logs.",
            pattern=f"{{ {_NEW_IDENTITIES} }}",
        ),
        SecurityEvent(
            construct_id="Exposure",
            alarm_name=names.exposure_alarm,
            description="A principal outside of this account was let in: by a role's trust, a resource's policy, a "
            "share, a copy of logs, or a port that is open to everybody. Expected while an administrator bootstraps, "
            "and while functions are deployed that EventBridge or SNS call, at no other time: take it back, and find "
            "the caller in Athena, view cloudtrail_logs.",
            pattern=f"{{ {_EXPOSURES} }}",
        ),
        SecurityEvent(
            construct_id="SignInWithoutMfa",
            alarm_name=names.sign_in_without_mfa_alarm,
            description="An IAM user signed in to the console without a second factor. Give the user one, or remove "
            "its password. CIS 4.2.",
            # Only users: a sign-in through a role or an identity centre has its second factor elsewhere.
            pattern='{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") '
            '&& ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
        ),
    )


class SecurityAlarms(Construct):
    """One metric filter and one alarm for each kind of call; the first occurrence alarms.

    Args:
        settings: the installation's; each description ends with the address of the alarm's chapter.
        log_group: the log group that the trail writes.
        alert_topic: topic that is notified of the alarm and of its end.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        log_group: logs.ILogGroup,
        alert_topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        names = settings.names
        notify = actions.SnsAction(alert_topic)
        for event in security_events(names):
            for suffix, pattern in (("", event.pattern), ("-2", event.second)):
                if pattern is None:
                    continue
                # No default value: a metric that is written all the time costs money, a metric without data does not.
                metric_filter = log_group.add_metric_filter(
                    f"{event.construct_id}Filter{suffix}",
                    filter_name=f"{event.alarm_name}{suffix}",
                    filter_pattern=logs.FilterPattern.literal(pattern),
                    metric_namespace=names.security_metrics,
                    metric_name=event.construct_id,
                    metric_value="1",
                    unit=cloudwatch.Unit.COUNT,
                )
            alarm = cloudwatch.Alarm(
                self,
                event.construct_id,
                alarm_name=event.alarm_name,
                alarm_description=f"{event.description} {settings.alarm_page(event.alarm_name)}",
                # Whoever may write a line of any log may write to this metric (CloudWatch user guide, "Specification:
                # Embedded metric format"), below zero too, so that no sum would be left; and in another unit.
                metric=metric_filter.metric(
                    statistic="Maximum", unit=cloudwatch.Unit.COUNT, period=cdk.Duration.minutes(5)
                ),
                threshold=1,
                evaluation_periods=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                # No data is the normal state: nothing of the kind happened.
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            alarm.add_alarm_action(notify)
            alarm.add_ok_action(notify)
