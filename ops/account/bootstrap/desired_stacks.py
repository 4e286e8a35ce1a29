"""How the stacks that an administrator deploys shall be: template, parameters, role, tags and protection."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from installation.names import ADMINISTRATOR_STACKS, ALL_STACKS, AUDIT_STACK, IDENTITY_STACK
from installation.names.persistent import ADMINISTRATOR_TOOLKIT_STACK, BOOTSTRAP_QUALIFIER, TOOLKIT_STACK
from installation.settings import Settings
from ops.account.bootstrap.administrator_toolkit import toolkit_template
from ops.account.caller import Caller
from ops.errors import FailedError
from ops.stacks.checkout import Checkout
from ops.templates.assembly import read_assembly

# Parameters of the CDK's bootstrap template.
POLICIES, BOUNDARY = "CloudFormationExecutionPolicies", "InputPermissionsBoundary"
# As `cdk bootstrap` says where nobody asks for a key: one of the account's own bills a dollar a month. A toolkit that
# has one keeps it, because with the key everything in its bucket would go.
_FIRST = {"FileAssetsBucketKmsKeyId": "AWS_MANAGED_KEY"}


@dataclass(frozen=True, kw_only=True)
class DesiredStack:
    """One stack as it shall be."""

    name: str  # the stack's name
    template: str  # its template, as text
    role: str | None = None  # ARN of the role that CloudFormation works with; None: with the caller's own credentials
    # Values of its parameters; those that are not here keep their values.
    parameters: Mapping[str, str] = field(default_factory=dict)
    # Values that its creation gives its parameters; those that it has are kept later on.
    first: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    once: bool = False  # whether it is only made here, and updated by the pipeline afterwards
    # Whether its creation takes over what one before it has left: a failed one leaves the trail's bucket and log group,
    # whose names would refuse the next. No name of theirs is one that the pipeline can make.
    keeps: bool = False


def desired_stacks(
    settings: Settings, caller: Caller, checkout: Checkout, assembly: Path, policies: Iterable[str]
) -> tuple[DesiredStack, ...]:
    """All stacks of an administrator, in the order in which they are deployed.

    Args:
        caller: account and region.
        checkout: the checkout, with the CDK's own bootstrap template.
        assembly: the synthesized templates.
        policies: ARNs of the policies of the pipeline's CloudFormation role.

    Raises:
        UnusableInputError: a template is missing.
        FailedError: one needs files besides itself.
    """
    tags = {"Project": settings.project, "Environment": settings.environment}
    admin = settings.names.administrator_role(caller.account, caller.region)
    own = {it.name: it for it in _application(assembly, f"arn:aws:iam::{caller.account}:role/{admin}")}
    pipeline = settings.names.bootstrap_role("cfn-exec", caller.account, caller.region)
    once = tuple(
        replace(own[name], role=f"arn:aws:iam::{caller.account}:role/{pipeline}", once=True)
        for name in ALL_STACKS
        if name in own and name not in ADMINISTRATOR_STACKS
    )
    return (
        DesiredStack(name=ADMINISTRATOR_TOOLKIT_STACK, template=toolkit_template(settings, caller), tags=tags),
        own[IDENTITY_STACK],
        DesiredStack(
            name=TOOLKIT_STACK,
            template=checkout.toolkit_template.read_text(encoding="utf-8"),
            parameters=toolkit_parameters(policies, settings.names.deploy_boundary),
            first=_FIRST,
            tags=tags,
        ),
        *once,
        own[AUDIT_STACK],
    )


def toolkit_parameters(policies: Iterable[str], boundary: str) -> Mapping[str, str]:
    """What the CDK's bootstrap is told: nobody outside is trusted, and every role carries the boundary."""
    return {
        "Qualifier": BOOTSTRAP_QUALIFIER,
        "TrustedAccounts": "",
        "TrustedAccountsForLookup": "",
        POLICIES: ",".join(policies),
        BOUNDARY: boundary,
        "ApplyPermissionsBoundaryToAllRoles": "true",
        "PublicAccessBlockConfiguration": "true",
        "DenyExternalId": "true",
    }


def _application(assembly: Path, role: str) -> Iterable[DesiredStack]:
    """The stacks of the application that are protected: those that outlive the month."""
    for stack in read_assembly(assembly).stacks.values():
        if stack.protected:
            _require_no_files(assembly / f"{stack.name}.assets.json", stack.name)
            text = stack.file.read_text(encoding="utf-8")
            keeps = stack.name == AUDIT_STACK
            yield DesiredStack(name=stack.name, template=text, role=role, tags=stack.tags, keeps=keeps)


def _require_no_files(file: Path, stack: str) -> None:
    """A file in the pipeline's bucket may have been written by others; a template is compared before it is executed."""
    content = json.loads(file.read_text(encoding="utf-8"))
    files = [it["source"]["path"] for it in content.get("files", {}).values()]
    others = [path for path in files if path != f"{stack}.template.json"]
    if others or content.get("dockerImages"):
        raise FailedError(
            f"{stack} needs files besides its template ({', '.join(others) or 'images'}), which an administrator does "
            "not deploy: they lie where the pipeline may write"
        )
