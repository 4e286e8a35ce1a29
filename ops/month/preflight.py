"""Predicts what a deployment in the middle of a month would do to the running service.

Within a month the service, its listeners and its target groups are created once and then CodeDeploy controls them. A
template that changes one of them fails half-way (CODE_DEPLOY forbids another task definition or load balancer:
aws-cdk #25777) or sends production back to the template's target group (aws-cdk #36649).
"""

import json
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from installation.names import COMPUTE_STACK, STORAGE_STACK
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.month.withdrawn_secrets import withdrawn_secrets
from ops.release.watch import running_image, unrecorded_image
from ops.service.autoscaling import read_scaling
from ops.service.database_status import STOPPED, read_database
from ops.service.deployments import running_deployments
from ops.service.secret_checks import missing_secrets
from ops.service.traffic import TargetGroup, read_target_groups
from ops.stacks.cdk import synth
from ops.stacks.checkout import Checkout
from ops.stacks.planned_actions import blocked_refusals, planned_deployment
from ops.stacks.scratch import scratch_folder
from ops.stacks.state import read_stack, read_stacks
from ops.templates.assembly import require_assembly
from ops.templates.differences import leaves
from ops.templates.resource_types import FROZEN, LISTENER, LOAD_BALANCER, RULE, SERVICE, TARGET_GROUP, TASK_DEFINITION
from ops.templates.schemas import Replacement, schema
from ops.templates.template import Resource, Template, read_stack_template, template_file
from ops.templates.untrusted_json import as_answered, deployed_template
from ops.templates.values import Json, Map, at, items, number

_DATABASE = "AWS::RDS::DBInstance"
_LEFT_ALONE = frozenset({*FROZEN, LOAD_BALANCER})
_NEXT_MONTH = (
    "End the month and begin the next one from the new template; the data is kept: `hannibal stop`, then start."
)
# Why each of them must not change.
_WHY = {
    SERVICE: "under CodeDeploy CloudFormation cannot change the service, and the deployment would fail half-way; "
    "an image ships by `hannibal release`",
    LISTENER: "it takes production with it",
    RULE: "it takes production with it",
    TARGET_GROUP: "the running tasks are registered in the target group that is deleted",
    LOAD_BALANCER: "another load balancer is created, with new listeners",
}


@dataclass(frozen=True, kw_only=True)
class FrozenChange:
    """A change of a resource that a deployment should not change."""

    resource_type: str  # such as ``AWS::ECS::Service``
    logical_id: str  # its id in the template
    kind: str  # ``added``, ``removed``, ``changed`` or ``replaced``
    properties: tuple[str, ...]  # its properties that change

    @property
    def text(self) -> str:
        """What changes, in one line."""
        type_name = self.resource_type.rpartition("::")[2]
        listed = f" ({', '.join(self.properties)})" if self.properties else ""
        return f"{type_name} {self.logical_id} is {self.kind}{listed}"


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """The result of a preflight check."""

    running: bool  # whether a month is running; without one a deployment disturbs nothing
    traffic: Mapping[str, float]  # share of production by colour
    changes: tuple[FrozenChange, ...]  # changes of service, listeners and target groups
    notes: tuple[str, ...]  # notes for the operator
    refusals: tuple[str, ...]  # what must not be deployed now, each with what to do


@contextmanager
def preflighted(
    aws: Aws, checkout: Checkout, assembly: Path | None, *, always: bool = False
) -> Iterator[tuple[Preflight, Path | None]]:
    """Compare the given templates, or this checkout's, with the running month, where there is one.

    Yields the result, and the folder with exactly the templates to deploy, until the block ends; None where none were
    needed. `always` synthesizes even without a month to compare with.

    Raises:
        FailedError: the application cannot be synthesized.
        UnusableInputError: the given templates are not this installation's, or the CDK is not installed here.
    """
    if assembly is not None:
        require_assembly(assembly, aws.settings)
    if assembly is not None or not (always or needs_templates(aws)):
        yield check_deployment(aws, assembly), assembly
        return
    checkout.require_tools()
    with scratch_folder() as scratch:
        folder = scratch / "cdk.out"
        synth(checkout, aws.settings.environment, folder)
        yield check_deployment(aws, folder), folder


def needs_templates(aws: Aws) -> bool:
    """Whether a month runs to compare templates with; otherwise the slow synthesis is not needed."""
    stack = read_stack(aws, COMPUTE_STACK)
    # A stack whose creation runs or failed, or that is being deleted, has no service to disturb.
    return stack is not None and stack.lasts


def check_deployment(aws: Aws, assembly: Path | None) -> Preflight:
    """Compare the deployed stack with the templates to deploy, where a month runs; change nothing.

    Raises:
        UnusableInputError: the folder has no template of ComputeStack.
    """
    settings = aws.settings
    planned = (planned_deployment(it.name, it) for it in read_stacks(aws, settings.lifecycles.all).values())
    refusals = [*blocked_refusals(planned), *missing_secrets(aws)]
    if assembly is None or not needs_templates(aws):
        note = "no month is running, so nothing can be disturbed"
        return Preflight(running=False, traffic={}, changes=(), notes=(note,), refusals=tuple(refusals))
    live = _comparable(settings, partial(_live_template, aws))
    new = _comparable(settings, partial(read_stack_template, assembly))
    groups = read_target_groups(aws)
    changes = tuple(frozen_changes(live, new, settings.region))
    refusals += _running_release(aws) if _bodies(live) != _bodies(new) else ()
    refusals += _stopped_database(aws, assembly)
    notes = list(_notes(aws))
    colour, image = colour_of_template(new, settings), running_image(aws) if changes else ""
    for change in changes:
        refusal = _refusal(change, groups, colour, image)
        if refusal:
            refusals.append(refusal)
        else:
            notes.append(f"{change.text}; production is where the template says, so it stays there")
    if _bodies(live, {TASK_DEFINITION}) != _bodies(new, {TASK_DEFINITION}):
        notes.append(
            "the task definition changes; tasks get it by the next release, or by `hannibal release --configuration`"
        )
    notes += withdrawn_secrets(aws, live, new)
    if not changes:
        notes.insert(0, f"no service, listener or target group changes: {_traffic_sentence(groups)} and stays there")
    return Preflight(
        running=True,
        traffic={group.colour: group.production_percent for group in groups},
        changes=changes,
        notes=tuple(notes),
        refusals=tuple(refusals),
    )


def frozen_changes(live: Template, new: Template, region: str) -> Iterator[FrozenChange]:
    """Differences of two templates in resources that should not change, by the region's resource schemas."""
    before, after = _resources_by_id(live), _resources_by_id(new)
    for logical_id in sorted(before.keys() | after.keys()):
        old, now = before.get(logical_id), after.get(logical_id)
        either = now or old
        if either is None or either.resource_type not in _LEFT_ALONE:
            continue
        kind, properties = _resource_effect(old, now, region)
        if (properties or kind in ("added", "removed")) and (either.resource_type in FROZEN or kind == "replaced"):
            yield FrozenChange(
                resource_type=either.resource_type, logical_id=logical_id, kind=kind, properties=properties
            )


def _resource_effect(old: Resource | None, now: Resource | None, region: str) -> tuple[str, tuple[str, ...]]:
    if old is None or now is None:
        return "added" if old is None else "removed", ()
    properties = tuple(
        name
        for name in sorted(old.properties.keys() | now.properties.keys())
        if any(leaves(old.properties.get(name), now.properties.get(name)))
    )
    known = schema(now.resource_type, region)
    replaced = known is not None and any(
        known.replacement(name, old.properties.get(name), now.properties.get(name)) is Replacement.WILL
        for name in properties
    )
    return "replaced" if replaced else "changed", properties


def colour_of_template(template: Template, settings: Settings) -> str:
    """The target group that the template's production listener forwards to."""
    resources = _resources_by_id(template)
    for resource in resources.values():
        if resource.resource_type != LISTENER or resource.properties.get("Port") == settings.load_balancer.test_port:
            continue
        for action in items(resource.properties.get("DefaultActions")):
            group = resources.get(_forward_target(action))
            if group and group.properties.get("Name") == settings.names.green_target_group:
                return "green"
    return "blue"  # as at the stack's creation


def _forward_target(action: Json) -> str:
    """The logical id of the target group to which an action sends most requests."""
    weights = {
        str(at(group, "TargetGroupArn", "Ref")): number(at(group, "Weight")) or 0
        for group in items(at(action, "ForwardConfig", "TargetGroups"))
    }
    return max(weights, key=lambda group: weights[group]) if weights else str(at(action, "TargetGroupArn", "Ref"))


def _refusal(change: FrozenChange, groups: tuple[TargetGroup, ...], colour: str, image: str) -> str | None:
    """Why a change is refused, with what to do; None if it does no harm now."""
    harmless = change.kind == "changed" or (change.kind == "added" and change.resource_type == TARGET_GROUP)
    if change.resource_type == SERVICE or not harmless:
        return f"{change.text}: {_WHY[change.resource_type]}. {_NEXT_MONTH}"
    if change.resource_type == TARGET_GROUP:
        return None
    share = next((group.production_percent for group in groups if group.colour == colour), 0.0)
    if share >= 100:
        return None
    return (
        f"{change.text}: CloudFormation would send production back to {colour}, but {_traffic_sentence(groups)}, and "
        f"{colour} has no tasks. First release once more what runs, which moves production to the other group: "
        f"`hannibal release --image {shlex.quote(image)} --again`. Or wait for the month's end."
    )


def _running_release(aws: Aws) -> Iterator[str]:
    for deployment in running_deployments(aws):
        yield (
            f"a release is running ({deployment.deployment_id} is {deployment.status}), and the templates change "
            f"{COMPUTE_STACK} under it: wait for its end (`hannibal release --wait`)"
        )


def _stopped_database(aws: Aws, assembly: Path) -> Iterator[str]:
    """Why a stopped database must not change (RDS user guide, "Stopping an Amazon RDS DB instance temporarily")."""
    database = read_database(aws)
    if database is None or database.status not in STOPPED or not template_file(assembly, STORAGE_STACK).exists():
        return
    live, new = _live_template(aws, STORAGE_STACK), read_stack_template(assembly, STORAGE_STACK)
    if _properties(_as_answered(live)) != _properties(_as_answered(new)):
        yield (
            f"the templates change {database.name}, which is {database.status}: RDS changes no such database, so that "
            f"{STORAGE_STACK} would fail, and to put back what was may fail too: `hannibal resume`, then again"
        )


def _properties(template: Template) -> Map:
    """What RDS would be asked to change; metadata and policies are CloudFormation's own."""
    return {name: at(body, "Properties") for name, body in _bodies(template, {_DATABASE}).items()}


def _notes(aws: Aws) -> Iterator[str]:
    image, scaling = unrecorded_image(aws), read_scaling(aws)
    if image is not None:
        yield (
            f"nobody watched the release of {image} to its end, so the next month would start another image: "
            "`hannibal release --wait` writes the record"
        )
    if scaling and scaling.held and not running_deployments(aws):
        yield "scaling is suspended although no release runs: `hannibal release --wait` lets the tasks scale again"


def _traffic_sentence(groups: tuple[TargetGroup, ...]) -> str:
    serving = [f"{group.production_percent:.0f} % on {group.colour}" for group in groups if group.production_percent]
    return f"production is {' and '.join(serving) or 'nowhere'}"


def _resources_by_id(template: Template) -> Mapping[str, Resource]:
    return {resource.logical_id: resource for resource in template.resources}


def _bodies(template: Template, types: Collection[str] = ()) -> Map:
    """The resources' bodies by logical id, of some types or all."""
    return {
        resource.logical_id: resource.neighbours[resource.logical_id]
        for resource in template.resources
        if not types or resource.resource_type in types
    }


def _live_template(aws: Aws, stack: str) -> Template:
    return Template(stack, deployed_template(aws.cloudformation.get_template(StackName=stack)["TemplateBody"], stack))


def _comparable(settings: Settings, read: Callable[[str], Template]) -> Template:
    """The resources of ComputeStack, and those of a load balancer in StorageStack that should not change.

    Both without what GetTemplate does not return, so that it is no change.
    """
    compute = _as_answered(read(COMPUTE_STACK))
    if not settings.edge.hosted_zone:
        return compute
    resources = {**_bodies(compute), **_bodies(_as_answered(read(STORAGE_STACK)), _LEFT_ALONE)}
    return Template(compute.stack, {**compute.content, "Resources": resources})


def _as_answered(template: Template) -> Template:
    return Template(template.stack, json.loads(as_answered(json.dumps(template.content, ensure_ascii=False))))
