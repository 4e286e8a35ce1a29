"""What is opened besides ports: public access, addresses, routes, plain text, unencrypted storage, loose containers."""

from collections.abc import Callable, Iterator

from ops.review.changes import Change, Comparison, Kind
from ops.review.concerns import Concern, Severity, Subject, about
from ops.review.ports import WORLD
from ops.review.values import Json, at, items, mapping, true

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


def _bucket(change: Change) -> Iterator[tuple[str, str]]:
    before, after = (mapping(it("PublicAccessBlockConfiguration")) for it in (change.before, change.after))
    opened = [name for name in before if true(before[name]) and not true(after.get(name))]
    if change.kind is Kind.ADDED and not after:
        yield "public-access", "is new and does not block public access"
    elif opened:
        yield "public-access", f"no longer blocks public access: {', '.join(f'`{name}`' for name in opened)}"


def _subnet(change: Change) -> Iterator[tuple[str, str]]:
    if _becomes(change, "MapPublicIpOnLaunch"):
        yield "public-subnet", "gives a public address to whatever is started in it"


def _route(change: Change) -> Iterator[tuple[str, str]]:
    destination = change.after("DestinationCidrBlock") or change.after("DestinationIpv6CidrBlock")
    if destination in WORLD and change.after("GatewayId") and not change.before("GatewayId"):
        yield "route-to-internet", f"makes its subnet public: `{destination}` goes to the internet gateway"


def _load_balancer(change: Change) -> Iterator[tuple[str, str]]:
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
    "AWS::ECR::Repository": _repository,
    "AWS::ECS::Service": _service,
    "AWS::ECS::TaskDefinition": _containers,
    "AWS::ElasticLoadBalancingV2::Listener": _listener,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _load_balancer,
    "AWS::Lambda::Url": _function_url,
    "AWS::RDS::DBInstance": _database,
    "AWS::S3::Bucket": _bucket,
}
