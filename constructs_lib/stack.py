"""Two lifecycles: what outlives the month, and what is destroyed at its end.

`HannibalStack` is the base of every stack. It sets tags and termination protection by the lifecycle, and makes
synthesis fail where a persistent stack depends on an ephemeral one: destroying the month would otherwise
break what has to outlive it.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

import aws_cdk as cdk
import constructs
import jsii

from installation.names import ADMINISTRATOR_STACKS, Lifecycle
from installation.settings import Settings

# For resources with data in a persistent stack. They stay when they leave the template or the stack is deleted, but not
# when their own creation is rolled back: with RETAIN a first deployment that fails half-way would leave empty resources
# whose names make the second attempt fail (CloudFormation template reference, DeletionPolicy, RetainExceptOnCreate).
KEEP: Final = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE


class HannibalStack(cdk.Stack):
    """Base of all stacks; a subclass sets its lifecycle, and its purpose as CloudFormation shows it.

    Args:
        boundary: permissions boundary that every role of the stack carries, by name; by default the one for roles
            that run the system.
    """

    lifecycle: ClassVar[Lifecycle]
    purpose: ClassVar[str]

    def __init__(
        self, scope: constructs.Construct, construct_id: str, *, settings: Settings, boundary: str | None = None
    ) -> None:
        tags = {
            "Project": settings.project,
            "Environment": settings.environment,
            "Lifecycle": self.lifecycle,
            "ManagedBy": "cdk",
        }
        super().__init__(
            scope,
            construct_id,
            description=self.purpose,
            # Without an account in the settings the template holds AWS::AccountId: the same commit gives the same
            # bytes for everybody.
            env=cdk.Environment(account=settings.account_id, region=settings.region),
            tags=tags,
            termination_protection=self.lifecycle == "persistent",
            permissions_boundary=cdk.PermissionsBoundary.from_name(boundary or settings.names.ecs_boundary),
            # An administrator deploys this template: it needs nothing of the pipeline's bootstrap.
            synthesizer=cdk.DefaultStackSynthesizer(
                generate_bootstrap_version_rule=construct_id not in ADMINISTRATOR_STACKS
            ),
        )
        self.settings = settings
        self.names = settings.names
        self.own_tags = tags
        of_resources = cdk.Tags.of(self)
        for key, value in tags.items():
            of_resources.add(key, value)
        if self.lifecycle == "persistent":
            self.node.add_validation(Validation(self._references_to_ephemeral_stacks))

    def output(self, name: str, value: str, description: str) -> None:
        """Add an output that a runbook command needs."""
        cdk.CfnOutput(self, name, value=value, description=description)

    def _references_to_ephemeral_stacks(self) -> list[str]:
        """Law: a persistent stack depends on no ephemeral one. It runs after references have become dependencies."""
        problems = []
        for other in self.dependencies:
            if isinstance(other, HannibalStack) and other.lifecycle == "ephemeral":
                references = "; ".join(_references(self, other)) or "a dependency that was added by hand"
                problems.append(
                    f"the persistent {self.stack_name} must not depend on the ephemeral {other.stack_name}, which is "
                    f"destroyed at the end of the month. It does so by: {references}. Move the resource to a "
                    "persistent stack, or turn the reference round."
                )
        return problems


@jsii.implements(constructs.IValidation)
class Validation:
    """Makes synthesis fail with the problems that a function finds."""

    def __init__(self, problems: Callable[[], list[str]]) -> None:
        self._problems = problems

    def validate(self) -> list[str]:
        """The problems."""
        return self._problems()


def _references(stack: HannibalStack, other: HannibalStack) -> Iterator[str]:
    """The places in a stack's template that refer to another stack."""
    for child in stack.node.find_all():
        if isinstance(child, cdk.CfnResource):
            # The public API shows no rendered properties, and only a failing synthesis runs this.
            content = stack.resolve(child._cfn_properties)  # noqa: SLF001
        elif isinstance(child, cdk.CfnOutput):
            content = stack.resolve(child.value)
        else:
            continue
        for reference in _stack_outputs(content, other.stack_name):
            yield f"{child.node.path} -> {other.stack_name}.{reference}"


def _stack_outputs(content: Any, stack_name: str) -> Iterator[str]:
    """Outputs of a stack that rendered properties read, however deep."""
    if isinstance(content, dict):
        target = content.get("Fn::GetStackOutput")
        if isinstance(target, dict) and target.get("StackName") == stack_name:
            yield str(target.get("OutputName"))
        for value in content.values():
            yield from _stack_outputs(value, stack_name)
    elif isinstance(content, list):
        for value in content:
            yield from _stack_outputs(value, stack_name)
