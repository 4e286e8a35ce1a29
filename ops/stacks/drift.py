"""Drift: what is deployed and not as its template says, found by CloudFormation."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from installation import names
from ops.aws.polling import Polling, wait_at_most
from ops.errors import FailedError
from ops.escaping.markdown import code, text
from ops.stacks.state import read_resources, read_stacks

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackResourceDriftTypeDef

# What a release moves by design, and a template shall not move back: traffic, and the version that runs.
# Of an action that is where it goes, and not what it does: a rule that refuses was not opened by a release.
_MOVED_BY_RELEASES: Final = {
    "AWS::ElasticLoadBalancingV2::Listener": re.compile(r"/DefaultActions/\d+/(ForwardConfig|TargetGroupArn)\b"),
    "AWS::ElasticLoadBalancingV2::ListenerRule": re.compile(r"/Actions/\d+/(ForwardConfig|TargetGroupArn)\b"),
    "AWS::ECS::Service": re.compile(r"/(TaskDefinition|LoadBalancers)\b"),
}
_NEVER: Final = re.compile(r"(?!)")
# What Application Auto Scaling moves as well, where the stack has a scalable target.
_MOVED_BY_RELEASES_AND_SCALING: Final = _MOVED_BY_RELEASES | {
    "AWS::ECS::Service": re.compile(r"/(DesiredCount|TaskDefinition|LoadBalancers)\b"),
}
_SCALABLE_TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
_POLLING: Final = Polling(seconds=5.0)
_MOST_SECONDS: Final = 900.0


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One property that differs."""

    path: str
    expected: str
    actual: str


@dataclass(frozen=True, kw_only=True)
class DriftedResource:
    """A resource that is not as its template says.

    Attributes:
        stack: name of its stack.
        logical_id: its name in the template.
        physical_id: its name in AWS.
        resource_type: such as ``AWS::EC2::SecurityGroup``.
        status: ``MODIFIED`` or ``DELETED``.
        differences: what differs; empty where it was deleted.
        by_release: whether releases or scaling do that, and nothing else differs.
    """

    stack: str
    logical_id: str
    physical_id: str
    resource_type: str
    status: str
    differences: tuple[Difference, ...]
    by_release: bool


@dataclass(frozen=True, kw_only=True)
class Drift:
    """Drift of all stacks that exist.

    Attributes:
        stacks: what was looked at.
        resources: what differs.
    """

    stacks: tuple[str, ...]
    resources: tuple[DriftedResource, ...]

    @property
    def unexpected(self) -> tuple[DriftedResource, ...]:
        """What was changed by hand: all but what releases move."""
        return tuple(resource for resource in self.resources if not resource.by_release)


def read_drift(
    cloudformation: "CloudFormationClient",
    wanted: Iterable[str] = names.ALL_STACKS,
    *,
    polling: Polling = _POLLING,
) -> Drift:
    """Let CloudFormation compare every stack that exists; all are begun before the first is waited for.

    Raises:
        FailedError: CloudFormation cannot compare a stack, or takes more than a quarter of an hour.
    """
    stacks = tuple(read_stacks(cloudformation, wanted))

    @cache
    def moved(stack: str) -> Mapping[str, re.Pattern[str]]:
        scales = any(each.resource_type == _SCALABLE_TARGET for each in read_resources(cloudformation, stack))
        return _MOVED_BY_RELEASES_AND_SCALING if scales else _MOVED_BY_RELEASES

    detections = {
        stack: cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"] for stack in stacks
    }
    for stack, detection in detections.items():
        _wait(cloudformation, stack, detection, polling)
    resources = [_resource(stack, found, moved(stack)) for stack in stacks for found in _drifted(cloudformation, stack)]
    return Drift(stacks=stacks, resources=tuple(resources))


def _wait(cloudformation: "CloudFormationClient", stack: str, detection: str, polling: Polling) -> None:
    def status() -> str | None:
        answer = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        if answer["DetectionStatus"] == "DETECTION_FAILED":
            reason = answer.get("DetectionStatusReason", "no reason given")
            raise FailedError(f"CloudFormation could not compare {stack}: {reason}")
        return "complete" if answer["DetectionStatus"] == "DETECTION_COMPLETE" else None

    if wait_at_most(_MOST_SECONDS, status, polling) is None:
        raise FailedError(f"CloudFormation still compares {stack} after {_MOST_SECONDS / 60:g} minutes")


def _drifted(cloudformation: "CloudFormationClient", stack: str) -> "list[StackResourceDriftTypeDef]":
    found: list[StackResourceDriftTypeDef] = []
    token = ""
    while True:  # boto3 has no paginator for this operation
        page = cloudformation.describe_stack_resource_drifts(
            StackName=stack,
            StackResourceDriftStatusFilters=["MODIFIED", "DELETED"],
            **({"NextToken": token} if token else {}),  # type: ignore[arg-type]
        )
        found += page["StackResourceDrifts"]
        token = page.get("NextToken", "")
        if not token:
            return found


def _resource(
    stack: str, found: "StackResourceDriftTypeDef", by_design: Mapping[str, re.Pattern[str]]
) -> DriftedResource:
    differences = tuple(
        Difference(path=one["PropertyPath"], expected=one["ExpectedValue"], actual=one["ActualValue"])
        for one in found.get("PropertyDifferences", [])
    )
    moved = by_design.get(found["ResourceType"], _NEVER)
    return DriftedResource(
        stack=stack,
        logical_id=found["LogicalResourceId"],
        physical_id=found.get("PhysicalResourceId", ""),
        resource_type=found["ResourceType"],
        status=found["StackResourceDriftStatus"],
        differences=differences,
        by_release=bool(differences) and all(moved.match(one.path) for one in differences),
    )


def markdown(drift: Drift, environment: str) -> str:
    """The same for an issue: what differs, and what to do."""
    if not drift.unexpected:
        return f"No drift in the {len(drift.stacks)} stacks of {environment}.\n"
    count = len(drift.unexpected)
    what = "One resource" if count == 1 else f"{count} resources"
    lines = [f"{what} of {environment} not as the template says:", ""]
    for resource in drift.unexpected:
        lines.append(f"- **{text(resource.status.lower())}**: {code(resource.stack)} {text(resource.logical_id)}")
        lines.append(f"  ({code(resource.resource_type)}, {text(resource.physical_id)})")
        lines += [
            f"  - {code(one.path)}: {code(one.expected) or 'nothing'} became {code(one.actual) or 'nothing'}"
            for one in resource.differences
        ]
    lines += [
        "",
        "Find out who did it with Athena's query of the last 24 hours' calls. Then bring the change into the code, or",
        "undo it by hand: a deploy alone corrects nothing, because CloudFormation touches only what changes in a",
        "template.",
    ]
    return "\n".join(lines) + "\n"
