"""The checks of the safeguards that keep the pipeline from permissions and evidence."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from installation import yaml_text
from installation.names import AUDIT_STACK
from installation.names.persistent import TOOLKIT_STACK
from installation.settings import Settings
from ops.account.caller import Caller
from ops.aws.clients import Aws
from ops.aws.errors import code_of
from ops.stacks.state import Stack, read_stack, revert_by_change_set

_EVERYTHING: Final = "AdministratorAccess"
_ASSUMED: Final = ("deploy", "file-publishing", "image-publishing", "lookup")


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A missing safeguard, by which the pipeline's credentials allow more, or leave no evidence."""

    cause: str  # a stable word for scripts, such as ``trail-off``
    summary: str  # what is wrong, in one sentence
    command: str  # the command by which an administrator repairs it
    seen: tuple[tuple[str, str], ...] = ()  # resources and observations that the summary does not have


class _Text(yaml_text.Data):
    """The sentences of a gap, as in the file, which explains them."""

    summary: str
    command: str = revert_by_change_set(AUDIT_STACK)


_texts: Final = yaml_text.cached_reader(Path(__file__).parent / "data" / "gaps.yaml", dict[str, _Text])


def _gap(cause: str, *seen: tuple[str, str], **values: object) -> Gap:
    text = _texts()[cause]
    return Gap(cause=cause, summary=text.summary.format(**values), command=text.command.format(**values), seen=seen)


def trail_gaps(aws: Aws) -> Iterator[Gap]:
    """Gaps of the trail's recording and of the delivery of its files."""
    name = aws.names.trail
    try:
        status = aws.cloudtrail.get_trail_status(Name=name)
    except aws.cloudtrail.exceptions.TrailNotFoundException:
        yield _gap("trail-missing", name=name)
        return
    if not status.get("IsLogging"):
        yield _gap("trail-off", name=name)
    # S3's error at the last delivery; time-outs are no error here (CloudTrail API reference, GetTrailStatus).
    elif error := status.get("LatestDeliveryError"):
        yield _gap("trail-undelivered", ("S3", error), name=name)


def log_group_gaps(aws: Aws) -> Iterator[Gap]:
    """Gaps of the trail's log group and of the metric filters of the security alarms."""
    group = aws.names.trail_log_group
    pages = aws.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group)
    if not any(it.get("logGroupName") == group for page in pages for it in page["logGroups"]):
        yield _gap("trail-log-missing", name=group)
        return
    found = aws.logs.get_paginator("describe_metric_filters").paginate(logGroupName=group)
    existing = {it.get("filterName", "") for page in found for it in page["metricFilters"]}
    if missing := sorted(set(aws.names.all_security_filters) - existing):
        yield _gap("filter-missing", ("missing", ", ".join(missing)), count=len(missing), name=group)


def alarm_gaps(aws: Aws) -> Iterator[Gap]:
    """Gaps of the security alarms and of their notification."""
    pages = aws.cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=aws.names.security_alarms)
    telling = {
        it.get("AlarmName", "")
        for page in pages
        for it in page["MetricAlarms"]
        if it.get("ActionsEnabled", True) and it.get("AlarmActions")
    }
    if missing := sorted(set(aws.names.all_security_alarms) - telling):
        yield _gap("security-alarm-off", ("alarms", ", ".join(missing)), count=len(missing))


def file_gaps(aws: Aws, bucket: str) -> Iterator[Gap]:
    """Gaps of the lock of the trail's files."""
    audit = aws.settings.audit
    try:
        lock = aws.s3.get_object_lock_configuration(Bucket=bucket)
    except ClientError as error:
        if code_of(error) == "NoSuchBucket":
            yield _gap("trail-bucket-missing", name=bucket)
            return
        if code_of(error) != "ObjectLockConfigurationNotFoundError":
            raise
        days, mode = 0, "none"
    else:
        kept = lock.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
        days = kept.get("Days", 0) or 365 * kept.get("Years", 0)
        mode = kept.get("Mode", "none").lower()
    if days < audit.retention_days or mode not in (audit.trail_lock, "compliance"):
        yield _gap(
            "trail-files-unlocked", ("Object Lock", f"{mode}, {days} days"), name=bucket, days=audit.retention_days
        )


def tagging_function_gaps(aws: Aws) -> Iterator[Gap]:
    """Gaps of the function that tags deletable snapshots."""
    name = aws.names.snapshot_function
    try:
        aws.lambda_.get_function_configuration(FunctionName=name)
    except aws.lambda_.exceptions.ResourceNotFoundException:
        yield _gap("snapshot-tags-off", what=f"function {name} was deleted")


def tagging_rule_gaps(aws: Aws) -> Iterator[Gap]:
    """Gaps of the rule that runs the function once a day."""
    name = aws.names.snapshot_rule
    try:
        state = str(aws.events.describe_rule(Name=name).get("State"))
    except aws.events.exceptions.ResourceNotFoundException:
        state = "deleted"
    if state != "ENABLED":
        gap = _gap("snapshot-tags-off", what=f"rule {name} is {state.lower()}")
        yield gap if state == "deleted" else replace(gap, command=f"aws events enable-rule --name {name}")


def execution_role_gaps(aws: Aws, role: str) -> Iterator[Gap]:
    """Gaps of the pipeline's CloudFormation role."""
    described = aws.iam.get_role(RoleName=role)["Role"]
    pages = aws.iam.get_paginator("list_attached_role_policies").paginate(RoleName=role)
    attached = [policy["PolicyName"] for page in pages for policy in page["AttachedPolicies"]]
    boundary = described.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    bounded = boundary.rpartition("/")[2] == aws.names.deploy_boundary
    if _EVERYTHING in attached or not bounded:
        seen = ((role, f"policies {', '.join(attached) or 'none'}"), (role, f"boundary {boundary or 'none'}"))
        gap = _gap("execution-unrestricted", *seen, environment=aws.settings.environment)
        # Attached by hand to a limited role, it would stay: a bootstrap sees no difference of its stack.
        detach = f"aws iam detach-role-policy --role-name {role} --policy-arn arn:aws:iam::aws:policy/{_EVERYTHING}"
        yield replace(gap, command=detach) if bounded and len(attached) > 1 else gap


def trust_gaps(aws: Aws, role: str, account: str) -> Iterator[Gap]:
    """Gaps of a role's trust policy."""
    document: Any = aws.iam.get_role(RoleName=role)["Role"].get("AssumeRolePolicyDocument", {})
    found = json.loads(document) if isinstance(document, str) else document
    outsiders = sorted({it for it in _principals(found) if it != account and f"::{account}:" not in it})
    if outsiders:
        seen = ("trust", ", ".join(outsiders))
        yield _gap("role-trusts-outsiders", seen, name=role, environment=aws.settings.environment)


def _principals(document: Any) -> Iterator[str]:
    statements = document.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal", {})
        if statement.get("Effect") != "Allow":
            continue
        for value in principal.values() if isinstance(principal, dict) else [principal]:
            yield from value if isinstance(value, list) else [value]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check of the account."""

    what: str  # what is checked, for the message that the check failed
    find: Callable[[], Iterator[Gap]]  # finds the gaps; raises botocore's errors

    def gaps(self) -> tuple[Gap, ...]:
        """The gaps that the check finds."""
        return tuple(self.find())


def is_limited(aws: Aws, caller: Caller) -> bool:
    """Whether the account's pipeline should be limited: in every account, and in an embedded AWS by choice.

    `hannibal start` prepares an embedded AWS with plain `cdk bootstrap`, because a laptop needs no limits; only
    `hannibal bootstrap` gives the toolkit stack tags.
    """
    if caller.endpoint is None:
        return True
    toolkit = read_stack(aws, TOOLKIT_STACK)
    return toolkit is not None and "Project" in toolkit.tags


def checks(aws: Aws, caller: Caller, stacks: Mapping[str, Stack], *, limited: bool) -> Iterator[Check]:
    """All checks of an account; they may run in parallel."""
    settings = aws.settings
    names = aws.names
    yield Check(what="the protection of stacks", find=lambda: _protection(settings, stacks))
    if limited:
        yield Check(what=AUDIT_STACK, find=lambda: _audit(settings, stacks))
        role = names.bootstrap_role("cfn-exec", caller.account, aws.region)
        yield Check(what=f"the role {role}", find=partial(execution_role_gaps, aws, role))
        for purpose in _ASSUMED:
            name = names.bootstrap_role(purpose, caller.account, aws.region)
            yield Check(what=f"the role {name}", find=partial(trust_gaps, aws, name, caller.account))
    if AUDIT_STACK not in stacks or not stacks[AUDIT_STACK].healthy:
        return
    yield Check(what="the function that tags snapshots", find=partial(tagging_function_gaps, aws))
    yield Check(what="the rule that runs it", find=partial(tagging_rule_gaps, aws))
    if settings.audit.create_trail:
        bucket = names.trail_bucket(caller.account)
        yield Check(what="the trail", find=partial(trail_gaps, aws))
        yield Check(what="the trail's log group", find=partial(log_group_gaps, aws))
        yield Check(what="the security alarms", find=partial(alarm_gaps, aws))
        yield Check(what="the trail's files", find=partial(file_gaps, aws, bucket))


def visible_gaps(check: Check) -> tuple[Gap, ...]:
    """The gaps that a check finds; none where it fails, which the doctor reports and a status does not."""
    try:
        return check.gaps()
    except (BotoCoreError, ClientError):
        return ()


def _protection(settings: Settings, stacks: Mapping[str, Stack]) -> Iterator[Gap]:
    for name in settings.lifecycles.persistent:
        if name in stacks and not stacks[name].protected:
            yield _gap("protection-off", name=name)


def _audit(settings: Settings, stacks: Mapping[str, Stack]) -> Iterator[Gap]:
    if stacks and AUDIT_STACK not in stacks:
        yield _gap("audit-missing", name=AUDIT_STACK, environment=settings.environment)
