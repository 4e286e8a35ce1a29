"""Refuses missing boundaries and policies, too long ones, documents that are no policy, and roles that a service lacks.

The quotas are IAM's defaults (IAM user guide, "IAM and AWS STS quotas"); white space is not counted.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.cloudformation.registry import Properties, before_delete
from embedded_aws.core.json_value import as_list, json_object
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.iam import emulator, policy_grammar
from embedded_aws.iam.emulator import refusal
from installation.aws_facts.limits import INLINE_POLICIES_CHARACTERS, MANAGED_POLICY_CHARACTERS

_TRUST_POLICY_CHARACTERS: Final = 2_048


def install() -> None:
    """Keep the boundaries of a template's roles, and refuse to delete a policy that is a boundary."""
    before_delete("AWS::IAM::ManagedPolicy", _check_not_boundary)
    role_handlers = cloudformation.resource_handlers["AWS::IAM::Role"]
    wrap_item(role_handlers, "create", _create_role_with_boundary)
    wrap_item(role_handlers, "update", _update_role_with_boundary)


def policy_size(document: str | dict[str, Any]) -> int:
    """Count the characters of a policy as IAM does."""
    text = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    return len("".join(text.split()))


def check_managed_policy(document: str | dict[str, Any]) -> None:
    """Refuse a managed policy that is invalid or too long."""
    policy_grammar.check_identity_policy(document)
    if policy_size(document) > MANAGED_POLICY_CHARACTERS:
        raise refusal("LimitExceeded", f"Cannot exceed quota for PolicySize: {MANAGED_POLICY_CHARACTERS}")


def check_inline_policies(role: str, documents: dict[str, str | dict[str, Any]]) -> None:
    """Refuse inline policies if one is invalid or their total length is too long."""
    for document in documents.values():
        policy_grammar.check_identity_policy(document)
    if sum(policy_size(document) for document in documents.values()) > INLINE_POLICIES_CHARACTERS:
        message = f"Maximum policy size of {INLINE_POLICIES_CHARACTERS} bytes exceeded for role {role}"
        raise refusal("LimitExceeded", message)


def check_trust_policy(document: str | dict[str, Any]) -> None:
    """Refuse a trust policy that is invalid or too long."""
    policy_grammar.check_trust_policy(document, get_account_id())
    if policy_size(document) > _TRUST_POLICY_CHARACTERS:
        raise refusal("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {_TRUST_POLICY_CHARACTERS}")


def is_known(arn: str) -> bool:
    """Whether a managed policy exists in the account or among AWS's."""
    return bool(iam.policy_known(arn)) or arn in aws_policies()


@cache
def aws_policies() -> frozenset[str]:
    """The ARNs of AWS managed policies; the emulator has only some of their documents."""
    lines = Path(__file__).with_name("managed_policies.txt").read_text().splitlines()
    return frozenset(f"arn:aws:iam::aws:policy/{line}" for line in lines if not line.startswith("#"))


def check_role(properties: Properties) -> None:
    """Refuse invalid policies of a role of a template or a call."""
    check_trust_policy(properties.get("AssumeRolePolicyDocument") or "")
    inline = {policy["PolicyName"]: policy["PolicyDocument"] for policy in properties.get("Policies") or []}
    check_inline_policies(properties.get("RoleName") or "", inline)


def _check_not_boundary(arn: str) -> None:
    """Refuse to delete a policy that is still the boundary of a role."""
    if any(role.get("PermissionsBoundary") == arn for role in emulator.roles.values()):
        raise refusal("DeleteConflict", "Cannot delete a policy attached to entities.")


def check_policy(properties: Properties) -> None:
    """Refuse an invalid managed policy of a template or a call."""
    check_managed_policy(properties.get("PolicyDocument") or "")


def check_inline_policy(properties: Properties) -> None:
    """Refuse an invalid inline policy of a call, or of a template, where it may belong to several roles."""
    for role in properties.get("Roles") or [properties.get("RoleName") or ""]:
        existing = emulator.roles.get(role, {}).get("InlinePolicies", {})
        added = {properties.get("PolicyName") or "": properties.get("PolicyDocument") or ""}
        check_inline_policies(role, existing | added)


def _create_role_with_boundary(original: Function, logical_id: str, properties: Properties, stack: str) -> Any:
    """Keep the boundary of a template's role, which the emulator drops."""
    name, attributes = original(logical_id, properties, stack)
    emulator.roles[name]["PermissionsBoundary"] = properties.get("PermissionsBoundary") or ""
    return name, attributes


def _update_role_with_boundary(
    original: Function, physical_id: str, old: Properties, new: Properties, *rest: Any
) -> Any:
    name, attributes = original(physical_id, old, new, *rest)
    emulator.roles[name]["PermissionsBoundary"] = new.get("PermissionsBoundary") or ""
    return name, attributes


# By operation.
RULES: Final[Mapping[str, Callable[[Properties], None]]] = {
    "CreatePolicy": check_policy,
    "CreatePolicyVersion": check_policy,
    "CreateRole": check_role,
    "DeletePolicy": lambda request: _check_not_boundary(request.get("PolicyArn") or ""),
    "PutRolePolicy": check_inline_policy,
    "UpdateAssumeRolePolicy": lambda request: check_trust_policy(request.get("PolicyDocument") or ""),
}


def trusts(arn: str, service: str) -> bool | None:
    """Whether a role trusts a service; None if there is no such role."""
    role = emulator.roles.get(arn.rpartition("/")[2])
    if role is None or role["Arn"] != arn:
        return None
    policy = json_object(role["AssumeRolePolicyDocument"]) or {}
    for statement in as_list(policy.get("Statement", [])):
        principal = statement.get("Principal", {})
        services = as_list(principal.get("Service", [])) if isinstance(principal, dict) else [principal]
        if statement.get("Effect") == "Allow" and {service, "*"}.intersection(services):
            return True
    return False


def allows(arn: str, action: str, resource: str) -> bool | None:
    """Whether a role may do something, by its policies and boundary; None if one's content, or the role, is unknown."""
    name = arn.rpartition("/")[2]
    role = emulator.roles.get(name)
    if role is None:
        return None
    account = get_account_id()
    session = f"arn:aws:sts::{account}:assumed-role/{name}/service"
    decision, _ = emulator.decide(session, action, resource, region=get_region())
    managed = [it for it in (*role.get("AttachedPolicies", []), role.get("PermissionsBoundary")) if it]
    if decision == "ImplicitDeny" and not all(emulator.policy_document(it, account) for it in managed):
        return None
    return decision == "Allow"
