"""The meters of resource types: a meter reads a resource and returns its charges.

A type without a meter here that is not among the free types of the price file is reported as not priced.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ops.cost.charges import Charge, Meter, Month, NotPricedError, amount, meter, monthly_meter
from ops.cost.usage import assumption_for
from ops.templates.normal_form import scalar
from ops.templates.resource_types import SCALABLE_TARGET
from ops.templates.template import Resource
from ops.templates.values import Json, at, items, number

_PROCESSORS: Final = {"ARM64": "arm64", "X86_64": "x86_64"}
_DAYS_A_MONTH: Final = 365 / 12
_MINUTE: Final = 60


def _service(service: Resource, month: Month) -> Iterator[Charge]:
    task = _task_definition(service)
    count, most = _count(service)
    hours = month.hours(service.lifecycle) * month.shares.tasks
    detail = f"{count:g} task(s)" if most <= count else f"{count:g} task(s) at least, up to {most:g} by load"
    yield from _tasks(service, task, count * hours, detail)
    # A release runs the old and the new tasks at once.
    double = count * month.usage.releases.value * month.usage.release_minutes.value / 60 * month.up
    yield from _tasks(service, task, double, "second set of tasks during releases")
    yield Charge(price="transfer.internet", quantity=month.usage.internet_gb.value * month.up, detail="from tasks")
    yield Charge(
        price="transfer.zones", quantity=month.usage.cross_zone_gb.value * month.up, detail="tasks and database"
    )


def _count(service: Resource) -> tuple[float, float]:
    """The fewest and the most tasks: how many tasks scaling adds is not known beforehand."""
    for target in _neighbours(service, SCALABLE_TARGET):
        return amount(target, "MinCapacity", 1), amount(target, "MaxCapacity", 1)
    count = amount(service, "DesiredCount", 1)
    return count, count


def _tasks(service: Resource, task: Resource, hours: float, detail: str) -> Iterator[Charge]:
    # A service counts as Spot if any of its tasks may be; a base on demand has a strategy item of its own.
    spot = any(at(it, "CapacityProvider") == "FARGATE_SPOT" for it in service.items("CapacityProviderStrategy"))
    family = f"{'fargate_spot' if spot else 'fargate'}.{_processor(task)}"
    processors = amount(task, "Cpu", 256) / 1024
    memory = amount(task, "Memory", 512) / 1024
    yield Charge(price=f"{family}.vcpu", quantity=hours * processors, detail=f"{detail}, {processors:g} vCPU each")
    yield Charge(price=f"{family}.memory", quantity=hours * memory, detail=f"{detail}, {memory:g} GB each")
    if at(service.section("NetworkConfiguration"), "AwsvpcConfiguration", "AssignPublicIp") == "ENABLED":
        yield Charge(price="public_ipv4.hour", quantity=hours, detail=f"{detail}, one address each")


def _processor(task: Resource) -> str:
    named = task.section("RuntimePlatform").get("CpuArchitecture", "X86_64")  # ECS's own default
    if named not in _PROCESSORS:
        raise NotPricedError(f"no price for processor {named}")
    return _PROCESSORS[str(named)]


def _task_definition(service: Resource) -> Resource:
    """The task definition of the same template; the CDK refers to it by family without a revision, or by Ref."""
    wanted = service.properties.get("TaskDefinition")
    definitions = _neighbours(service, "AWS::ECS::TaskDefinition")
    found = [it for it in definitions if wanted in ({"Ref": it.logical_id}, it.properties.get("Family"))]
    if len(found) != 1:
        raise NotPricedError(f"its task definition {wanted} is not in the same template")
    return found[0]


def _neighbours(service: Resource, resource_type: str) -> Iterator[Resource]:
    """The resources of a type in the same template."""
    for logical_id, body in service.neighbours.items():
        properties = body.get("Properties")
        if body.get("Type") == resource_type and isinstance(properties, dict):
            yield replace(service, logical_id=logical_id, properties=properties)


def _cluster(cluster: Resource, month: Month) -> Iterator[Charge]:
    usage = month.usage
    # Enhanced insights have more metrics, also per task and container, at another price (CloudWatch pricing).
    insights = {
        "enabled": ("cloudwatch.metric", usage.container_insights_metrics.value),
        "enhanced": ("cloudwatch.insights", usage.container_insights_enhanced_metrics.value),
    }
    for setting in cluster.items("ClusterSettings"):
        if at(setting, "Name") == "containerInsights" and (found := insights.get(str(at(setting, "Value")))):
            price, metrics = found
            yield Charge(price=price, quantity=metrics * month.months(cluster.lifecycle), detail="container insights")


def _database(database: Resource, month: Month) -> Iterator[Charge]:
    if database.text("Engine") != "postgres":
        raise NotPricedError(f"no price for engine {database.text('Engine') or 'that is only known at deployment'}")
    if database.text("StorageType", "gp2") != "gp3":
        raise NotPricedError(f"no price for storage {database.text('StorageType', 'gp2')}")
    # A standby doubles instance and storage (RDS pricing, Multi-AZ).
    copies = 2 if scalar(database.properties.get("MultiAZ")) == "true" else 1
    detail = "instance and its standby" if copies == 2 else ""
    allocated = amount(database, "AllocatedStorage", 0)
    yield Charge(
        price=f"rds.{database.text('DBInstanceClass')}.hour",
        quantity=copies * month.hours(database.lifecycle) * month.shares.database,
        detail=detail,
    )
    yield Charge(price="rds.gp3", quantity=copies * allocated * month.months(database.lifecycle), detail=detail)
    yield from _backups(database, month, allocated)


def _backups(database: Resource, month: Month, allocated: float) -> Iterator[Charge]:
    """Automated backups and snapshots; as much as instances allocate is free, but only while an instance exists."""
    share = month.months(database.lifecycle)
    used_gb = month.usage.database_used_gb.value
    snapshots = month.usage.snapshots.value * used_gb
    backups = used_gb if amount(database, "BackupRetentionPeriod", 1) else 0
    yield Charge(
        price="rds.backup",
        quantity=max(0.0, snapshots + backups - allocated) * share,
        detail="beyond the free storage of a running instance",
    )
    yield Charge(price="rds.backup", quantity=snapshots * (1 - share), detail="snapshots while no instance exists")
    if database.text("AutomaticBackupReplicationRegion"):
        # The first copy is a full one; later changes are copied as logs.
        yield Charge(price="rds.backup", quantity=used_gb * share, detail="copies in another region")
        yield Charge(price="transfer.regions", quantity=used_gb * share, detail="copies to another region")


def _bucket(bucket: Resource, month: Month) -> Iterator[Charge]:
    stored = assumption_for(month.usage.stored_gb, bucket.text("BucketName"))
    yield Charge(price="s3.standard", quantity=stored * month.months(bucket.lifecycle))


def _load_balancer(balancer: Resource, month: Month) -> Iterator[Charge]:
    if balancer.text("Type", "application") != "application":
        raise NotPricedError("only application load balancers have a price here")
    hours = month.hours(balancer.lifecycle)
    yield Charge(price="load_balancer.hour", quantity=hours)
    # Of the four dimensions of a capacity unit, bytes are the largest for an API of this size: one GB per hour.
    yield Charge(price="load_balancer.lcu", quantity=month.usage.load_balancer_gb.value * month.up)
    if balancer.text("Scheme", "internet-facing") == "internet-facing":
        zones = len(balancer.items("Subnets")) or len(balancer.items("SubnetMappings"))
        yield Charge(price="public_ipv4.hour", quantity=zones * hours, detail=f"one in each of {zones} zones")


def _nat_gateway(gateway: Resource, month: Month) -> Iterator[Charge]:
    yield Charge(price="nat.hour", quantity=month.hours(gateway.lifecycle))
    yield Charge(price="nat.gb", quantity=month.usage.nat_gb.value * month.up)


def _endpoint(endpoint: Resource, month: Month) -> Iterator[Charge]:
    if endpoint.text("VpcEndpointType", "Gateway") == "Gateway":
        return  # gateway endpoints are free (VPC documentation, gateway endpoints)
    zones = len(endpoint.items("SubnetIds"))
    yield Charge(
        price="interface_endpoint.hour", quantity=zones * month.hours(endpoint.lifecycle), detail=f"in {zones} zones"
    )
    yield Charge(price="interface_endpoint.gb", quantity=month.usage.nat_gb.value * month.up)


def _distribution(_distribution: Resource, month: Month) -> Iterator[Charge]:
    yield Charge(price="cloudfront.gb", quantity=month.usage.cdn_gb.value * month.up)
    yield Charge(price="cloudfront.requests", quantity=month.usage.cdn_requests.value / 10_000 * month.up)


def _alarm(alarm: Resource, month: Month) -> Iterator[Charge]:
    # An alarm on an expression costs as much as all metrics in it, with a band two more, and with periods below a
    # minute three times as much (CloudWatch pricing, alarms).
    listed = alarm.items("Metrics")
    metrics = _metrics(listed) + 2 * any("ANOMALY_DETECTION_BAND" in str(at(it, "Expression")) for it in listed)
    detail = f"{metrics} in one formula" if metrics > 1 else ""
    periods = [alarm.properties.get("Period"), *(at(it, "MetricStat", "Period") for it in listed)]
    if any((number(it) or _MINUTE) < _MINUTE for it in periods):
        metrics, detail = 3 * metrics, "high resolution, which counts three times"
    yield Charge(price="cloudwatch.alarm", quantity=metrics * month.months(alarm.lifecycle), detail=detail)


def _metrics(listed: list[Json]) -> int:
    """The number of metrics in a list of metrics and expressions; one without a list."""
    return sum(at(it, "MetricStat") is not None for it in listed) or 1


def _scaling_policy(policy: Resource, month: Month) -> Iterator[Charge]:
    """Target tracking creates two alarms, which cost as much as others (Application Auto Scaling pricing)."""
    configuration = policy.section("TargetTrackingScalingPolicyConfiguration")
    metrics = _metrics(items(at(configuration, "CustomizedMetricSpecification", "Metrics")))
    quantity = 2 * metrics * month.months(policy.lifecycle)
    yield Charge(price="cloudwatch.alarm", quantity=quantity, detail="two alarms of target tracking")


def _log_group(group: Resource, month: Month) -> Iterator[Charge]:
    name = group.text("LogGroupName")
    written_gb = assumption_for(month.usage.logs_gb, name)
    stopped = assumption_for(month.usage.stopped_logs_share, name)
    detail = name or "logs of a function"
    yield Charge(price="logs.in", quantity=written_gb * (month.up + stopped * (1 - month.up)), detail=detail)
    # In the long run each month stores the logs of as many months as their retention, whether this month is up or not.
    months_kept = amount(group, "RetentionInDays", 10 * 365) / _DAYS_A_MONTH
    stored_gb = written_gb * month.usage.log_compression.value * months_kept * month.months(group.lifecycle)
    yield Charge(price="logs.kept", quantity=stored_gb, detail=detail)


def _trail(trail: Resource, month: Month) -> Iterator[Charge]:
    if trail.items("EventSelectors") or trail.items("AdvancedEventSelectors") or trail.items("InsightSelectors"):
        raise NotPricedError("data events and insights are billed by the event, and have no price here")
    yield Charge(price="cloudtrail.first_copy", quantity=month.months(trail.lifecycle))


METERS: Final[dict[str, Meter]] = {
    "AWS::ApplicationAutoScaling::ScalingPolicy": _scaling_policy,
    "AWS::Athena::WorkGroup": meter("athena.tb", lambda _, month: month.usage.athena_gb.value / 1000),
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::CloudTrail::Trail": _trail,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::CompositeAlarm": monthly_meter("cloudwatch.composite"),
    "AWS::CloudWatch::Dashboard": monthly_meter("cloudwatch.dashboard"),
    "AWS::EC2::EIP": meter("public_ipv4.hour", lambda it, month: month.hours(it.lifecycle)),
    "AWS::EC2::NatGateway": _nat_gateway,
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::ECR::Repository": meter(
        "ecr.storage", lambda it, month: month.usage.images_gb.value * month.months(it.lifecycle)
    ),
    "AWS::ECS::Cluster": _cluster,
    "AWS::ECS::Service": _service,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _load_balancer,
    "AWS::KMS::Key": monthly_meter("kms.key"),
    "AWS::Logs::LogGroup": _log_group,
    "AWS::RDS::DBInstance": _database,
    "AWS::Route53::HostedZone": monthly_meter("route53.zone"),
    "AWS::S3::Bucket": _bucket,
    "AWS::SecretsManager::Secret": monthly_meter("secret.month"),
}
