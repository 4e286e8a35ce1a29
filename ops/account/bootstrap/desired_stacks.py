"""The desired state of the administrator's stacks: template, parameters, role, tags and protection."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template
from typing import Final

from installation import yaml_text
from installation.names import ADMINISTRATOR_STACKS, ALL_STACKS, AUDIT_STACK, IDENTITY_STACK
from installation.names.persistent import ADMINISTRATOR_TOOLKIT_STACK, BOOTSTRAP_QUALIFIER, TOOLKIT_STACK
from installation.permissions.execution_policies import ADMINISTRATOR_POLICIES
from installation.permissions.statements import Arns
from installation.settings import Settings
from ops.account.caller import Caller
from ops.errors import FailedError
from ops.stacks.checkout import Checkout
from ops.templates.assembly import read_assembly

_FILE: Final = Path(__file__).with_name("administrator_toolkit.yaml")
# Parameters of the CDK's bootstrap template.
POLICIES, BOUNDARY, QUALIFIER = "CloudFormationExecutionPolicies", "InputPermissionsBoundary", "Qualifier"
# As by default in `cdk bootstrap`: a customer managed key costs a dollar a month. A toolkit that
# has one keeps it, because without the key everything in its bucket would be lost.
_FIRST = {"FileAssetsBucketKmsKeyId": "AWS_MANAGED_KEY"}


def toolkit_template(settings: Settings, caller: Caller) -> str:
    """The administrator's own bootstrap: a bucket for templates, and CloudFormation's role for two stacks.

    It has no role for people: an administrator uploads and deploys with his own credentials, and only CloudFormation
    may assume its role.
    """
    names, arns = settings.names, Arns(names=settings.names, region=caller.region, account=caller.account)
    bucket = names.administrator_bucket(caller.account, caller.region)
    role = names.administrator_role(caller.account, caller.region)
    template = yaml_text.parsed(Template(_FILE.read_text(encoding="utf-8")).substitute(bucket=bucket, role=role))
    template["Resources"]["CloudFormation"]["Properties"]["Policies"] = [
        {
            "PolicyName": policy.subject,
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [statement.as_iam() for statement in policy.statements(arns)],
            },
        }
        for policy in ADMINISTRATOR_POLICIES
    ]
    return json.dumps(template, indent=1)


@dataclass(frozen=True, kw_only=True)
class DesiredStack:
    """The desired state of one stack."""

    name: str  # the stack's name
    template: str  # its template, as text
    role: str | None = None  # ARN of CloudFormation's role; None: the caller's own credentials
    # Values of its parameters; all others keep their values.
    parameters: Mapping[str, str] = field(default_factory=dict)
    # Values of parameters at its creation; later they are kept.
    first: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    once: bool = False  # whether it is only created here, and updated by the pipeline afterwards
    # Whether its creation imports what a failed creation has left: the trail's bucket and log group,
    # whose names would make the next one fail. The pipeline cannot create resources of these names.
    keeps: bool = False


def desired_stacks(
    settings: Settings, caller: Caller, checkout: Checkout, assembly: Path, policies: Iterable[str]
) -> tuple[DesiredStack, ...]:
    """All stacks of an administrator, in the order of deployment.

    `policies` are ARNs of those of the pipeline's CloudFormation role.

    Raises:
        UnusableInputError: a template is missing.
        FailedError: a template needs assets.
    """
    tags = {"Project": settings.project, "Environment": settings.environment}
    admin = settings.names.administrator_role(caller.account, caller.region)
    application = {it.name: it for it in _application(assembly, f"arn:aws:iam::{caller.account}:role/{admin}")}
    pipeline = settings.names.bootstrap_role("cfn-exec", caller.account, caller.region)
    created_only = tuple(
        replace(application[name], role=f"arn:aws:iam::{caller.account}:role/{pipeline}", once=True)
        for name in ALL_STACKS
        if name in application and name not in ADMINISTRATOR_STACKS
    )
    return (
        DesiredStack(name=ADMINISTRATOR_TOOLKIT_STACK, template=toolkit_template(settings, caller), tags=tags),
        application[IDENTITY_STACK],
        DesiredStack(
            name=TOOLKIT_STACK,
            template=checkout.toolkit_template.read_text(encoding="utf-8"),
            parameters=toolkit_parameters(policies, settings.names.deploy_boundary),
            first=_FIRST,
            tags=tags,
        ),
        *created_only,
        application[AUDIT_STACK],
    )


def toolkit_parameters(policies: Iterable[str], boundary: str) -> Mapping[str, str]:
    """Parameters of the CDK's bootstrap: no other account is trusted, and every role has the boundary."""
    return {
        QUALIFIER: BOOTSTRAP_QUALIFIER,
        "TrustedAccounts": "",
        "TrustedAccountsForLookup": "",
        POLICIES: ",".join(policies),
        BOUNDARY: boundary,
        "ApplyPermissionsBoundaryToAllRoles": "true",
        "PublicAccessBlockConfiguration": "true",
        "DenyExternalId": "true",
    }


def _application(assembly: Path, role: str) -> Iterable[DesiredStack]:
    """The application's stacks with termination protection: those that outlive the month."""
    for stack in read_assembly(assembly).stacks.values():
        if stack.protected:
            _require_no_files(assembly / f"{stack.name}.assets.json", stack.name)
            text = stack.file.read_text(encoding="utf-8")
            keeps = stack.name == AUDIT_STACK
            yield DesiredStack(name=stack.name, template=text, role=role, tags=stack.tags, keeps=keeps)


def _require_no_files(file: Path, stack: str) -> None:
    """Refuse assets: others may have written a file in the pipeline's bucket, and only templates are compared."""
    content = json.loads(file.read_text(encoding="utf-8"))
    files = [it["source"]["path"] for it in content.get("files", {}).values()]
    others = [path for path in files if path != f"{stack}.template.json"]
    if others or content.get("dockerImages"):
        raise FailedError(
            f"{stack} needs files besides its template ({', '.join(others) or 'images'}), which an administrator does "
            "not deploy: they lie where the pipeline may write"
        )
