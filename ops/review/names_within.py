"""References to parts that a resource does not have, which AWS refuses, and to names that it no longer has."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from installation.permissions.wildcards import matches_pattern
from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Subject, risk
from ops.templates.resource_types import TASK_DEFINITION
from ops.templates.values import Json, at, items, mapping, may_mention, quantity, walk, written

# Identifiers in a metric math expression begin with a small letter, functions and keywords with a capital letter
# (CloudWatch user guide, "Metric math syntax and functions"). Queries are another language.
_IDENTIFIER: Final = re.compile(r"(?<![\w'\"])[a-z]\w*")
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_QUERIES: Final = ("SELECT", "SEARCH")
# CloudFront API reference, AllowedMethods.
_METHODS: Final = (
    {"GET", "HEAD"},
    {"GET", "HEAD", "OPTIONS"},
    {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"},
)
# ECS API reference, ContainerDefinition, stopTimeout.
_FARGATE_STOPS_WITHIN: Final = 120
_REFERENCE: Final = re.compile(r"\$\{[^}]*\}")
_RESOURCES: Final = ("Resource", "NotResource")
# Services whose name in ARNs differs from the one in resource types (service authorization reference).
_SERVICES: Final[Mapping[str, str]] = {"elasticloadbalancingv2": "elasticloadbalancing", "stepfunctions": "states"}
_PARTS: Final = 6


def names_within(comparison: Comparison) -> Iterator[Finding]:
    """Findings about references to missing parts of a resource, and about parts that contradict the resource."""
    for change in comparison.changes:
        if change.kind is Kind.REMOVED or change.follows:
            continue
        for message in dict.fromkeys(_messages(change)):
            yield risk(change, Subject.MONTH, "refused", f"{message}: AWS refuses it, and the deployment fails")


def _messages(change: Change) -> Iterator[str]:
    if change.type == TASK_DEFINITION and change.differs():
        yield from _containers(change)
    elif change.type == "AWS::CloudFront::Distribution" and change.differs("DistributionConfig"):
        yield from _behaviors(change)
    elif change.type == "AWS::CloudWatch::Alarm" and change.differs("Metrics"):
        yield from _expressions(items(change.after("Metrics")))


def _containers(change: Change) -> Iterator[str]:
    containers = items(change.after("ContainerDefinitions"))
    names = {written(at(it, "Name")) for it in containers}
    volumes = {written(at(it, "Name")) for it in items(change.after("Volumes"))}
    task = quantity(written(change.after("Memory")))
    fargate = "FARGATE" in items(change.after("RequiresCompatibilities"))
    if len(names) < len(containers):
        yield "two containers of the task have one name"
    if containers and all(written(at(it, "Essential")) == "false" for it in containers):
        yield "no container of the task is `Essential`"
    for container in containers:
        own_name = written(at(container, "Name"))
        waited_for = {written(at(it, "ContainerName")) for it in items(at(container, "DependsOn"))}
        for other in sorted(waited_for - names | waited_for & {own_name}):
            yield f"container `{own_name}` waits for `{other}`, which is not in the task"
        mounted = {written(it) for point in items(at(container, "MountPoints")) if (it := at(point, "SourceVolume"))}
        for volume in sorted(mounted - volumes):
            yield f"container `{own_name}` mounts `{volume}`, which the task does not have"
        memory = quantity(written(at(container, "Memory")))
        if memory is not None and task is not None and memory > task:
            yield f"container `{own_name}` may use `{memory:g}` MiB of memory, and the task has `{task:g}`"
        stop = quantity(written(at(container, "StopTimeout")))
        if fargate and stop is not None and stop > _FARGATE_STOPS_WITHIN:
            most = _FARGATE_STOPS_WITHIN
            yield f"container `{own_name}` has `{stop:g}` seconds to end: on Fargate `{most}` is the most"


def _behaviors(change: Change) -> Iterator[str]:
    config = mapping(change.after("DistributionConfig"))
    groups = items(at(config, "OriginGroups", "Items"))
    origins = {written(at(it, "Id")) for it in [*items(config.get("Origins")), *groups]}
    for behavior in [config.get("DefaultCacheBehavior"), *items(config.get("CacheBehaviors"))]:
        path = written(at(behavior, "PathPattern") or "*")
        target, methods = at(behavior, "TargetOriginId"), at(behavior, "AllowedMethods")
        if target is not None and written(target) not in origins:
            yield f"requests for `{path}` go to `{written(target)}`, which is not an origin of the distribution"
        if isinstance(methods, list) and {written(it) for it in methods} not in _METHODS:
            yield f"`AllowedMethods` of `{path}` is not one of the three sets that CloudFront accepts"


def _expressions(metrics: list[Json]) -> Iterator[str]:
    known = {written(at(it, "Id")) for it in metrics}
    for metric in metrics:
        expression = at(metric, "Expression")
        if isinstance(expression, str) and not expression.lstrip().upper().startswith(_QUERIES):
            for name in sorted(set(_IDENTIFIER.findall(_QUOTED.sub("", expression))) - known):
                yield f"the expression names `{name}`, which is not a metric of the alarm"


def named_by_policies(comparison: Comparison) -> Iterator[Finding]:
    """Findings about policies that no longer cover a resource because of its new name."""
    renamed = [(change, *names) for change in comparison.changes for names in _names(change)]
    if not renamed:
        return
    arns = dict(_arns(comparison))
    for change, old, new in renamed:
        service = change.type.split("::")[1].lower()
        service = _SERVICES.get(service, service)
        for (of_service, pattern), path in arns.items():
            if of_service == service and matches_pattern(old, pattern) and not matches_pattern(new, pattern):
                message = f"the policy of `{path}` names it as `{pattern}`, and is not about `{new}`"
                yield risk(change, Subject.PERMISSIONS, "name-in-policy", message)


def _names(change: Change) -> Iterator[tuple[str, str]]:
    """Each name of a resource that changes, before and after."""
    for name in change.names if change.kind is Kind.CHANGED else ():
        old, new = (side(*name.split("/")) for side in (change.before, change.after))
        if isinstance(old, str) and isinstance(new, str) and old != new:
            yield old, new


def _arns(comparison: Comparison) -> Iterator[tuple[tuple[str, str], str]]:
    """Service and name in every literal ARN in policies, with the construct path of the policy's resource."""
    for sides in comparison.sides.values():
        for logical_id, resource in sides.after.items():
            for part in walk(resource) if may_mention(resource, b"Effect") else ():
                if "Effect" not in part:
                    continue
                values = [it for name in _RESOURCES for it in items(part.get(name))]
                for tests in mapping(part.get("Condition")).values():
                    values += [it for wanted in mapping(tests).values() for it in items(wanted)]
                for value in values:
                    arn = _REFERENCE.sub("X", written(value)).split(":", _PARTS - 1)
                    if len(arn) == _PARTS:
                        yield (arn[2], re.split("[:/]", arn[-1], maxsplit=1)[-1]), sides.path(logical_id)
