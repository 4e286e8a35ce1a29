"""CloudFront's refusals of distributions whose parts contradict each other, and defaults of omitted properties.

Single values are property rules. Sources: API reference, CreateDistribution and its errors; developer guide, "Values
that you specify"; for messages, issues of aws-cdk and terraform-provider-aws that quote them. Defaults: template
reference, CustomOriginConfig and Restrictions.
"""

import copy
from typing import Any, Final

from embedded_aws.cloudformation.emulator import resource_handlers
from embedded_aws.cloudformation.registry import before_create, before_update
from embedded_aws.cloudfront import emulator
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.core.refusal import Refusal

_Record = dict[str, Any]
_TYPE: Final = "AWS::CloudFront::Distribution"
_LEADS_ELSEWHERE: Final = (
    "One or more aliases specified for the distribution includes an incorrectly configured DNS record that points to "
    "another CloudFront distribution. You must update the DNS record to correct the problem. For more information, see "
    "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html#alternate-domain-names-restrictions"
)
_DEFAULTS: Final = {"HTTPPort": 80, "HTTPSPort": 443, "OriginKeepaliveTimeout": 5, "OriginReadTimeout": 30}


def install() -> None:
    """Check distributions that are created or changed."""
    before_create(_TYPE, _check_distribution)
    before_update(_TYPE, lambda identifier, properties: _check_distribution(properties, identifier))


def _check_distribution(properties: _Record, identifier: str = "") -> None:
    """Refuse a distribution, with the first error; an existing one has an id."""
    config = properties.get("DistributionConfig") or {}
    origins = config.get("Origins") or []
    groups = (config.get("OriginGroups") or {}).get("Items") or []
    default, behaviours = config.get("DefaultCacheBehavior") or {}, config.get("CacheBehaviors") or []
    names = [origin.get("Id") for origin in origins]
    members = [it["OriginId"] for group in groups for it in group["Members"]["Items"]]
    targets = [it.get("TargetOriginId") for it in (default, *behaviours)]
    if set(targets) - {*names, *(group.get("Id") for group in groups)} or set(members) - set(names):
        raise Refusal("CloudFront", "NoSuchOrigin", "One or more of your origins or origin groups do not exist.")
    # A domain whose record leads to another distribution, or to one that is gone; of the zones that are here.
    own = emulator.distributions.get(identifier, {}).get("DomainName")
    addresses = [it for alias in config.get("Aliases") or [] for it in emulator.addresses_of(alias) or []]
    if any(it.endswith(".cloudfront.net") and it != own for it in addresses):
        raise Refusal("CloudFront", "CNAMEAlreadyExists", _LEADS_ELSEWHERE)


def install_defaults() -> None:
    """Fill in the defaults where a template creates or changes a distribution."""
    handlers = resource_handlers[_TYPE]
    wrap_item(handlers, "create", _create_with_defaults)
    wrap_item(handlers, "update", _update_with_defaults)


def _create_with_defaults(original: Function, logical_id: str, properties: dict[str, Any], stack: str) -> Any:
    return original(logical_id, _add_defaults(properties), stack)


def _update_with_defaults(
    original: Function, physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any, **more: Any
) -> Any:
    return original(physical_id, old, _add_defaults(new), *rest, **more)


def _add_defaults(request: dict[str, Any]) -> dict[str, Any]:
    properties = copy.deepcopy(request)
    configuration = properties.get("DistributionConfig") or {}
    configuration.setdefault("Restrictions", {"GeoRestriction": {"RestrictionType": "none", "Locations": []}})
    configuration.setdefault("WebACLId", "")
    behaviors = configuration.get("CacheBehaviors") or []
    for behavior in (configuration.setdefault("DefaultCacheBehavior", {}), *behaviors):
        behavior.setdefault("FieldLevelEncryptionId", "")  # CloudFront always sends it
    for origin in configuration.get("Origins") or []:
        if custom := origin.get("CustomOriginConfig"):
            origin["CustomOriginConfig"] = _DEFAULTS | custom
    return properties
