"""Condition keys that the project's policies use and the emulator lacks.

Sources: service authorization reference (AWS IAM, AWS CloudFormation, Amazon CloudWatch, Amazon ECS, AWS Lambda, AWS
Certificate Manager); Systems Manager user guide, "Preventing access to Parameter Store API operations"; IAM user
guide, "AWS global condition context keys" and "Available keys for AWS OIDC federation"; STS API reference,
AssumeRole, SerialNumber and TokenCode; AWS STS, validation of provider-specific claims of shared OIDC providers,
January 2026.
"""

from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, Final

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import tagging

from embedded_aws.core.json_value import as_list, json_object
from embedded_aws.core.patching import Function, wrap
from embedded_aws.database import emulator as database
from embedded_aws.iam import emulator
from embedded_aws.iam.authorization.resources import Request, read_request

# Actions that change a role's permissions or boundary; the key is the role's boundary or its new one.
_GIVES_BOUNDARY = ("CreateRole", "PutRolePermissionsBoundary")
_UNDER_BOUNDARY = (
    *("AttachRolePolicy", "DeleteRolePermissionsBoundary", "DeleteRolePolicy", "DetachRolePolicy", "PutRolePolicy"),
)
# By service the key that is a member of the request as it is.
_COPIED: Final = {
    "cloudformation": ("cloudformation:ChangeSetName", "ChangeSetName"),
    "lambda": ("lambda:Principal", "Principal"),
}
# Whether the current request has a second factor: any device and any code are valid.
_second_factor: ContextVar[bool] = ContextVar("hannibal_second_factor", default=False)
# What a session may be given besides, and the permission for it, of the caller and in the trust policy (IAM user guide,
# "Pass session tags in AWS STS", "Monitor and control actions taken with assumed roles").
_OF_SESSION: Final = {"SourceIdentity": "sts:SetSourceIdentity", "Tags.": "sts:TagSession"}
_session_permissions: ContextVar[tuple[str, ...]] = ContextVar("hannibal_session_permissions", default=())
_GITHUB: Final = "token.actions.githubusercontent.com"
_CLAIMS: Final = (
    *("actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref"),
    *("ref", "repository", "repository_id", "workflow"),
)


def install() -> None:
    """Add the keys of requests, of resources, of callers and of tokens."""
    wrap(iam_actions, "request_tag_context", _keys_of_request)
    wrap(iam_evaluator, "enforce", _add_resource_tags)
    wrap(iam_evaluator, "evaluate_trust_policy", _evaluate_trust)
    emulator.resolve_condition_key.wrap(_keys_of_caller)
    emulator.web_identity_principal.wrap(_add_claims)
    for module in (app, iam_evaluator):
        wrap(module, "pin_request_origin", _encrypted)


def _keys_of_request(
    original: Function, service: str, action: str, body: bytes, parameters: dict[str, list[str]]
) -> dict[str, Any]:
    keys: dict[str, Any] = original(service, action, body, parameters)
    request = read_request(body, parameters)
    verb = action.partition(":")[2]
    _second_factor.set(verb == "AssumeRole" and bool(request.get("SerialNumber") and request.get("TokenCode")))
    _session_permissions.set(tuple(session_permissions(action, request)))
    if service == "iam":
        return keys | _boundary(verb, request)
    if service == "ecs" and request.get("cluster"):
        name, container = str(request["cluster"]), request.get("container")
        arn = name if name.startswith("arn:") else f"arn:aws:ecs:{get_region()}:{get_account_id()}:cluster/{name}"
        return keys | {"ecs:cluster": arn} | ({"ecs:container-name": str(container)} if container else {})
    if verb in ("PutCompositeAlarm", "PutMetricAlarm"):
        return keys | _alarm_actions(request)
    if service in _COPIED:
        key, member = _COPIED[service]
        return keys | ({key: str(request[member])} if request.get(member) else {})
    if verb == "PutTargets":
        targets = (target for target in as_list(request.get("Targets") or []) if isinstance(target, dict))
        return keys | {"events:TargetArn": [str(target.get("Arn")) for target in targets]}
    if verb == "PutParameter":
        return keys | {"ssm:Policies": str(bool(request.get("Policies"))).lower()}
    if verb == "RequestCertificate":
        exported = (json_object(request.get("Options")) or {}).get("Export")
        return keys | ({"acm:Export": str(exported)} if exported else {})
    return keys


def _boundary(verb: str, request: Request) -> dict[str, str]:
    if verb in _GIVES_BOUNDARY:
        boundary = request.get("PermissionsBoundary")
    elif verb in _UNDER_BOUNDARY:
        boundary = (emulator.roles.get(request.get("RoleName")) or {}).get("PermissionsBoundary")
    else:
        boundary = None
    return {"iam:PermissionsBoundary": str(boundary)} if boundary else {}


def _alarm_actions(request: Request) -> dict[str, list[str]]:
    """The alarm's actions in all of its states; without actions, the key is missing."""
    kinds = ("AlarmActions", "InsufficientDataActions", "OKActions")
    listed = [str(action) for kind in kinds for action in as_list(request.get(kind) or [])]
    in_query = [
        str(value) for name, value in request.items() if name.startswith(tuple(f"{it}.member." for it in kinds))
    ]
    return {"cloudwatch:AlarmActions": found} if (found := [*listed, *in_query]) else {}


def _add_resource_tags(
    original: Function,
    access_key: str,
    action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: dict[str, Any] | None = None,
) -> Any:
    """Add the resource's tags: the emulator reads them for a role's policies, but not for its boundary."""
    keys = {f"aws:resourcetag/{name}".lower(): value for name, value in _tags_of(resource_arn).items()}
    return original(
        access_key, action, service, region, resource_arn=resource_arn, service_context=keys | (service_context or {})
    )


def _tags_of(arn: str) -> dict[str, str]:
    """Tags of a call's resource; the emulator's own function lacks RDS."""
    if arn.startswith("arn:aws:rds:"):
        return {tag["Key"]: tag["Value"] for tag in database.tags.get(arn, [])}
    return tagging.resource_tags(arn) or {} if arn.startswith("arn:") else {}


def _keys_of_caller(original: Function, key: str, context: Any) -> Any:
    """Make a session's ``aws:PrincipalArn`` its role's ARN instead of the session's."""
    value = original(key, context)
    if key.lower() == "aws:principalarn" and ":assumed-role/" in str(value):
        role = str(value).split("/")[1]
        return f"arn:aws:iam::{context.principal_account}:role/{role}"
    return value


def session_permissions(action: str, request: Request) -> Iterator[str]:
    """The permissions for what AssumeRole gives the session besides."""
    for member, permission in _OF_SESSION.items():
        if action == "sts:AssumeRole" and any(name.startswith(member) for name in request):
            yield permission


def _evaluate_trust(original: Function, trust: Any, caller: str, context: Any = None) -> Any:
    """Add the second factor, and ask for the permissions of what the session is given."""
    if context is not None and context.action == "sts:AssumeRole":
        shown = {"aws:multifactorauthpresent": str(_second_factor.get()).lower()}
        context = replace(context, principal_keys={**context.principal_keys, **shown})
        if not all(original(trust, caller, replace(context, action=it)) for it in _session_permissions.get()):
            return False
    return original(trust, caller, context)


def _add_claims(original: Function, token: str, provider_id: str, role_arn: str) -> Any:
    """Add the claims of GitHub's tokens to the keys for the trust policy."""
    principal, keys = original(token, provider_id, role_arn)
    if str(principal).endswith(f"oidc-provider/{_GITHUB}"):
        claims = emulator.token_claims(token)
        keys |= {f"{_GITHUB}:{name}": claims[name] for name in _CLAIMS if name in claims}
    return principal, keys


def _encrypted(original: Function, source_ip: str, _secure_transport: bool) -> None:
    """Treat calls as encrypted, as all calls to AWS are by default: they never leave this machine.

    The CDK's bootstrap bucket, like every bucket of the application, refuses calls that are not
    (``aws:SecureTransport``): without this, publishing a template would fail.
    """
    original(source_ip, True)
