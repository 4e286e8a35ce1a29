"""What CloudFront refuses of a distribution in a template.

Sources: API reference, CreateDistribution and its errors; Developer guide, "Values that you specify". The sentences are
those that aws-cdk and terraform-provider-aws issues quote, where there is one.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from embedded_aws.cloudformation.hooks import before_create, before_update
from embedded_aws.core.refusal import Refusal

Record = dict[str, Any]
_TYPE: Final = "AWS::CloudFront::Distribution"
_FUNCTION_EVENTS: Final = ("viewer-request", "viewer-response")
_METHODS: Final = (
    {"GET", "HEAD"},
    {"GET", "HEAD", "OPTIONS"},
    {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"},
)
_CACHED: Final = _METHODS[:2]
_CERTIFICATES: Final = ("AcmCertificateArn", "IamCertificateId")
Broken = tuple[str, str]  # the error's code and its sentence


def install() -> None:
    """Look at distributions that are made or changed."""
    before_create(_TYPE, check_distribution)
    before_update(_TYPE, lambda _identifier, properties: check_distribution(properties))


def check_distribution(properties: Record) -> None:
    """Refuse a distribution for the first thing that is wrong."""
    for code, message in _broken(properties.get("DistributionConfig") or {}):
        raise Refusal("CloudFront", code, message)


def _broken(config: Record) -> Iterator[Broken]:
    origins = config.get("Origins") or []
    groups = (config.get("OriginGroups") or {}).get("Items") or []
    default, behaviours = config.get("DefaultCacheBehavior") or {}, config.get("CacheBehaviors") or []
    names = [origin.get("Id") for origin in origins]
    members = [it["OriginId"] for group in groups for it in group["Members"]["Items"]]
    targets = [it.get("TargetOriginId") for it in (default, *behaviours)]
    if set(targets) - {*names, *(group.get("Id") for group in groups)} or set(members) - set(names):
        yield "NoSuchOrigin", "One or more of your origins or origin groups do not exist."
    for what, found in (("Id", names), ("PathPattern", [it.get("PathPattern") for it in behaviours])):
        for value in (value for value, count in Counter(found).items() if count > 1):
            yield "InvalidArgument", f"The parameter {what} contains the duplicate value {value}."
    yield from _of_names(config)
    for origin in origins:
        yield from _of_origin(origin)
    for behaviour in (default, *behaviours):
        yield from _of_behaviour(behaviour)
    for response in config.get("CustomErrorResponses") or []:
        path, status = response.get("ResponsePagePath"), response.get("ResponseCode")
        if (path is None) != (status is None) or not str(path or "/").startswith("/"):
            yield "InvalidResponseCode", "ResponseCode and ResponsePagePath go together, and the path begins with /."


def _of_names(config: Record) -> Iterator[Broken]:
    certificate = config.get("ViewerCertificate") or {}
    if config.get("Aliases") and not any(certificate.get(name) for name in _CERTIFICATES):
        yield (
            "InvalidViewerCertificate",
            (
                "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted "
                "certificate that validates your authorization to use the domain name."
            ),
        )


def _of_origin(origin: Record) -> Iterator[Broken]:
    if not any(name in origin for name in ("CustomOriginConfig", "S3OriginConfig", "VpcOriginConfig")):
        yield "InvalidArgument", f"The origin {origin.get('Id')} has neither a custom nor an S3 origin configuration."


def _of_behaviour(behaviour: Record) -> Iterator[Broken]:
    if ("CachePolicyId" in behaviour) == ("ForwardedValues" in behaviour):
        yield "InvalidArgument", "A behavior has either a CachePolicyId or ForwardedValues."
    if set(behaviour.get("AllowedMethods") or _METHODS[0]) not in _METHODS:
        yield "InvalidArgument", "The parameter AllowedMethods is invalid."
    if set(behaviour.get("CachedMethods") or _CACHED[0]) not in _CACHED:
        yield "InvalidArgument", "The parameter CachedMethods is invalid."
    events = [it.get("EventType") for it in behaviour.get("FunctionAssociations") or []]
    if set(events) - set(_FUNCTION_EVENTS) or len(events) > len(set(events)):
        yield "InvalidFunctionAssociation", "The function association is invalid: one for each viewer event."
