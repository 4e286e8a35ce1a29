"""Combinations of values or of resources that AWS refuses: the deployment would fail."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from ops.review.changes import Change, Comparison, Kind, Sides
from ops.review.finding import Finding, Subject, quoted, risk
from ops.templates.normal_form import scalar
from ops.templates.resource_types import TASK_DEFINITION
from ops.templates.schemas import Replacement
from ops.templates.values import Json, Map, at, items, mapping, needed_by, network, number, references, written

_DATABASE: Final = "AWS::RDS::DBInstance"
# Count of numbers in a major version, as in the names of parameter group families (RDS user guide).
_MAJOR: Final[Mapping[str, int]] = {"mariadb": 2, "mysql": 2, "postgres": 1}
# Below this size, these engines have only the baseline performance of gp3 (RDS user guide, "gp3 storage").
_GP3_FROM_GIB: Final = 400
_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME: Final = rf"(?:({'|'.join(_WEEK)}):)?([01]\d|2[0-3]):([0-5]\d)"
_WINDOW: Final = re.compile(f"{_TIME}-{_TIME}")
_DAY: Final = 1_440  # minutes
_MOST_DAYS: Final = 35
_SHORTEST_WINDOW: Final = 30  # minutes
_MEASURED: Final = frozenset({7, 731, *(31 * months for months in range(1, 24))})
# CodeDeploy user guide, "Predefined deployment configurations for an Amazon ECS compute platform".
_FOR_ECS: Final = frozenset(
    {"ECSAllAtOnce", *(f"ECSCanary10Percent{it}Minutes" for it in (5, 15))}
    | {f"ECSLinear10PercentEvery{it}Minutes" for it in (1, 3)}
)
_VARIABLES: Final = ("Environment", "Secrets")
_LONGEST_ANSWER: Final = 1_024  # characters
_SUBNET: Final = "AWS::EC2::Subnet"


def refused_combinations(comparison: Comparison) -> Iterator[Finding]:
    """Findings about combinations that AWS refuses."""
    for change in comparison.changes:
        if change.kind is not Kind.REMOVED:
            for message, *claims in _messages(change, comparison.sides[change.stack]):
                yield risk(change, Subject.MONTH, "refused", f"{message}, and the deployment fails", *claims)
            yield from _duplicate_keys(change)
            yield from _duplicate_variables(change)
    for sides in comparison.sides.values():
        yield from _circles(sides)
        yield from _missing_dependencies(sides)


def _messages(change: Change, sides: Sides) -> Iterator[tuple[str, ...]]:
    for check in _CHECKS.get(change.type, ()):
        yield from check(change)
    if change.type == _DATABASE:
        yield from _family(change, sides)
    elif change.type == _SUBNET:
        yield from _overlapping_subnets(change, sides)


def _version(change: Change) -> Iterator[tuple[str, ...]]:
    """RDS never downgrades, and upgrades the major version only if a property allows it (ModifyDBInstance)."""
    parts = _MAJOR.get(str(change.after("Engine")))
    before, after = (_numbers(side("EngineVersion")) for side in (change.before, change.after))
    if parts is None or not before or not after or change.differs("Engine"):
        return
    old, new = (written(side("EngineVersion")) for side in (change.before, change.after))
    change_text = f"`EngineVersion` `{old}` → `{new}`"
    length = min(len(before), len(after))
    if after[:length] < before[:length]:
        yield f"{change_text}: RDS refuses to go back to an older version", "EngineVersion"
    elif after[:parts] != before[:parts] and written(change.after("AllowMajorVersionUpgrade")) != "true":
        why = "without `AllowMajorVersionUpgrade` RDS refuses it"
        yield f"{change_text} is another major version: {why}", "EngineVersion"


def _family(change: Change, sides: Sides) -> Iterator[tuple[str, ...]]:
    """The parameter group must have the engine's family."""
    engine, version = str(change.after("Engine")), _numbers(change.after("EngineVersion"))
    if engine not in _MAJOR or not version:
        return
    wanted = engine + ".".join(map(str, version[: _MAJOR[engine]]))
    for target in references(change.after("DBParameterGroupName")):
        family = at(sides.after.get(target), "Properties", "Family")
        if isinstance(family, str) and family != wanted:
            yield (f"its parameter group is of the family `{family}`, and it needs `{wanted}`: RDS refuses it",)


def _numbers(version: Json) -> tuple[int, ...]:
    parts = str(version).split(".")
    return tuple(map(int, parts)) if all(it.isdigit() for it in parts) else ()


def _speed(change: Change) -> Iterator[tuple[str, ...]]:
    size = number(change.after("AllocatedStorage"))
    small = size is not None and size < _GP3_FROM_GIB and str(change.after("Engine")) in _MAJOR
    for name in ("Iops", "StorageThroughput") if small and change.after("StorageType") == "gp3" else ():
        if change.after(name) is not None and change.differs(name):
            yield f"`{name}` on `gp3` of less than {_GP3_FROM_GIB} GiB: RDS refuses it", name


def _windows(change: Change) -> Iterator[tuple[str, ...]]:
    """Short or overlapping windows for backups and maintenance (ModifyDBInstance, PreferredBackupWindow)."""
    names = ("PreferredBackupWindow", "PreferredMaintenanceWindow")
    backup, maintenance = (_window(change.after(name)) for name in names)
    for name, window in zip(names, (backup, maintenance), strict=True):
        value = change.after(name) if change.differs(name) else None
        with_days = name == names[1]
        literal = isinstance(value, str) and "{{" not in value
        if literal and (window is None or (written(value).count(":") > len(names)) != with_days):
            yield f"`{name}` is no time of day, or of the week, as RDS takes it: RDS refuses it", name
        elif window and window[1] < _SHORTEST_WINDOW and change.differs(name):
            yield f"`{name}` is shorter than {_SHORTEST_WINDOW} minutes: RDS refuses it", name
    if not backup or not maintenance or not any(map(change.differs, names)):
        return
    later = maintenance[0] - backup[0]  # backups are made on each day
    if later % _DAY < backup[1] or -later % _DAY < maintenance[1]:
        yield ("`PreferredBackupWindow` and `PreferredMaintenanceWindow` overlap: RDS refuses it",)


def _window(value: Json) -> tuple[int, int] | None:
    """Beginning and length of a window, in minutes, of a day or, where it names days, of a week; None if unknown."""
    if (found := _WINDOW.fullmatch(written(value).lower())) is None:
        return None
    begin, end = (
        _WEEK.index(found[it] or "mon") * _DAY + int(found[it + 1]) * 60 + int(found[it + 2]) for it in (1, 4)
    )
    return begin, (end - begin) % (7 * _DAY if found[1] and found[4] else _DAY)


def _invalid_retention(change: Change) -> Iterator[tuple[str, ...]]:
    """Retention of backups, in days, and of Performance Insights, also in months of 31 days (ModifyDBInstance)."""
    backups, measured = "BackupRetentionPeriod", "PerformanceInsightsRetentionPeriod"
    days = number(change.after(backups))
    if days is not None and days > _MOST_DAYS and change.differs(backups):
        yield f"`{backups}` `{days:g}`: RDS takes up to {_MOST_DAYS} days and refuses more", backups
    days = number(change.after(measured))
    if days is not None and days not in _MEASURED and change.differs(measured):
        yield f"`{measured}` `{days:g}`: RDS takes 7, 731 or a multiple of 31, and refuses others", measured


def _distribution(change: Change) -> Iterator[tuple[str, ...]]:
    """Names without a certificate, and an origin with both kinds of access to S3.

    Source: CloudFront developer guide, "Requirements for alternate domain names".
    """
    if not change.differs("DistributionConfig"):
        return
    config = mapping(change.after("DistributionConfig"))
    certificate = mapping(config.get("ViewerCertificate"))
    if items(config.get("Aliases")) and not {"AcmCertificateArn", "IamCertificateId"} & certificate.keys():
        yield ("`Aliases` without a certificate for them: CloudFront refuses it",)
    for origin in items(config.get("Origins")):
        if at(origin, "OriginAccessControlId") and at(origin, "S3OriginConfig", "OriginAccessIdentity"):
            yield ("an origin has both `OriginAccessControlId` and `OriginAccessIdentity`: CloudFront refuses it",)


def _platform(change: Change) -> Iterator[tuple[str, ...]]:
    name = str(change.after("DeploymentConfigName"))
    other = name.startswith("CodeDeployDefault.") and name.partition(".")[2] not in _FOR_ECS
    if other and change.after("ECSServices") is not None:
        yield f"`{name}` is no configuration for ECS: CodeDeploy refuses it", "DeploymentConfigName"


def _zones(change: Change) -> Iterator[tuple[str, ...]]:
    subnets = change.after("Subnets")
    application = change.after("Type") in (None, "application")
    if application and isinstance(subnets, list) and len(subnets) == 1 and change.differs("Subnets"):
        yield ("`Subnets` has one subnet, and a load balancer needs two zones: AWS refuses it",)


def _datapoints(change: Change) -> Iterator[tuple[str, ...]]:
    datapoints, periods = (number(change.after(name)) for name in ("DatapointsToAlarm", "EvaluationPeriods"))
    if datapoints is not None and periods is not None and datapoints > periods:
        yield (f"`DatapointsToAlarm` `{datapoints:g}` of `EvaluationPeriods` `{periods:g}`: CloudWatch refuses it",)


def _overlapping_subnets(change: Change, sides: Sides) -> Iterator[tuple[str, ...]]:
    """A new or replaced subnet is created while the old ones still exist, so their ranges must not overlap."""
    new = network(change.after("CidrBlock"))
    made = change.kind is Kind.ADDED or (change.replacement is Replacement.WILL and not change.follows)
    if new is None or not made:
        return
    for logical_id, resource in sides.before.items():
        old_range = network(at(resource, "Properties", "CidrBlock")) if resource.get("Type") == _SUBNET else None
        same_network = at(resource, "Properties", "VpcId") == change.after("VpcId")
        if old_range is not None and same_network and new.overlaps(old_range):
            old = f"`{old_range}` of `{sides.path(logical_id)}`"
            yield (f"`CidrBlock` `{new}` overlaps with {old}, which is still there: AWS refuses it",)


def _named_twice(change: Change) -> Iterator[tuple[str, ...]]:
    """A container's variable with the name of a secret of it (RegisterTaskDefinition, Secret)."""
    for container in items(change.after("ContainerDefinitions")):
        variables, secrets = ({written(at(it, "Name")) for it in items(at(container, key))} for key in _VARIABLES)
        for name in sorted(variables & secrets) if change.differs("ContainerDefinitions") else ():
            yield (f"`{name}` is a variable and a secret of the same container: ECS refuses it",)


def _long_answers(change: Change) -> Iterator[tuple[str, ...]]:
    """Texts of fixed responses (Elastic Load Balancing API reference, FixedResponseActionConfig)."""
    for name in ("Actions", "DefaultActions"):
        for it in items(change.after(name)) if change.differs(name) else ():
            length = len(written(at(it, "FixedResponseConfig", "MessageBody")))
            if length > _LONGEST_ANSWER:
                yield (f"`MessageBody` has {length:,} characters: a load balancer takes {_LONGEST_ANSWER:,}",)


_CHECKS: Final[Mapping[str, tuple[Callable[[Change], Iterator[tuple[str, ...]]], ...]]] = {
    _DATABASE: (_version, _speed, _windows, _invalid_retention),
    **dict.fromkeys(("AWS::RDS::DBCluster", "AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster"), (_windows,)),
    "AWS::CloudFront::Distribution": (_distribution,),
    "AWS::CodeDeploy::DeploymentGroup": (_platform,),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (_zones,),
    "AWS::ElasticLoadBalancingV2::Listener": (_long_answers,),
    "AWS::ElasticLoadBalancingV2::ListenerRule": (_long_answers,),
    "AWS::CloudWatch::Alarm": (_datapoints,),
    TASK_DEFINITION: (_named_twice,),
}


def _circles(sides: Sides) -> Iterator[Finding]:
    """Circular dependencies: CloudFormation refuses the template."""
    if sides.same_template or sides.head is None:
        return
    changed = (name for name, value in sides.after.items() if value != sides.before.get(name))
    if not _waiting(_reachable(changed, sides.after)):
        return  # a circle without a changed resource was there before
    found = _waiting(sides.after)
    if found and not found & _waiting(sides.before):
        names = quoted(map(sides.path, sorted(found)[:4]))
        message = f"depends on itself through {names}: CloudFormation refuses a circle, and the deployment fails"
        yield risk(sides.place(min(found)), Subject.STACKS, "refused", message)


def _missing_dependencies(sides: Sides) -> Iterator[Finding]:
    """A DependsOn on a resource that the template does not have; with a transform, it might create it."""
    if sides.same_template or sides.head is None or "Transform" in sides.head_template:
        return
    for logical_id, resource in sides.after.items():
        for name in map(written, items(resource.get("DependsOn"))):
            if name not in sides.head.resources and name not in sides.before:
                why = "CloudFormation refuses it, and the deployment fails"
                message = f"waits for `{name}`, which does not exist: {why}"
                yield risk(sides.place(logical_id), Subject.STACKS, "refused", message, ".DependsOn")


def _duplicate_keys(change: Change) -> Iterator[Finding]:
    """A key with two values in one list of attributes or tags, or a priority or name of two rules of a firewall.

    Sources: WAF's API reference of ``Rule`` (priorities differ); Pulumi's ``aws.wafv2.WebAclRule`` (names differ).
    """
    for name, value in mapping(change.new.get("Properties")).items():
        rules, said = name == "Rules", dict[tuple[str, str], Json]()
        for place, it in enumerate(value if isinstance(value, list) and value != change.before(name) else ()):
            for once in ("Priority", "Name") if rules else ("Key",):
                key, content = scalar(at(it, once)), place if rules else at(it, "Value")
                if isinstance(key, str) and said.setdefault((once, key), content) != content:
                    differs = f"`{name}` says `{key}` twice, with different values: AWS refuses it, or uses one of them"
                    message = f"two rules have {once.lower()} `{key}`: AWS refuses it" if rules else differs
                    yield risk(change, Subject.MONTH, "made-twice", message, name)


def _duplicate_variables(change: Change) -> Iterator[Finding]:
    """Variables that a container has twice."""
    for container in items(change.after("ContainerDefinitions")) if change.differs("ContainerDefinitions") else ():
        names = [written(at(it, "Name")) for it in items(at(container, "Environment"))]
        for name in dict.fromkeys(it for it in names if names.count(it) > 1):
            yield risk(change, Subject.MONTH, "made-twice", f"has the variable `{name}` twice: either value may count")


def _reachable(names: Iterable[str], resources: Mapping[str, Map]) -> dict[str, Map]:
    """Some resources, and all that they wait for."""
    reachable: dict[str, Map] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in resources and name not in reachable:
            reachable[name] = resources[name]
            waiting += needed_by(resources[name])
    return reachable


def _waiting(resources: Mapping[str, Map]) -> set[str]:
    """Logical ids that remain after repeatedly removing resources without dependencies or without dependents."""
    needs = {name: {it for it in needed_by(value) if it in resources} for name, value in resources.items()}
    wanted_by: dict[str, set[str]] = {name: set() for name in needs}
    for name, its in needs.items():
        for it in its:
            wanted_by[it].add(name)
    remaining = set(needs)
    for forward, backward in ((needs, wanted_by), (wanted_by, needs)):
        count = {name: len(forward[name] & remaining) for name in remaining}
        free = [name for name, number_ in count.items() if number_ == 0]
        while free:
            gone = free.pop()
            remaining.discard(gone)
            for name in backward[gone] & remaining:
                count[name] -= 1
                if count[name] == 0:
                    free.append(name)
    return remaining
