"""Plans a bootstrap by reading only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from installation.names import EDGE_STACK, IDENTITY_STACK, PIPELINE_STACKS
from installation.names.persistent import ADMINISTRATOR_TOOLKIT_STACK, TOOLKIT_STACK
from installation.permissions.execution_policies import PIPELINE_POLICIES, PLACEHOLDERS
from installation.settings import Settings
from installation.settings.github import PLACEHOLDER_OWNER
from ops.account.bootstrap.change_set import read_parameters, same_template
from ops.account.bootstrap.desired_stacks import POLICIES, QUALIFIER, DesiredStack, desired_stacks
from ops.account.caller import Caller, checked_caller, foreign_stack_refusals
from ops.account.domain import certificate_refusals, domain_record_refusals, hosted_zone_refusals
from ops.account.github_subject import SubjectCheck
from ops.account.service_linked_roles import services_without_role
from ops.aws.clients import Aws
from ops.stacks import cdk
from ops.stacks.checkout import Checkout
from ops.stacks.planned_actions import PlannedAction, StackStep, planned_deployment
from ops.stacks.scratch import scratch_folder
from ops.stacks.state import Stack, creates_all_resources, has_nothing, read_stack, read_stacks

# CloudFront developer guide, "Use the CloudFront managed prefix list".
_PREFIX_LIST: Final = "com.amazonaws.global.cloudfront.origin-facing"
# Keeps CloudFormation's role without permissions while none of its policies is left.
_NOTHING = "arn:aws:iam::aws:policy/AWSDenyAll"
_GITHUB_PROVIDER: Final = ":oidc-provider/token.actions.githubusercontent.com"
# States of a failed creation, whose remains the bootstrap removes.
_REMOVED: Final = ("ROLLBACK_", "CREATE_FAILED")


def prefix_list_refusals(aws: Aws) -> Iterator[str]:
    """Why the list of the settings is not CloudFront's; nothing where EC2 does not know CloudFront's.

    Another list would fail NetworkStack, or keep CloudFront out of the load balancer.
    """
    settings = aws.settings
    setting = settings.network.cloudfront_prefix_list_id
    filters = [{"Name": "prefix-list-name", "Values": [_PREFIX_LIST]}]
    lists = aws.ec2.describe_managed_prefix_lists(Filters=filters)["PrefixLists"]  # type: ignore[arg-type] # a plain dict
    aws_list = next((it.get("PrefixListId") for it in lists), None)
    if aws_list and aws_list != setting:
        yield (
            f"network.cloudfront_prefix_list_id in config/{settings.environment}.yaml is {setting}, but CloudFront's "
            f"list in {settings.region} is {aws_list}: write that"
        )


class Step(StrEnum):
    """A kind of step."""

    SERVICE_ROLE = "service-role"
    LIMIT = "limit"
    DEPLOY = "deploy"
    TAKE_OVER = "take-over"
    PROTECT = "protect"


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """One step."""

    kind: Step  # what is done
    stack: str = ""  # its stack, if any
    service: str = ""  # its service, such as ``ecs.amazonaws.com``, if any
    reason: str = ""  # why it is necessary

    @property
    def text(self) -> str:
        """The step in one line."""
        sentence = {
            Step.SERVICE_ROLE: f"create the service-linked role of {self.service}, before the first resource needs it",
            Step.LIMIT: f"take policies away from the pipeline's CloudFormation role ({self.stack})",
            Step.DEPLOY: f"deploy {self.stack}",
            Step.TAKE_OVER: f"give {self.stack} the administrator's CloudFormation role",
            Step.PROTECT: f"switch on the termination protection of {self.stack}",
        }[self.kind]
        return f"{sentence}: {self.reason}" if self.reason else sentence


@dataclass(frozen=True, kw_only=True)
class BootstrapPlan:
    """The plan of a bootstrap."""

    caller: Caller  # account, region and endpoint
    environment: str  # such as ``dev``
    steps: tuple[PlannedStep, ...]  # the steps in their order; none: nothing is to be done, or nothing can be done
    refusals: tuple[str, ...]  # why it cannot be done, with advice; empty if it can
    notes: tuple[str, ...] = ()  # what could not be read, with advice
    desired: tuple[DesiredStack, ...] = ()  # the desired states of the stacks

    def stack(self, name: str) -> DesiredStack:
        """The desired state of a stack."""
        return next(it for it in self.desired if it.name == name)


def plan_bootstrap(
    aws: Aws,
    checkout: Checkout,
    assembly: Path | None = None,
    subject: SubjectCheck = SubjectCheck(),  # noqa: B008 - frozen
) -> BootstrapPlan:
    """Plan a bootstrap without changing anything; without templates the CDK synthesizes this checkout's.

    Raises:
        RefusedError: wrong account or region.
        FailedError: the templates cannot be synthesized.
    """
    settings = aws.settings
    caller = checked_caller(aws)
    existing = read_stacks(aws)
    plan = BootstrapPlan(
        caller=caller,
        environment=settings.environment,
        steps=(),
        refusals=tuple(_refusals(aws, existing, caller, subject)),
        notes=tuple(filter(None, (subject.unknown,))),
    )
    if plan.refusals:
        return plan
    policies = execution_policies(settings, caller.account)
    if assembly is not None:
        desired = desired_stacks(settings, caller, checkout, assembly, policies)
    else:
        with scratch_folder() as scratch:
            folder = scratch / "cdk.out"
            cdk.synth(checkout, settings.environment, folder)
            desired = desired_stacks(settings, caller, checkout, folder, policies)
    return replace(plan, steps=tuple(_steps(aws, desired)), desired=desired)


def execution_policies(settings: Settings, account: str) -> tuple[str, ...]:
    """ARNs of IdentityStack's policies for the pipeline's CloudFormation role."""
    return tuple(
        f"arn:aws:iam::{account}:policy/{settings.names.execution_policy(policy.subject)}"
        for policy in PIPELINE_POLICIES
    )


def remaining_policies(aws: Aws, planned: Iterable[str]) -> tuple[str, ...] | None:
    """The policies that the pipeline's CloudFormation role keeps before IdentityStack is deployed.

    None if it keeps all: a policy cannot be deleted while a role has it.
    """
    now = tuple(filter(None, read_parameters(aws, TOOLKIT_STACK).get(POLICIES, "").split(",")))
    kept = tuple(policy for policy in now if policy in set(planned))
    prefix = PLACEHOLDERS.names.execution_policy("")
    if all(policy in kept for policy in now if policy.rpartition("/")[2].startswith(prefix)):
        return None
    return kept or (_NOTHING,)


def difference(aws: Aws, desired: DesiredStack) -> PlannedStep | None:
    """The step for a stack; None if it is in its desired state."""
    stack = read_stack(aws, desired.name)
    action = planned_deployment(desired.name, stack)
    if stack is None or action.step is StackStep.CREATE:
        return PlannedStep(kind=Step.DEPLOY, stack=desired.name, reason="it does not exist")
    if not stack.healthy and not _is_left_to_the_pipeline(desired.name, stack):
        return PlannedStep(kind=Step.DEPLOY, stack=desired.name, reason=f"it is {stack.status}")
    reason = "" if desired.once else _reason(aws, stack, desired)
    if reason:
        return PlannedStep(kind=Step.DEPLOY, stack=desired.name, reason=reason)
    if desired.role and not desired.once and stack.role != desired.role:
        return PlannedStep(kind=Step.TAKE_OVER, stack=desired.name, reason=f"it has {stack.role or 'none'}")
    return None if stack.protected else PlannedStep(kind=Step.PROTECT, stack=desired.name)


def _is_left_to_the_pipeline(name: str, stack: Stack) -> bool:
    """Whether an unfinished update is the pipeline's, which may need the permissions of this very bootstrap."""
    return name in PIPELINE_STACKS and stack.lasts


def _reason(aws: Aws, stack: Stack, desired: DesiredStack) -> str:
    if stack.name == TOOLKIT_STACK and "Project" not in stack.tags:  # as plain `cdk bootstrap` creates it
        former = read_parameters(aws, stack.name).get(QUALIFIER, "")
        if former != desired.parameters.get(QUALIFIER, former):
            return f"other CDK applications of this account and region lose its roles, of qualifier {former}"
        return "other CDK applications of this account and region that deploy with it get this project's limits"
    deployed = aws.cloudformation.get_template(StackName=stack.name, TemplateStage="Original")["TemplateBody"]
    if not same_template(deployed, desired.template):
        return "its template differs"
    parameters = read_parameters(aws, stack.name) if desired.parameters else {}
    for name, value in desired.parameters.items():
        if sorted(parameters.get(name, "").split(",")) != sorted(value.split(",")):
            return f"its parameter {name} differs"
    return "" if dict(stack.tags) == dict(desired.tags) else "its tags differ"


def _steps(aws: Aws, desired: tuple[DesiredStack, ...]) -> Iterable[PlannedStep]:
    for service in services_without_role(aws):
        yield PlannedStep(kind=Step.SERVICE_ROLE, service=service)
    for stack in desired:
        step = difference(aws, stack)
        if stack.name == IDENTITY_STACK and step and step.kind is Step.DEPLOY:
            policies = next(it for it in desired if it.name == TOOLKIT_STACK).parameters[POLICIES].split(",")
            if remaining_policies(aws, policies) is not None:
                reason = "IdentityStack deletes those that only an administrator's role has from now on"
                yield PlannedStep(kind=Step.LIMIT, stack=TOOLKIT_STACK, reason=reason)
        if step:
            yield step


def _refusals(aws: Aws, existing: Mapping[str, Stack], caller: Caller, subject: SubjectCheck) -> Iterable[str]:
    # With an administrator's permissions nothing else would prevent that roles of others become ours.
    settings = aws.settings
    yield from foreign_stack_refusals(existing.values(), settings)
    if caller.endpoint is None and settings.github.owner == PLACEHOLDER_OWNER:
        yield (
            f"`github.owner` in config/{settings.environment}.yaml is still {PLACEHOLDER_OWNER}, the name that the "
            "template repository came with: whoever owns it would be trusted to deploy. Write your own"
        )
    if caller.endpoint is None:
        yield from prefix_list_refusals(aws)
    edge = existing.get(EDGE_STACK)
    if settings.edge.hosted_zone and (edge is None or creates_all_resources(edge) or edge.status.startswith(_REMOVED)):
        # The bootstrap makes EdgeStack, and makes it again where its creation failed.
        yield from certificate_refusals(aws)
        yield from hosted_zone_refusals(aws, deployed=[name for name, it in existing.items() if not has_nothing(it)])
        yield from domain_record_refusals(aws)
    if subject.mismatch:
        yield subject.mismatch
    for name in (ADMINISTRATOR_TOOLKIT_STACK, *settings.lifecycles.persistent, TOOLKIT_STACK):
        stack = existing.get(name) or read_stack(aws, name)
        if stack is None or stack.status.startswith(_REMOVED) or _is_left_to_the_pipeline(name, stack):
            continue
        action = planned_deployment(name, stack)
        if action.step is StackStep.BLOCKED:
            yield f"{action.stack} is {action.status}: {action.note}, here with `hannibal bootstrap`"
    yield from _provider_refusals(aws, planned_deployment(IDENTITY_STACK, existing.get(IDENTITY_STACK)), caller)


def _provider_refusals(aws: Aws, action: PlannedAction, caller: Caller) -> Iterable[str]:
    # The rollback of a creation has deleted the stack's own provider: an existing one is not ours.
    creates_provider = action.step is StackStep.CREATE or action.status == "ROLLBACK_COMPLETE"
    if aws.settings.github.existing_provider_arn or not creates_provider:
        return
    for provider in aws.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        if (arn := provider.get("Arn", "")).endswith(_GITHUB_PROVIDER):
            yield (
                f"account {caller.account} has an OIDC provider for GitHub already and takes no second one, so "
                f"{action.stack} could not be created: set `existing_provider_arn: {arn}` under `github:` in "
                f"config/{aws.settings.environment}.yaml"
            )
