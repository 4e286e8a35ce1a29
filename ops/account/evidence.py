"""Checks that trail, log group, security alarms, locked files and the tagging of snapshots exist and work."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from installation.names import AUDIT_STACK
from ops.account.gap import Gap
from ops.aws.clients import Aws
from ops.aws.errors import code_of

# CloudFormation does not notice resources that were deleted outside of it; this kind of change set compares with
# reality (CloudFormation user guide, "Using drift-aware change sets"). The pipeline cannot change this stack's
# template.
_PUT_BACK = (
    f"aws cloudformation create-change-set --stack-name {AUDIT_STACK} --change-set-name put-back "
    "--use-previous-template --deployment-mode REVERT_DRIFT --capabilities CAPABILITY_NAMED_IAM && "
    f"aws cloudformation wait change-set-create-complete --stack-name {AUDIT_STACK} --change-set-name put-back "
    f"&& aws cloudformation execute-change-set --stack-name {AUDIT_STACK} --change-set-name put-back"
)


def trail(aws: Aws) -> Iterator[Gap]:
    """Gaps of the trail's recording and of the delivery of its files."""
    name = aws.names.trail
    try:
        status = aws.cloudtrail.get_trail_status(Name=name)
    except aws.cloudtrail.exceptions.TrailNotFoundException:
        yield Gap(cause="trail-missing", summary=f"The trail {name} was deleted.", command=_PUT_BACK)
        return
    if not status.get("IsLogging"):
        yield Gap(
            cause="trail-off",
            summary=f"The trail {name} records nothing.",
            command=f"aws cloudtrail start-logging --name {name}",
        )
    # S3's error at the last delivery; time-outs are no error here (CloudTrail API reference, GetTrailStatus).
    elif error := status.get("LatestDeliveryError"):
        yield Gap(
            cause="trail-undelivered",
            summary=f"The trail {name} records, and cannot write its files into its bucket.",
            command=_PUT_BACK,
            seen=(("S3", error),),
        )


def log_group(aws: Aws) -> Iterator[Gap]:
    """Gaps of the trail's log group and of the metric filters of the security alarms."""
    group = aws.names.trail_log_group
    pages = aws.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group)
    if not any(it.get("logGroupName") == group for page in pages for it in page["logGroups"]):
        yield Gap(
            cause="trail-log-missing",
            summary=f"The log group {group} was deleted, so no security alarm gets data.",
            command=_PUT_BACK,
        )
        return
    found = aws.logs.get_paginator("describe_metric_filters").paginate(logGroupName=group)
    existing = {it.get("filterName", "") for page in found for it in page["metricFilters"]}
    if missing := sorted(set(aws.names.all_security_filters) - existing):
        yield Gap(
            cause="filter-missing",
            summary=f"{len(missing)} metric filter(s) of {group} were deleted, so their alarms get no data.",
            command=_PUT_BACK,
            seen=(("missing", ", ".join(missing)),),
        )


def alarms(aws: Aws) -> Iterator[Gap]:
    """Gaps of the security alarms and of their notification."""
    pages = aws.cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=aws.names.security_alarms)
    telling = {
        it.get("AlarmName", "")
        for page in pages
        for it in page["MetricAlarms"]
        if it.get("ActionsEnabled", True) and it.get("AlarmActions")
    }
    if missing := sorted(set(aws.names.all_security_alarms) - telling):
        yield Gap(
            cause="security-alarm-off",
            summary=f"{len(missing)} security alarm(s) were deleted or notify nobody.",
            command=_PUT_BACK,
            seen=(("alarms", ", ".join(missing)),),
        )


def files(aws: Aws, bucket: str) -> Iterator[Gap]:
    """Gaps of the lock of the trail's files."""
    settings = aws.settings
    try:
        found = aws.s3.get_object_lock_configuration(Bucket=bucket)
    except ClientError as error:
        if code_of(error) == "NoSuchBucket":
            yield Gap(cause="evidence-missing", summary=f"The trail's bucket {bucket} is gone.", command=_PUT_BACK)
            return
        if code_of(error) != "ObjectLockConfigurationNotFoundError":
            raise
        days, mode = 0, "none"
    else:
        kept = found.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
        days = kept.get("Days", 0) or 365 * kept.get("Years", 0)
        mode = kept.get("Mode", "none").lower()
    if days < settings.audit.retention_days or mode not in (settings.audit.trail_lock, "compliance"):
        yield Gap(
            cause="evidence-unlocked",
            summary=f"The trail's files in {bucket} are not locked for the {settings.audit.retention_days} days that "
            "they are kept: whoever may delete objects there erases the evidence.",
            command=_PUT_BACK,
            seen=(("Object Lock", f"{mode}, {days} days"),),
        )


def tagging_function(aws: Aws) -> Iterator[Gap]:
    """Gaps of the function that tags deletable snapshots."""
    name = aws.names.snapshot_function
    try:
        aws.lambda_.get_function_configuration(FunctionName=name)
    except aws.lambda_.exceptions.ResourceNotFoundException:
        yield Gap(
            cause="snapshot-tags-off",
            summary=f"The function {name} was deleted, so old snapshots do not become prunable, and cost money.",
            command=_PUT_BACK,
        )


def tagging_rule(aws: Aws) -> Iterator[Gap]:
    """Gaps of the rule that runs the function once a day."""
    name = aws.names.snapshot_rule
    try:
        state = str(aws.events.describe_rule(Name=name).get("State"))
    except aws.events.exceptions.ResourceNotFoundException:
        state = "deleted"
    if state != "ENABLED":
        yield Gap(
            cause="snapshot-tags-off",
            summary=f"The rule {name} is {state.lower()}, so old snapshots do not become prunable, and cost money.",
            command=_PUT_BACK if state == "deleted" else f"aws events enable-rule --name {name}",
        )
