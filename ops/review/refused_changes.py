"""Changes that AWS refuses although each value alone is allowed: the deployment would fail."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from installation.aws_facts.limits import FARGATE_MEMORY_MIB, INLINE_POLICIES_CHARACTERS, MANAGED_POLICY_CHARACTERS
from ops.review.changes import Change, Comparison, Kind
from ops.review.data import TYPES
from ops.review.finding import Finding, Subject, risk
from ops.templates.resource_types import TASK_DEFINITION
from ops.templates.values import (
    Json,
    Map,
    at,
    canonical,
    is_function,
    items,
    quantity,
    rebuilt,
    references,
    waited_for,
    written,
)

_TRACES: Final = ("xray:*", "xray:Put*", "xray:PutTraceSegments", "AWSXRayDaemonWriteAccess", "AWSXrayWriteOnlyAccess")

# CreateDBInstance, CreateDBCluster: MonitoringInterval. RegisterScalableTarget and others are checked by cfn-lint.
_TOGETHER: Final = (
    ("AWS::RDS::DBInstance", "MonitoringInterval", "MonitoringRoleArn"),
    ("AWS::RDS::DBCluster", "MonitoringInterval", "MonitoringRoleArn"),
    ("AWS::RDS::DBInstance", "PerformanceInsightsKMSKeyId", "EnablePerformanceInsights"),
    ("AWS::RDS::DBInstance", "PerformanceInsightsRetentionPeriod", "EnablePerformanceInsights"),
    ("AWS::CloudTrail::Trail", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"),
    ("AWS::CloudTrail::Trail", "CloudWatchLogsRoleArn", "CloudWatchLogsLogGroupArn"),
    ("AWS::EC2::FlowLog", "LogGroupName", "DeliverLogsPermissionArn"),
)
# Characters without blanks of a managed policy, or of all inline policies of a role, user or group (IAM quotas).
_MOST_CHARACTERS: Final[Mapping[str, int]] = {
    "AWS::IAM::Group": 5_120,
    "AWS::IAM::ManagedPolicy": MANAGED_POLICY_CHARACTERS,
    "AWS::IAM::Role": INLINE_POLICIES_CHARACTERS,
    "AWS::IAM::User": 2_048,
}
_MOST_ATTACHED: Final = 10  # the default quota, which can be raised
_UNKNOWN: Final = re.compile(r"\$\{[^}]*\}")
# AWS WAF developer guide, "Scope"; CreateWebACL, CreateIPSet, CreateRuleGroup, CreateRegexPatternSet.
_OF_WAF: Final = frozenset(f"AWS::WAFv2::{name}" for name in ("WebACL", "IPSet", "RuleGroup", "RegexPatternSet"))
_CLOUDFRONTS: Final = "us-east-1"


def refused_changes(comparison: Comparison) -> Iterator[Finding]:
    """Findings about changes that AWS refuses."""
    tracing: dict[str, set[str]] = {}
    for change in comparison.changes:
        if change.kind is not Kind.REMOVED:
            yield from _size(change)
            yield from _tracing_without_permission(change, tracing, comparison)
            yield from _missing_companions(change)
            yield from _wrong_regions(change, comparison)
            yield from _too_early(change, comparison)
            yield from _too_much(change)


def _too_much(change: Change) -> Iterator[Finding]:
    """Policies above IAM's quotas of length and number; values known only at deployment count as empty."""
    before, after = (_characters(side) for side in (change.before, change.after))
    most = _MOST_CHARACTERS.get(change.type, after)
    if before <= most < after:
        message = f"its policies have {after:,} characters, and IAM takes {most:,}: the deployment fails"
        yield risk(change, Subject.PERMISSIONS, "policy-refused", message)
    before, after = (len(items(side("ManagedPolicyArns"))) for side in (change.before, change.after))
    if change.type in _MOST_CHARACTERS and before <= _MOST_ATTACHED < after:
        message = f"has {after} managed policies: IAM attaches {_MOST_ATTACHED}, unless the account's quota was raised"
        yield risk(change, Subject.PERMISSIONS, "policy-refused", message)


def _characters(side: Callable[..., Json]) -> int:
    documents = [side("PolicyDocument"), *(at(it, "PolicyDocument") for it in items(side("Policies")))]
    return sum(len(canonical(_known_part(it)).replace(" ", "")) for it in documents if it is not None)


def _known_part(value: Json) -> Json:
    """A value without the parts that are unknown before the deployment."""
    if isinstance(value, str) or is_function(value):
        return _UNKNOWN.sub("", written(value).replace("${AWS::AccountId}", "123456789012"))
    return rebuilt(value, _known_part)


def _missing_companions(change: Change) -> Iterator[Finding]:
    """A property that AWS accepts only together with another property."""
    for kind, name, partner in _TOGETHER:
        given = written(change.after(name)) not in ("null", "0", "", "false")
        if change.type == kind and given and change.differs(name) and change.after(partner) is None:
            message = f"`{name}` without `{partner}`: AWS refuses it, and the deployment fails"
            yield risk(change, Subject.MONTH, "refused", message, name)


def _too_early(change: Change, comparison: Comparison) -> Iterator[Finding]:
    """A resource without its former DependsOn on a resource that it needs and does not refer to."""
    if "DependsOn" not in change.attributes:
        return
    sides = comparison.sides[change.stack]
    named = {str(it) for it in items(change.old.get("DependsOn"))}
    forgotten = named - waited_for(change.logical_id, sides.after)
    for target in sorted(forgotten & sides.after.keys()):
        kind = str(sides.after[target].get("Type"))
        needing = TYPES.needed_first.get(kind)
        if needing is not None and (not needing or change.type in needing):
            why = f"which it needs: {sides.begins} may make it too early"
            message = f"no longer waits for `{sides.path(target)}`, {why}"
            yield risk(change, Subject.STACKS, "order-lost", message, ".DependsOn")


def _wrong_regions(change: Change, comparison: Comparison) -> Iterator[Finding]:
    """Resources for CloudFront that must be in one region."""
    region = comparison.sides[change.stack].either.region or comparison.region
    if change.type in _OF_WAF and change.after("Scope") == "CLOUDFRONT" and region not in ("", _CLOUDFRONTS):
        where = f"can be made in `{_CLOUDFRONTS}` only, and the stack goes to `{region}`"
        message = f"`Scope` `CLOUDFRONT` {where}: AWS refuses it"
        yield risk(change, Subject.MONTH, "refused", message, "Scope")
    certificate = written(change.after("DistributionConfig", "ViewerCertificate", "AcmCertificateArn"))
    elsewhere = certificate.startswith("arn:") and f":{_CLOUDFRONTS}:" not in certificate
    if elsewhere and change.differs("DistributionConfig"):
        message = f"CloudFront accepts certificates of `{_CLOUDFRONTS}` only: it refuses this one"
        yield risk(change, Subject.MONTH, "refused", message)


def _size(change: Change) -> Iterator[Finding]:
    """A task size that Fargate does not have (ECS developer guide, "Task size")."""
    if change.type != TASK_DEFINITION or not (change.differs("Cpu") or change.differs("Memory")):
        return
    cpu, memory = (quantity(written(change.after(name))) for name in ("Cpu", "Memory"))
    if "FARGATE" not in items(change.after("RequiresCompatibilities")) or cpu is None or memory is None:
        return
    if int(cpu) in FARGATE_MEMORY_MIB and memory not in FARGATE_MEMORY_MIB[int(cpu)]:
        message = f"`Cpu` `{cpu:g}` with `Memory` `{memory:g}` is not a size of Fargate: ECS refuses it"
        yield risk(change, Subject.MONTH, "size-changed", message, "Cpu", "Memory")


def _tracing_without_permission(
    change: Change, tracing: dict[str, set[str]], comparison: Comparison
) -> Iterator[Finding]:
    """Tracing with a role that may not write traces, which Lambda checks (CreateFunction, TracingConfig)."""
    active = [side("TracingConfig", "Mode") == "Active" for side in (change.before, change.after)]
    if change.type != "AWS::Lambda::Function" or active != [False, True]:
        return
    if change.stack not in tracing:
        tracing[change.stack] = set(_may_trace(comparison.sides[change.stack].after))
    roles = set(references(change.after("Role")))
    if roles and not roles & tracing[change.stack]:
        message = "is traced, and its role may not write traces (`xray:PutTraceSegments`): Lambda refuses it"
        yield risk(change, Subject.MONTH, "function-changed", message, "TracingConfig")


def _may_trace(resources: Mapping[str, Map]) -> Iterator[str]:
    """Logical ids of the roles that a policy allows to write traces."""
    for logical_id, resource in resources.items():
        if any(action in canonical(resource) for action in _TRACES):
            yield logical_id
            yield from references(at(resource, "Properties", "Roles"))
