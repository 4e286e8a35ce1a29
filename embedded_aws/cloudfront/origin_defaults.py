"""CloudFront's defaults of omitted properties (template reference, CustomOriginConfig and Restrictions)."""

import copy
from typing import Any, Final

from embedded_aws.cloudformation.emulator import resource_handlers
from embedded_aws.core.patching import Function, wrap_item

_DEFAULTS: Final = {"HTTPPort": 80, "HTTPSPort": 443, "OriginKeepaliveTimeout": 5, "OriginReadTimeout": 30}


def install() -> None:
    """Fill in the defaults where a template creates or changes a distribution."""
    handlers = resource_handlers["AWS::CloudFront::Distribution"]
    wrap_item(handlers, "create", _create_with_defaults)
    wrap_item(handlers, "update", _update_with_defaults)


def _create_with_defaults(original: Function, logical_id: str, properties: dict[str, Any], stack: str) -> Any:
    return original(logical_id, _add_defaults(properties), stack)


def _update_with_defaults(
    original: Function, physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any, **more: Any
) -> Any:
    return original(physical_id, old, _add_defaults(new), *rest, **more)


def _add_defaults(given: dict[str, Any]) -> dict[str, Any]:
    properties = copy.deepcopy(given)
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
