"""AWS's prefix list of CloudFront: its real id, and the number of rules for which it counts in a security group."""

from typing import Any, Final

from embedded_aws.core.patching import Function
from embedded_aws.ec2 import emulator
from installation.aws_facts.regions import CLOUDFRONT_PREFIX_LISTS

_CLOUDFRONT: Final = "com.amazonaws.global.cloudfront.origin-facing"
# https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
_WEIGHTS: Final = {_CLOUDFRONT: 55}


def install(region: str) -> None:
    """Give CloudFront's prefix list the id that it has in a region."""

    def identifier(original: Function, name: str) -> Any:
        own = CLOUDFRONT_PREFIX_LISTS.get(region) if name == _CLOUDFRONT else None
        return own or original(name)

    emulator.aws_prefix_list_id.wrap(identifier)
    emulator.aws_prefix_list.wrap(_require_weight)


def _require_weight(original: Function, name: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = original(name)
    return found | {"MaxEntries": _WEIGHTS[name]} if found is not None and name in _WEIGHTS else found


def weight(prefix_list_id: str) -> int | None:
    """The number of rules for which a rule with this prefix list counts; None if there is no such list."""
    if (own := emulator.prefix_lists.get(prefix_list_id)) is not None:
        return int(own["MaxEntries"])
    managed = emulator.managed_prefix_list(prefix_list_id)
    return None if managed is None else _WEIGHTS.get(managed["PrefixListName"], 1)
