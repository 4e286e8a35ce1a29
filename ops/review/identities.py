"""Roles and users: permissions boundaries, credentials, managed policies by name, and roles for people."""

import re
from collections.abc import Iterator
from typing import Final

from installation.names.persistent import EXECUTION_POLICIES
from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Severity, Subject, about, risk, shown
from ops.templates.values import at, canonical, mapping, walk, written

_IDENTITIES: Final = frozenset({"AWS::IAM::Role", "AWS::IAM::User"})
_CREDENTIALS: Final = frozenset(
    {"AWS::IAM::AccessKey", "AWS::IAM::OIDCProvider", "AWS::IAM::SAMLProvider", "AWS::IAM::User"}
)
# Properties that do not affect a sign-in (CreateOpenIDConnectProvider: AWS verifies well-known issuers itself).
_NOT_ASKED: Final = frozenset({"Tags", "ThumbprintList"})
# In a workflow: a call of the API, or a definition that stands in no template.
_CALLS_LOGS: Final = re.compile("cloudwatchlogs|DefinitionS3Location")


def identities(comparison: Comparison) -> Iterator[Finding]:
    """Findings about ways to sign in, and about the limits of roles and users."""
    for change in comparison.changes:
        yield from _boundary(change)
        yield from _removed_policies(change, comparison)
        yield from _renamed_policies(change, comparison)
        if change.type in _CREDENTIALS and _affects_sign_in(change):
            message = f"a way to sign in is {_difference_text(change)}"
            yield risk(change, Subject.PERMISSIONS, "credentials", message, "*")


def _difference_text(change: Change) -> str:
    """What happens to a way to sign in, with both values of each difference."""
    found = [it for it in change.leaves if _NOT_ASKED.isdisjoint(it.path[1:2])]
    text = "; ".join(map(shown, found)) if change.kind is Kind.CHANGED else ""
    return f"{change.kind}: {text}" if text else str(change.kind)


def _affects_sign_in(change: Change) -> bool:
    """Whether other people or systems can sign in; tags and thumbprints of well-known issuers do not affect that."""
    return change.kind is Kind.ADDED or (
        change.kind is Kind.CHANGED and any(it.name not in _NOT_ASKED and not it.follows for it in change.properties)
    )


def people(comparison: Comparison) -> set[str]:
    """Roles that only people assume: a permission that they lose stops no system."""
    roles = set()
    for sides in comparison.sides.values():
        for logical_id, resource in sides.after.items():
            parts = walk(at(resource, "Properties", "AssumeRolePolicyDocument"))
            if {kind for part in parts for kind in mapping(part.get("Principal"))} == {"AWS"}:
                roles.add(sides.path(logical_id))
    return roles


def roles_of_workflows(comparison: Comparison) -> set[str]:
    """Roles that only Step Functions assumes; none where a definition may call CloudWatch Logs itself."""
    roles = set()
    for sides in comparison.sides.values():
        for logical_id, resource in sides.after.items():
            if resource.get("Type") == "AWS::StepFunctions::StateMachine" and _CALLS_LOGS.search(canonical(resource)):
                return set()
            parts = walk(at(resource, "Properties", "AssumeRolePolicyDocument"))
            named = [part[key] for part in parts for key in ("Principal", "NotPrincipal") if key in part]
            if named == [{"Service": "states.amazonaws.com"}]:
                roles.add(sides.path(logical_id))
    return roles


def _boundary(change: Change) -> Iterator[Finding]:
    if change.type not in _IDENTITIES or change.kind is Kind.REMOVED:
        return
    before, after = change.before("PermissionsBoundary"), change.after("PermissionsBoundary")
    if after is None and (before is not None or change.kind is Kind.ADDED):
        message = "has no permissions boundary: nothing limits what its policies can give"
        yield risk(change, Subject.PERMISSIONS, "boundary-missing", message, "PermissionsBoundary")
    elif before is not None and change.differs("PermissionsBoundary"):
        message = f"gets another permissions boundary: `{written(after)}`, not `{written(before)}`"
        yield risk(change, Subject.PERMISSIONS, "boundary-changed", message, "PermissionsBoundary")


def _removed_policies(change: Change, comparison: Comparison) -> Iterator[Finding]:
    """A removed policy that resources of any stack still name, as roles name their permissions boundary."""
    name = change.before("ManagedPolicyName")
    if change.kind is not Kind.REMOVED or change.type != "AWS::IAM::ManagedPolicy" or not isinstance(name, str):
        return
    if any(f":policy/{name}" in canonical(stack.template) for stack in comparison.head.stacks.values()):
        message = f"the managed policy `{name}` is removed, and roles still name it"
        yield risk(change, Subject.PERMISSIONS, "policy-removed", message)


def _renamed_policies(change: Change, comparison: Comparison) -> Iterator[Finding]:
    """A policy that is replaced under another name, while resources or CDK's bootstrap name the old one."""
    old, new = change.before("ManagedPolicyName"), change.after("ManagedPolicyName")
    if change.kind is not Kind.CHANGED or not isinstance(old, str) or new == old:
        return
    resources = (it for stack in comparison.head.stacks.values() for it in stack.resources.values())
    mentions = sum(canonical(it).count(f":policy/{old}") for it in resources)
    severity = Severity.RISK
    if old.startswith(EXECUTION_POLICIES):
        why = f"CDK's bootstrap attaches `{old}` by its name: CloudFormation lacks what it allows until it is run again"
    elif mentions:
        why = f"{mentions} resources still name `{old}`"
    else:
        severity = Severity.LOOK
        why = "what refers to it gets the new one; who names the old one by its ARN elsewhere lacks it"
    message = f"is created again as `{written(new or 'a generated name')}`: {why}"
    yield about(change, Subject.PERMISSIONS, severity, "policy-renamed", message, "ManagedPolicyName")
