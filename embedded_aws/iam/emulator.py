"""The used parts of the emulator's IAM and STS, under plain names (see ``EmulatorFunction``)."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.services import cognito, iam, sts

from embedded_aws.core.patching import EmulatorFunction, Response
from embedded_aws.core.refusal import Refusal

SERVICE = "Iam"
refusal = partial(Refusal, SERVICE)
access_keys = iam._access_keys
actions = iam._IAM_HANDLERS
authentication_failures = iam_actions._AUTH_FAILURES
groups = iam._groups
models: dict[str, list[str]] = iam_actions._BOTOCORE_SERVICE_MAP
oidc_providers = iam._oidc_providers
policies = iam._policies
roles = iam._roles
users = iam._users
signed_request = iam_evaluator._signed_request
verified_key = iam_evaluator._verified_key

credential_report = EmulatorFunction[str](iam, "_build_credential_report")
action_of_request = EmulatorFunction[str | None](iam_actions, "extract_iam_action")
action_of_target = EmulatorFunction[str | None](iam_actions, "_action_from_target")
action_parameter = EmulatorFunction[str | None](iam_actions, "_action_from_query")
check_web_identity = EmulatorFunction[Response | None](sts, "_web_identity_trust_denied")
create_oidc_provider = EmulatorFunction[Response](iam, "_create_oidc_provider")
delete_oidc_provider = EmulatorFunction[Response](iam, "_delete_oidc_provider")
error = EmulatorFunction[Response](iam, "_error")
lambda_action = EmulatorFunction[str | None](iam_actions, "_lambda_action")
new_access_key = EmulatorFunction[str](sts, "_gen_session_access_key")
new_secret = EmulatorFunction[str](sts, "_gen_secret")
new_session_token = EmulatorFunction[str](sts, "_gen_session_token")
parameter = EmulatorFunction[str](iam, "_p")
policy_document = EmulatorFunction[dict[str, Any] | str | None](iam_evaluator, "_resolve_managed_policy_document")
permissions_boundary = EmulatorFunction[Any](iam_evaluator, "_permissions_boundary")
resolve_condition_key = EmulatorFunction[Any](iam_evaluator, "_resolve_condition_key")
role_id = EmulatorFunction[str](sts, "_role_id")
role_xml = EmulatorFunction[str](iam, "_role_xml")
role_policies = EmulatorFunction[Any](iam_evaluator, "_gather_role_policies")
served_unsigned = EmulatorFunction[bool](iam_evaluator, "_served_unsigned")
token_claims = EmulatorFunction[dict[str, Any]](cognito, "_decode_id_token_unverified")
user_xml = EmulatorFunction[str](iam, "_user_xml")
web_identity_principal = EmulatorFunction[tuple[Any, dict[str, Any]]](sts, "_web_identity_principal")
xml_response = EmulatorFunction[Response](iam, "_xml")


def decide(
    session: str, action: str, resource: str, *, region: str, tags: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """IAM's decisions about a call by a role's session (an ARN): by policies and boundary, and by its policies alone.

    ``tags`` are those of the resource.
    """
    account, role = session.split(":")[4], session.split("/")[1]
    context = iam_evaluator.EvalContext(
        principal_arn=session,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=region,
        service_context={f"aws:resourcetag/{name}".lower(): value for name, value in (tags or {}).items()},
    )
    policies = role_policies(role, account)
    bounded = iam_evaluator.evaluate(context, policies, *permissions_boundary(roles, role, account)).decision
    unbounded = iam_evaluator.evaluate(context, policies).decision
    return bounded, unbounded


def use_models(found: dict[str, list[str]]) -> None:
    """Find operations by their paths in these botocore models, by service."""
    iam_actions._BOTOCORE_SERVICE_MAP = found
