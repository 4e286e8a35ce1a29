"""``AWS::IAM::OIDCProvider``."""

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.cloudformation.registry import Change, Created, Properties, register, tag_list
from embedded_aws.core.refusal import Refusal, gone_is_fine, query_call
from embedded_aws.iam import emulator


def register_types() -> None:
    """Let templates use OpenID Connect providers."""
    register(name="AWS::IAM::OIDCProvider", create=_create, update=_update, delete=_delete)


def _create(_logical_id: str, properties: Properties, _stack: str) -> Created:
    url = properties["Url"]
    request = cloudformation.query_parameters(properties, {"ClientIdList": "ClientIDList"})
    try:
        arn = query_call(emulator.SERVICE, emulator.create_oidc_provider, request)["OpenIDConnectProviderArn"]
    except Refusal as refusal:
        if refusal.code == "EntityAlreadyExists":
            raise emulator.refusal(refusal.code, f"Provider with url {url} already exists.") from refusal
        raise
    return arn, {"Arn": arn}


def _update(change: Change) -> Created:
    # The emulator has no operation that updates a provider.
    emulator.oidc_providers[change.physical_id] |= {
        "ClientIDList": list(change.new.get("ClientIdList") or []),
        "ThumbprintList": list(change.new.get("ThumbprintList") or []),
        "Tags": tag_list(change.new),
    }
    return change.physical_id, {"Arn": change.physical_id}


def _delete(physical_id: str, _properties: Properties) -> None:
    with gone_is_fine():
        query_call(emulator.SERVICE, emulator.delete_oidc_provider, {"OpenIDConnectProviderArn": physical_id})
