"""What CloudFront fills in where a template says less (template reference, CustomOriginConfig and Restrictions)."""

import copy
from typing import Any, Final

from embedded_aws.cloudformation.emulator import resource_handlers
from embedded_aws.core.patching import Function, wrap_item

_DEFAULTS: Final = {"HTTPPort": 80, "HTTPSPort": 443, "OriginKeepaliveTimeout": 5, "OriginReadTimeout": 30}


def install() -> None:
    """Fill it in where a template makes a distribution or changes one."""
    handlers = resource_handlers["AWS::CloudFront::Distribution"]
    for operation in ("create", "update"):
        wrap_item(handlers, operation, _filled)


def _filled(original: Function, name: str, *arguments: Any, **more: Any) -> Any:
    """Create or update; the properties that it shall have are the last but one argument."""
    properties = copy.deepcopy(arguments[-2])
    configuration = properties.get("DistributionConfig") or {}
    configuration.setdefault("Restrictions", {"GeoRestriction": {"RestrictionType": "none", "Locations": []}})
    configuration.setdefault("WebACLId", "")
    behaviors = configuration.get("CacheBehaviors") or []
    for behavior in (configuration.setdefault("DefaultCacheBehavior", {}), *behaviors):
        behavior.setdefault("FieldLevelEncryptionId", "")  # CloudFront always sends it
    for origin in configuration.get("Origins") or []:
        if custom := origin.get("CustomOriginConfig"):
            origin["CustomOriginConfig"] = _DEFAULTS | custom
    return original(name, *arguments[:-2], properties, arguments[-1], **more)
