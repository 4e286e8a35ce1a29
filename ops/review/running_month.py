"""What breaks a running month: law 4, images ship through CodeDeploy and infrastructure leaves its resources alone.

Why each type matters: with the controller CODE_DEPLOY CloudFormation cannot update the service's task definition or
load balancers, and even a desired count has failed (aws-cdk #7040, #23564, #25777); a stack update that touches a
listener or rule sends production traffic back to the template's target group (aws-cdk #36649).
"""

from collections.abc import Iterator

from ops.review.changes import Change, Comparison, Kind
from ops.review.concerns import Concern, Severity, Subject, about
from ops.review.ports import WORLD
from ops.review.values import Json, at, items, mapping, true

SERVICE = "AWS::ECS::Service"
TASK_DEFINITION = "AWS::ECS::TaskDefinition"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENERS = frozenset(
    {"AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule"},
)
_RELEASED = "{{resolve:ssm:"
# Properties whose update interrupts the database for minutes (CloudFormation reference, "Some interruptions"; a change
# of the parameter group waits for a reboot).
_INTERRUPTIONS = {
    "AWS::RDS::DBInstance": frozenset(
        {"DBInstanceClass", "EngineVersion", "Port", "CACertificateIdentifier", "AllowMajorVersionUpgrade"}
    ),
}


def running_month(comparison: Comparison) -> Iterator[Concern]:
    """Concerns about what a deployment would do to a system that is running."""
    for change in comparison.changes:
        yield from _touched(change)
        yield from _image(change)
        yield from _interrupted(change)
        yield from _cut_off(change)
        yield from _password(change)


def _touched(change: Change) -> Iterator[Concern]:
    what = _shown(change)
    if change.kind is Kind.REMOVED and change.type in {SERVICE, TARGET_GROUP, *LISTENERS}:
        yield _risk(change, "traffic-removed", "is removed: the running system loses it at once")
    elif change.kind is not Kind.CHANGED:
        return
    elif change.type == SERVICE:
        yield _risk(
            change,
            "service-changed",
            f"changes {what}: CloudFormation cannot change a service that CodeDeploy releases to. Wait for the end of "
            f"the month",
        )
    elif change.type in LISTENERS:
        yield _risk(
            change,
            "listener-changed",
            f"changes {what}: an update sends production traffic back to the blue target group, also when green is "
            f"live",
        )
    elif change.type == TARGET_GROUP and not change.only_tags:
        yield _risk(change, "target-group-changed", f"changes {what} under the running tasks")


def _image(change: Change) -> Iterator[Concern]:
    if change.type != TASK_DEFINITION or change.kind is not Kind.CHANGED or change.only_tags:
        return
    before, after = _images(change.before("ContainerDefinitions")), _images(change.after("ContainerDefinitions"))
    for name in before.keys() & after.keys():
        if before[name].startswith(_RELEASED) and not after[name].startswith(_RELEASED):
            yield _risk(
                change,
                "release-bypassed",
                f"container `{name}` runs `{after[name]}` instead of the released image: the next month would not "
                f"start what ran last",
            )
            return
    images = [name for name in after if before.get(name) != after[name]]
    what = f"the image of `{images[0]}`" if images else _shown(change)
    yield about(
        change,
        Subject.MONTH,
        Severity.NOTICE,
        "new-revision",
        f"a new revision with {what}: running tasks keep theirs until the next release",
    )


def _interrupted(change: Change) -> Iterator[Concern]:
    names = sorted(
        it.name
        for it in change.properties
        if it.name in _INTERRUPTIONS.get(change.type, frozenset()) and not it.follows
    )
    if change.kind is Kind.CHANGED and names:
        values = "; ".join(f"`{name}` from `{change.before(name)}` to `{change.after(name)}`" for name in names)
        yield _risk(change, "interruption", f"is interrupted for minutes while it changes {values}")


def _cut_off(change: Change) -> Iterator[Concern]:
    """What running tasks or those of the next release need. Security groups are told with the ports."""
    destination = change.before("DestinationCidrBlock") or change.before("DestinationIpv6CidrBlock")
    if change.type == "AWS::EC2::Route" and change.kind is Kind.REMOVED and destination in WORLD:
        yield _risk(change, "way-closed", f"is removed: its subnet loses its way to `{destination}`")
    elif change.kind is not Kind.CHANGED:
        return
    elif change.type == TASK_DEFINITION:
        before, after = _secrets(change.before("ContainerDefinitions")), _secrets(change.after("ContainerDefinitions"))
        for name in before.keys() & after.keys():
            if gone := sorted(before[name] - after[name]):
                yield _risk(
                    change,
                    "secret-dropped",
                    f"container `{name}` no longer gets {', '.join(f'`{it}`' for it in gone)}: the next release starts "
                    f"without",
                )
    elif change.type == "AWS::RDS::DBParameterGroup" and change.differs("Parameters"):
        yield about(
            change,
            Subject.MONTH,
            Severity.NOTICE,
            "parameters-changed",
            "has other parameters; some count only after the database is started again",
        )
    elif change.type == "AWS::RDS::DBInstance" and true(change.before("MultiAZ")) and not true(change.after("MultiAZ")):
        yield _risk(change, "standby-removed", "loses its standby in another zone")


def _password(change: Change) -> Iterator[Concern]:
    """Any change of these makes a new value (CloudFormation reference, AWS::SecretsManager::Secret)."""
    if change.kind is not Kind.CHANGED or change.type != "AWS::SecretsManager::Secret":
        return
    if change.before("GenerateSecretString") is not None and change.differs("GenerateSecretString"):
        yield _risk(
            change,
            "secret-regenerated",
            "gets a new value; what was set up with the old one refuses the new one until it is deployed again",
        )


def _secrets(containers: Json) -> dict[str, set[str]]:
    return {
        str(at(it, "Name")): {str(at(secret, "Name")) for secret in items(at(it, "Secrets"))}
        for it in items(containers)
    }


def _images(containers: Json) -> dict[str, str]:
    return {str(at(it, "Name")): str(mapping(it).get("Image")) for it in items(containers)}


def _shown(change: Change) -> str:
    names = [it.name for it in change.properties] or list(change.attributes)
    return ", ".join(f"`{name}`" for name in names)


def _risk(change: Change, rule: str, message: str) -> Concern:
    return about(change, Subject.MONTH, Severity.RISK, rule, message)
