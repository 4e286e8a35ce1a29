"""CloudFront's refusals of distributions whose parts contradict each other; single values are property rules.

Sources: API reference, CreateDistribution and its errors; Developer guide, "Values that you specify". The messages are
those quoted in issues of aws-cdk and terraform-provider-aws, where there is one.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from embedded_aws.cloudformation.hooks import before_create, before_update
from embedded_aws.cloudfront import emulator
from embedded_aws.core.refusal import Refusal

Record = dict[str, Any]
_TYPE: Final = "AWS::CloudFront::Distribution"
Broken = tuple[str, str]  # error code and message
_LEADS_ELSEWHERE: Final = (
    "One or more aliases specified for the distribution includes an incorrectly configured DNS record that points to "
    "another CloudFront distribution. You must update the DNS record to correct the problem. For more information, see "
    "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html#alternate-domain-names-restrictions"
)


def install() -> None:
    """Check distributions that are created or changed."""
    before_create(_TYPE, check_distribution)
    before_update(_TYPE, lambda identifier, properties: check_distribution(properties, identifier))


def check_distribution(properties: Record, identifier: str = "") -> None:
    """Refuse a distribution, with the first error; an existing one has an id."""
    config = properties.get("DistributionConfig") or {}
    for code, message in (*_broken(config), *_elsewhere(config, identifier)):
        raise Refusal("CloudFront", code, message)


def _elsewhere(config: Record, identifier: str) -> Iterator[Broken]:
    """A domain whose record leads to another distribution, or to one that is gone; of the zones that are here."""
    own = emulator.distributions.get(identifier, {}).get("DomainName")
    targets = [it for alias in config.get("Aliases") or [] for it in emulator.addresses_of(alias) or []]
    if any(it.endswith(".cloudfront.net") and it != own for it in targets):
        yield "CNAMEAlreadyExists", _LEADS_ELSEWHERE


def _broken(config: Record) -> Iterator[Broken]:
    origins = config.get("Origins") or []
    groups = (config.get("OriginGroups") or {}).get("Items") or []
    default, behaviours = config.get("DefaultCacheBehavior") or {}, config.get("CacheBehaviors") or []
    names = [origin.get("Id") for origin in origins]
    members = [it["OriginId"] for group in groups for it in group["Members"]["Items"]]
    targets = [it.get("TargetOriginId") for it in (default, *behaviours)]
    if set(targets) - {*names, *(group.get("Id") for group in groups)} or set(members) - set(names):
        yield "NoSuchOrigin", "One or more of your origins or origin groups do not exist."
    for field, found in (("Id", names), ("PathPattern", [it.get("PathPattern") for it in behaviours])):
        for value in (value for value, count in Counter(found).items() if count > 1):
            yield "InvalidArgument", f"The parameter {field} contains the duplicate value {value}."
