"""What is opened besides ports: public access, addresses, routes, plain text, unencrypted storage, loose containers."""

import re
from collections.abc import Callable, Iterator

from ops.review.changes import Change, Comparison, Kind
from ops.review.concerns import Concern, Severity, Subject, about
from ops.review.ports import WORLD
from ops.review.values import Json, at, canonical, items, mapping, number, true, written

# A user and a password in an address.
_CREDENTIALS = re.compile(r"://[^/@\s:]+:[^/@\s]+@")
# AWS's own policy CachingDisabled (CloudFront developer guide, "Use managed cache policies").
_NEVER_CACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_Check = Callable[[Change], Iterator[tuple[str, str]]]
_ENCRYPTION = {
    "AWS::RDS::DBInstance": "StorageEncrypted",
    "AWS::S3::Bucket": "BucketEncryption",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
    "AWS::CloudTrail::Trail": "KMSKeyId",
}


def exposure(comparison: Comparison) -> Iterator[Concern]:
    """Concerns about what can be reached or read by more people than before."""
    for change in comparison.changes:
        if change.kind is Kind.REMOVED:
            continue
        for rule, message in _found(change):
            yield about(change, Subject.EXPOSURE, Severity.RISK, rule, message)


def _found(change: Change) -> Iterator[tuple[str, str]]:
    if change.kind is Kind.CHANGED:
        yield from _encryption(change)
    if check := _CHECKS.get(change.type):
        yield from check(change)


def _encryption(change: Change) -> Iterator[tuple[str, str]]:
    name = _ENCRYPTION.get(change.type)
    if name and change.before(name) not in (None, False) and change.after(name) in (None, False):
        yield "encryption-removed", f"is no longer encrypted by `{name}`"


def _becomes(change: Change, name: str) -> bool:
    return true(change.after(name)) and not true(change.before(name))


def _database(change: Change) -> Iterator[tuple[str, str]]:
    if _becomes(change, "PubliclyAccessible"):
        yield "public", "gets a public address"
    yield from _groups(change, "VPCSecurityGroups")


def _groups(change: Change, name: str) -> Iterator[tuple[str, str]]:
    if change.kind is Kind.CHANGED and change.differs(name):
        yield "other-groups", f"stands behind other security groups: `{written(change.after(name))}`"


def _parameters(change: Change) -> Iterator[tuple[str, str]]:
    """PostgreSQL insists on TLS by this parameter (RDS user guide, "Using SSL with a PostgreSQL DB instance")."""
    before, after = (number(it("Parameters", "rds.force_ssl")) for it in (change.before, change.after))
    if before == 1 and after != 1:
        yield "plain-text", "lets clients connect without TLS: `rds.force_ssl` is not `1` any more"


def _bucket(change: Change) -> Iterator[tuple[str, str]]:
    before, after = (mapping(it("PublicAccessBlockConfiguration")) for it in (change.before, change.after))
    opened = [name for name in before if true(before[name]) and not true(after.get(name))]
    if change.kind is Kind.ADDED and not after:
        yield "public-access", "is new and does not block public access"
    elif opened:
        yield "public-access", f"no longer blocks public access: {', '.join(f'`{name}`' for name in opened)}"
    acl = change.after("AccessControl")
    if str(acl).startswith(("Public", "Authenticated")) and change.differs("AccessControl"):
        yield "public-access", f"gets the access control list `{acl}`"
    if change.after("ReplicationConfiguration") is not None and change.differs("ReplicationConfiguration"):
        yield "sent-elsewhere", "copies what it holds into another bucket"


def _sent_elsewhere(change: Change) -> Iterator[tuple[str, str]]:
    if change.kind is Kind.ADDED or change.differs("DestinationArn"):
        yield "sent-elsewhere", f"sends a log to `{written(change.after('DestinationArn'))}`"


def _joined(change: Change) -> Iterator[tuple[str, str]]:
    if change.kind is Kind.ADDED:
        yield "network-joined", "connects the network to another one"


def _secret(change: Change) -> Iterator[tuple[str, str]]:
    """A text without a reference can be read by everybody who reads the template."""
    if isinstance(value := change.after("SecretString"), str) and "{{resolve:" not in value:
        yield "secret-in-template", "has its value in the template, where everybody reads it"


def _subnet(change: Change) -> Iterator[tuple[str, str]]:
    if _becomes(change, "MapPublicIpOnLaunch"):
        yield "public-subnet", "gives a public address to whatever is started in it"


def _route(change: Change) -> Iterator[tuple[str, str]]:
    destination = change.after("DestinationCidrBlock") or change.after("DestinationIpv6CidrBlock")
    if destination in WORLD and change.after("GatewayId") and not change.before("GatewayId"):
        yield "route-to-internet", f"makes its subnet public: `{destination}` goes to the internet gateway"


def _load_balancer(change: Change) -> Iterator[tuple[str, str]]:
    yield from _groups(change, "SecurityGroups")
    if change.kind is Kind.CHANGED and change.before("Scheme") == "internal" and change.differs("Scheme"):
        yield "public", "becomes reachable from the internet"
    before, after = (_attributes(it("LoadBalancerAttributes")) for it in (change.before, change.after))
    for name in ("routing.http.drop_invalid_header_fields.enabled", "access_logs.s3.enabled"):
        if before.get(name) == "true" and after.get(name) != "true":
            yield "load-balancer-loosened", f"turns off `{name}`"


def _listener(change: Change) -> Iterator[tuple[str, str]]:
    if change.before("Protocol") == "HTTPS" and change.after("Protocol") == "HTTP":
        yield "plain-text", "answers in plain text, no longer by TLS"
    elif change.kind is Kind.CHANGED and change.differs("SslPolicy"):
        yield (
            "tls-policy",
            f"changes its TLS policy from `{change.before('SslPolicy')}` to `{change.after('SslPolicy')}`",
        )


def _distribution(change: Change) -> Iterator[tuple[str, str]]:
    if change.kind is not Kind.CHANGED:
        return
    before, after = (_plain_text(it("DistributionConfig")) for it in (change.before, change.after))
    if after and not before:
        yield "plain-text", "answers in plain text: `ViewerProtocolPolicy` is `allow-all`"
    minimum = ("DistributionConfig", "ViewerCertificate", "MinimumProtocolVersion")
    if change.before(*minimum) and change.differs(*minimum):
        yield (
            "tls-policy",
            f"changes its lowest TLS version from `{change.before(*minimum)}` to `{change.after(*minimum)}`",
        )

    yield from _answers(change)


def _answers(change: Change) -> Iterator[tuple[str, str]]:
    """What is sent with answers, whether they are kept for others, and how origins are asked."""
    for old, new, where in _behaviors(change):
        if at(old, "ResponseHeadersPolicyId") and not at(new, "ResponseHeadersPolicyId"):
            yield "headers-removed", f"sends no security headers any more with {where}"
        if at(old, "CachePolicyId") == _NEVER_CACHED != at(new, "CachePolicyId"):
            yield "answers-cached", f"caches {where}, which it did not: one user may get another one's answer"
    closed = {at(it, "Id") for it in items(change.before("DistributionConfig", "Origins")) if _signs(it)}
    for origin in items(change.after("DistributionConfig", "Origins")):
        if at(origin, "Id") in closed and not _signs(origin):
            yield "origin-unsigned", f"asks origin `{at(origin, 'Id')}` without access control: it is refused, or open"


def _behaviors(change: Change) -> Iterator[tuple[Json, Json, str]]:
    """The behaviors of a distribution that stand on both sides, with what each is about."""
    before, after = (change.before("DistributionConfig"), change.after("DistributionConfig"))
    yield at(before, "DefaultCacheBehavior"), at(after, "DefaultCacheBehavior"), "all other paths"
    old = {at(it, "PathPattern"): it for it in items(at(before, "CacheBehaviors"))}
    for behavior in items(at(after, "CacheBehaviors")):
        if (path := at(behavior, "PathPattern")) in old:
            yield old[path], behavior, f"`{path}`"


def _signs(origin: Json) -> bool:
    return bool(at(origin, "OriginAccessControlId"))


def _function_url(change: Change) -> Iterator[tuple[str, str]]:
    if change.after("AuthType") == "NONE" and change.before("AuthType") != "NONE":
        yield "public", "can be called by everybody, without signing"


def _containers(change: Change) -> Iterator[tuple[str, str]]:
    before = {at(it, "Name"): it for it in items(change.before("ContainerDefinitions"))}
    for container in items(change.after("ContainerDefinitions")):
        name, old = at(container, "Name"), before.get(at(container, "Name"))
        if true(at(container, "Privileged")) and not true(at(old, "Privileged")):
            yield "container-loosened", f"container `{name}` becomes privileged"
        if true(at(old, "ReadonlyRootFilesystem")) and not true(at(container, "ReadonlyRootFilesystem")):
            yield "container-loosened", f"container `{name}` may write to its root file system"
        if at(old, "User") not in (None, *_ROOT) and at(container, "User") in (None, *_ROOT):
            yield "container-loosened", f"container `{name}` runs as root"
        known = {canonical(it) for it in items(at(old, "Environment"))}
        for variable in items(at(container, "Environment")):
            if canonical(variable) not in known and _CREDENTIALS.search(str(at(variable, "Value"))):
                yield (
                    "secret-in-template",
                    f"container `{name}` gets a password in the template, by `{at(variable, 'Name')}`",
                )


_ROOT = ("0", "root", "0:0", "root:root")


def _service(change: Change) -> Iterator[tuple[str, str]]:
    address = ("NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp")
    if change.kind is Kind.CHANGED and change.after(*address) == "ENABLED" and change.differs(*address):
        yield "public", "its tasks get public addresses"


def _repository(change: Change) -> Iterator[tuple[str, str]]:
    if str(change.before("ImageTagMutability")).startswith("IMMUTABLE") and change.after("ImageTagMutability") in (
        None,
        "MUTABLE",
    ):
        yield "mutable-tags", "a tag can be moved to another image: what was released can change afterwards"


def _attributes(value: Json) -> dict[str, str]:
    return {str(at(it, "Key")): str(at(it, "Value")) for it in items(value)}


def _plain_text(config: Json) -> bool:
    behaviors = [at(config, "DefaultCacheBehavior"), *items(at(config, "CacheBehaviors"))]
    return any(at(it, "ViewerProtocolPolicy") == "allow-all" for it in behaviors)


_CHECKS: dict[str, _Check] = {
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::EC2::Route": _route,
    "AWS::EC2::Subnet": _subnet,
    "AWS::EC2::TransitGatewayAttachment": _joined,
    "AWS::EC2::VPCPeeringConnection": _joined,
    "AWS::EC2::VPNGateway": _joined,
    "AWS::ECR::Repository": _repository,
    "AWS::ECS::Service": _service,
    "AWS::ECS::TaskDefinition": _containers,
    "AWS::ElasticLoadBalancingV2::Listener": _listener,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _load_balancer,
    "AWS::Lambda::Url": _function_url,
    "AWS::Logs::SubscriptionFilter": _sent_elsewhere,
    "AWS::RDS::DBInstance": _database,
    "AWS::RDS::DBParameterGroup": _parameters,
    "AWS::S3::Bucket": _bucket,
    "AWS::SecretsManager::Secret": _secret,
}
