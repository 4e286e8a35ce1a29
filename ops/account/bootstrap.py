"""Prepares an account for the CDK with no more power than the stacks need.

Resources are created by the execution role of the CDK's bootstrap, which is an administrator unless told otherwise.
The policies that tell it otherwise are themselves resources of the application: so the account is bootstrapped,
IdentityStack is deployed, and the bootstrap is restricted to what IdentityStack made. Later, a changed IdentityStack
needs the same way once more, because its boundary keeps the execution role from changing its own policies.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from installation import names
from installation.permissions.execution_policies import EXECUTION_POLICIES
from installation.settings import Settings
from ops.account.caller import Caller, check, foreign_stacks, identify, is_bootstrapped
from ops.account.service_linked_roles import create_ecs_role, github_provider, has_ecs_role
from ops.aws.clients import Aws
from ops.aws.polling import Polling, wait
from ops.errors import FailedError
from ops.stacks import cdk
from ops.stacks.checkout import Project
from ops.stacks.planned_actions import PlannedAction, of_deployment
from ops.stacks.planned_actions import Step as Next
from ops.stacks.progress import StackWatcher
from ops.stacks.state import Stack, read_stack, read_stacks
from ops.stacks.watch import View, follow, wait_until_stable

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef

TOOLKIT_STACK = "CDKToolkit"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
# Parameters of the CDK's bootstrap template.
_POLICIES, _BOUNDARY = "CloudFormationExecutionPolicies", "InputPermissionsBoundary"


class Step(StrEnum):
    """A part of the way, in this order."""

    ECS_ROLE = "create ECS's service-linked role, so that it is there before the first cluster"
    BOOTSTRAP = "bootstrap the account for the CDK; its execution role is an administrator for now"
    OPEN = "make the execution role an administrator again, because it may not change its own policies"
    IDENTITY = "deploy IdentityStack: roles, boundaries and the execution role's policies"
    RESTRICT = "restrict the execution role to these policies and to the boundary"


@dataclass(frozen=True, kw_only=True)
class BootstrapState:
    """How much CloudFormation may do.

    Attributes:
        bootstrapped: whether the CDK can deploy here.
        policies: ARNs of the execution role's policies.
        boundary: its permissions boundary, empty if it has none.
    """

    bootstrapped: bool
    policies: tuple[str, ...] = ()
    boundary: str = ""

    def restricted_to(self, policies: Iterable[str], boundary: str) -> bool:
        """Whether it may do just what these policies and this boundary say."""
        return self.bootstrapped and set(self.policies) == set(policies) and self.boundary == boundary


@dataclass(frozen=True, kw_only=True)
class BootstrapPlan:
    """What a bootstrap will do.

    Attributes:
        caller: account, region and endpoint.
        environment: such as ``dev``.
        state: how it is now.
        policies: ARNs of the policies that the execution role will have.
        boundary: its boundary.
        identity: why IdentityStack is deployed; empty if it is as it should be.
        steps: what is done, in this order; none: all is as it should be, or nothing can be done.
        refusals: why it cannot be done, with what to do; empty if it can.
    """

    caller: Caller
    environment: str
    state: BootstrapState
    policies: tuple[str, ...]
    boundary: str
    identity: str
    steps: tuple[Step, ...]
    refusals: tuple[str, ...]


def plan_bootstrap(aws: Aws, settings: Settings, project: Project, polling: Polling) -> BootstrapPlan:
    """Look at everything and change nothing.

    Raises:
        RefusedError: wrong account or region.
        FailedError: the application cannot be compared with what is deployed.
    """
    caller = identify(aws)
    check(caller, settings, aws.configured_region)
    state = read_state(aws)
    wanted, boundary = execution_policies(settings, caller.account), settings.names.cicd_boundary
    existing = read_stacks(aws.cloudformation)
    action = of_deployment(names.IDENTITY_STACK, existing.get(names.IDENTITY_STACK))
    refusals = tuple(_refusals(aws, settings, existing, action))
    identity = "" if refusals else _identity(action, settings, project, polling)
    steps = () if refusals else tuple(_steps(aws, state, wanted, boundary, deploy=bool(identity)))
    return BootstrapPlan(
        caller=caller,
        environment=settings.environment,
        state=state,
        policies=wanted,
        boundary=boundary,
        identity=identity,
        steps=steps,
        refusals=refusals,
    )


def execution_policies(settings: Settings, account: str) -> tuple[str, ...]:
    """ARNs of the policies that IdentityStack makes for CloudFormation."""
    return tuple(
        f"arn:aws:iam::{account}:policy/{settings.names.execution_policy(policy.subject)}"
        for policy in EXECUTION_POLICIES
    )


def read_state(aws: Aws) -> BootstrapState:
    """What the CDK's bootstrap stack was told."""
    parameters = {it.get("ParameterKey"): it.get("ParameterValue", "") for it in _parameters(aws.cloudformation)}
    if not is_bootstrapped(aws.ssm):
        return BootstrapState(bootstrapped=False)
    policies = tuple(filter(None, parameters.get(_POLICIES, "").split(",")))
    return BootstrapState(
        bootstrapped=True, policies=policies or (ADMINISTRATOR,), boundary=parameters.get(_BOUNDARY, "")
    )


def bootstrap(
    aws: Aws,
    settings: Settings,
    project: Project,
    plan: BootstrapPlan,
    *,
    view: View,
    tell: Callable[[str], None],
    polling: Polling,
) -> None:
    """Carry a plan out. May be repeated after any interruption.

    When IdentityStack cannot be deployed, the execution role is restricted again if it was before.

    Raises:
        FailedError: CloudFormation or the CDK failed.
    """
    run = _Run(aws, settings, project, plan, view, tell, polling)
    try:
        for step in plan.steps:
            tell(step.value)
            run.carry_out(step)
    except BaseException:
        if Step.OPEN in plan.steps:
            tell("restricting the execution role again")
            run.set_parameters(plan.state.policies, plan.state.boundary)
        raise


def _steps(
    aws: Aws, state: BootstrapState, policies: tuple[str, ...], boundary: str, *, deploy: bool
) -> Iterable[Step]:
    if not has_ecs_role(aws.iam):
        yield Step.ECS_ROLE
    if not state.bootstrapped:
        yield Step.BOOTSTRAP
    elif deploy and (state.boundary or state.policies != (ADMINISTRATOR,)):
        yield Step.OPEN
    if deploy:
        yield Step.IDENTITY
    if deploy or not state.restricted_to(policies, boundary):
        yield Step.RESTRICT


def _refusals(aws: Aws, settings: Settings, existing: Mapping[str, Stack], action: PlannedAction) -> Iterable[str]:
    # With an administrator's rights, which nothing else would stop, roles of others would become ours.
    yield from foreign_stacks(existing.values(), settings)
    if action.step is Next.BLOCKED:
        yield f"{action.stack} is {action.status}: {action.note}, here with `hannibal bootstrap`"
    # A stack whose creation was rolled back took its own provider with it: what is there belongs to others.
    missing = action.step is Next.CREATE or action.status == "ROLLBACK_COMPLETE"
    if missing and not settings.github.existing_provider_arn and (provider := github_provider(aws.iam)):
        yield (
            f"account {provider.split(':')[4]} has an OIDC provider for GitHub already and takes no second one, so "
            f"{action.stack} could not be created: set `existing_provider_arn: {provider}` under `github:` in "
            f"config/{settings.environment}.yaml"
        )


def _identity(action: PlannedAction, settings: Settings, project: Project, polling: Polling) -> str:
    if action.step is Next.CREATE:
        return "it does not exist"
    if action.step is not Next.UPDATE:
        return action.note
    options = ("--fail", "--method", "template", "-c", f"env={settings.environment}")
    log = cdk.log_file(project, "bootstrap-diff", datetime.now(UTC))
    with cdk.CdkRun(project, ("diff", names.IDENTITY_STACK, "--exclusively", *options), log) as run:
        code = wait(run.exit_code, polling)
    if code not in (0, 1) or (code == 1 and "differences: 1" not in "\n".join(run.log.tail())):
        raise FailedError("`cdk diff` failed. It said:", *run.log.tail(), f"All of it is in {log}.")
    return "it differs from the application" if code else ""


class _Run:
    """Carries single steps out."""

    def __init__(
        self,
        aws: Aws,
        settings: Settings,
        project: Project,
        plan: BootstrapPlan,
        view: View,
        tell: Callable[[str], None],
        polling: Polling,
    ) -> None:
        self._aws, self._project, self._plan = aws, project, plan
        self._environment = settings.environment
        self._view, self._tell, self._polling = view, tell, polling

    def carry_out(self, step: Step) -> None:
        caller, plan = self._plan.caller, self._plan
        arguments = cdk.bootstrap_arguments(caller.account, caller.region)
        if step is Step.ECS_ROLE:
            create_ecs_role(self._aws.iam)
        elif step is Step.BOOTSTRAP:
            self._cdk(arguments)
        elif step is Step.OPEN:
            self.set_parameters((ADMINISTRATOR,), "")
        elif step is Step.IDENTITY:
            self._deploy_identity()
        else:
            policies = ("--cloudformation-execution-policies", ",".join(plan.policies))
            self._cdk((*arguments, *policies, "--custom-permissions-boundary", plan.boundary))

    def set_parameters(self, policies: tuple[str, ...], boundary: str) -> None:
        """Change these two and keep all others; `cdk bootstrap` cannot take a boundary away (it keeps the last)."""
        changed = {_POLICIES: ",".join(policies), _BOUNDARY: boundary}
        cloudformation = self._aws.cloudformation
        parameters: list[ParameterTypeDef] = [
            {"ParameterKey": key, "ParameterValue": changed[key]}
            if key in changed
            else {"ParameterKey": key, "UsePreviousValue": True}
            for key in (it.get("ParameterKey", "") for it in _parameters(cloudformation))
        ]
        cloudformation.update_stack(
            StackName=TOOLKIT_STACK,
            UsePreviousTemplate=True,
            Parameters=parameters,
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        while (stack := read_stack(cloudformation, TOOLKIT_STACK)) is not None and stack.in_progress:
            self._polling.sleep(self._polling.seconds)
        if stack is None or stack.status != "UPDATE_COMPLETE":
            raise FailedError(f"{TOOLKIT_STACK} could not be updated: it is {stack.status if stack else 'gone'}")

    def _deploy_identity(self) -> None:
        wait_until_stable(self._aws.cloudformation, (names.IDENTITY_STACK,), self._view, self._polling)
        options = ("-c", f"env={self._environment}", "--require-approval", "never")
        log = cdk.log_file(self._project, "bootstrap-identity", datetime.now(UTC))
        watcher = StackWatcher(self._aws.cloudformation, (names.IDENTITY_STACK,))
        self._tell(f"npx cdk deploy {names.IDENTITY_STACK}  (output: {log})")
        with cdk.CdkRun(self._project, ("deploy", names.IDENTITY_STACK, "--exclusively", *options), log) as run:
            follow(run, watcher, self._view, self._polling)

    def _cdk(self, arguments: tuple[str, ...]) -> None:
        log = cdk.log_file(self._project, "bootstrap", datetime.now(UTC))
        with cdk.CdkRun(self._project, arguments, log) as run:
            code = wait(run.exit_code, self._polling)
        if code != 0:
            raise FailedError("`cdk bootstrap` failed. It said:", *run.log.tail(), f"All of it is in {log}.")


def _parameters(cloudformation: "CloudFormationClient") -> "list[ParameterTypeDef]":
    if read_stack(cloudformation, TOOLKIT_STACK) is None:
        return []
    return cloudformation.describe_stacks(StackName=TOOLKIT_STACK)["Stacks"][0].get("Parameters", [])
