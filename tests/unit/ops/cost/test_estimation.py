"""The estimate of the real application, and what it does with what it does not know."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from installation import names
from ops.cost import Estimate, estimate
from ops.cost.prices import PriceBook, load_prices, price_file
from ops.cost.usage import Usage, load_usage, usage_file
from ops.errors import UnusableInputError
from tests.conftest import ENVIRONMENTS

Synthesized = Callable[[str], Path]


@pytest.fixture(scope="module")
def book() -> PriceBook:
    return load_prices(price_file("ap-northeast-1"))


@pytest.fixture(scope="module")
def usage() -> Usage:
    return load_usage(usage_file("dev"))


@pytest.fixture
def priced(tmp_path: Path, book: PriceBook, usage: Usage) -> Callable[..., Estimate]:
    """Estimates templates that are written here."""

    def compute(
        stack: str = names.COMPUTE_STACK, days: float = 30, book: PriceBook = book, **resources: Any
    ) -> Estimate:
        (tmp_path / f"{stack}.template.json").write_text(json.dumps({"Resources": resources}))
        return estimate(tmp_path, days=days, prices=book, usage=usage)

    return compute


def of(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def quantities(result: Estimate) -> dict[str, float]:
    return {line.price_name: round(line.quantity.running, 6) for line in result.lines}


# -- the application ---------------------------------------------------------------------------------------


def test_dev_stays_within_what_was_promised(assembly: Synthesized) -> None:
    total = estimate(assembly("dev")).total
    assert total.stopped <= 5
    assert total.running <= 67


def test_dev_agrees_with_a_sum_by_hand(assembly: Synthesized) -> None:
    """730 hours: one task of 0.25 vCPU and 0.5 GB, load balancer, three addresses, db.t4g.micro with 20 GB."""
    by_hand = 730 * (0.25 * 0.04045 + 0.5 * 0.00442 + 0.0243 + 3 * 0.005 + 0.025) + 20 * 0.138
    result = estimate(assembly("dev"))
    parts = ("fargate.", "load_balancer.hour", "public_ipv4", "rds.db", "rds.gp3")
    computed = sum(
        line.cost.running
        for line in result.lines
        if line.price_name.startswith(parts) and "releases" not in line.detail
    )
    assert computed == pytest.approx(by_hand)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_everything_is_in_exactly_one_list(assembly: Synthesized, environment: str) -> None:
    result = estimate(assembly(environment))
    resources = {
        (file.name.split(".")[0], logical_id, body["Type"])
        for file in assembly(environment).glob("*.template.json")
        for logical_id, body in json.loads(file.read_text())["Resources"].items()
    }
    priced_ones = {(line.stack, line.resource, line.resource_type) for line in result.lines}
    free = {one.resource_type: one.count for one in result.free}
    unlisted = resources - priced_ones
    assert priced_ones <= resources
    assert sum(free.values()) == len(unlisted)
    assert {kind for _, _, kind in unlisted} == set(free)
    assert result.not_priced == ()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_line_says_where_its_price_is_from(assembly: Synthesized, environment: str) -> None:
    result = estimate(assembly(environment))
    assert result.environment == environment
    assert all(line.price.source and line.price.as_of and line.price.unit for line in result.lines)
    assert result.total.running == pytest.approx(sum(line.cost.running for line in result.lines))
    assert result.total.stopped == pytest.approx(sum(line.cost.stopped for line in result.lines))


def test_a_month_is_as_dear_as_its_days(assembly: Synthesized) -> None:
    whole, none, some = (estimate(assembly("dev"), days=days) for days in (31, 0, 20))
    assert whole.total.month == pytest.approx(whole.total.running)
    assert none.total.month == pytest.approx(none.total.stopped)
    assert none.total.month < some.total.month < whole.total.month
    assert 40 <= some.total.month <= 46


def test_a_stopped_month_has_the_persistent_stacks_and_the_snapshots_only(assembly: Synthesized) -> None:
    lines = [line for line in estimate(assembly("dev")).lines if line.stack in names.EPHEMERAL_STACKS]
    assert {line.price_name for line in lines if line.cost.stopped} == {"rds.backup"}


# -- single resources --------------------------------------------------------------------------------------


def test_a_type_without_a_price_is_not_left_out(priced: Callable[..., Estimate]) -> None:
    result = priced(Queue=of("AWS::SQS::Queue"))
    assert [(one.resource, one.resource_type) for one in result.not_priced] == [("Queue", "AWS::SQS::Queue")]
    assert result.lines == ()


def test_a_size_that_the_price_file_does_not_know_is_not_priced(priced: Callable[..., Estimate]) -> None:
    result = priced(
        Db=of("AWS::RDS::DBInstance", Engine="postgres", DBInstanceClass="db.r8g.large", AllocatedStorage="20") | {},
    )
    assert "gp2" in result.not_priced[0].reason
    gp3 = of(
        "AWS::RDS::DBInstance",
        Engine="postgres",
        DBInstanceClass="db.r8g.large",
        AllocatedStorage="20",
        StorageType="gp3",
    )
    result = priced(Db=gp3)
    assert "rds.db.r8g.large.hour" in result.not_priced[0].reason
    assert result.lines == (), "half of a resource would look as if it were priced"


def test_what_is_only_known_at_deployment_is_not_priced(priced: Callable[..., Estimate]) -> None:
    service = of("AWS::ECS::Service", DesiredCount={"Ref": "Count"}, TaskDefinition="api")
    result = priced(Service=service, Task=of("AWS::ECS::TaskDefinition", Family="api"))
    assert "DesiredCount" in result.not_priced[0].reason


def test_a_service_is_priced_by_its_task_definition(priced: Callable[..., Estimate]) -> None:
    service = of(
        "AWS::ECS::Service",
        DesiredCount=2,
        TaskDefinition={"Ref": "Task"},
        CapacityProviderStrategy=[{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}],
    )
    task = of("AWS::ECS::TaskDefinition", Cpu="1024", Memory="2048", RuntimePlatform={"CpuArchitecture": "X86_64"})
    result = priced(Service=service, Task=task)
    hours = {line.price_name: line.quantity.running for line in result.lines if "releases" not in line.detail}
    assert hours["fargate_spot.x86_64.vcpu"] == 2 * 730
    assert hours["fargate_spot.x86_64.memory"] == 2 * 2 * 730
    assert "public_ipv4.hour" not in hours


def test_a_service_whose_task_definition_is_elsewhere_is_not_priced(priced: Callable[..., Estimate]) -> None:
    result = priced(Service=of("AWS::ECS::Service", DesiredCount=1, TaskDefinition="elsewhere"))
    assert "elsewhere" in result.not_priced[0].reason


@pytest.mark.parametrize("standby", [True, "true"])
def test_a_standby_doubles_instance_and_storage(priced: Callable[..., Estimate], standby: object) -> None:
    database = of(
        "AWS::RDS::DBInstance",
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage="20",
        StorageType="gp3",
        MultiAZ=standby,
    )
    found = quantities(priced(names.STORAGE_STACK, Db=database))
    assert found["rds.db.t4g.micro.hour"] == 2 * 730
    assert found["rds.gp3"] == 40


def test_snapshots_bill_while_no_instance_exists(priced: Callable[..., Estimate], usage: Usage) -> None:
    database = of(
        "AWS::RDS::DBInstance",
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage="20",
        StorageType="gp3",
    )
    lines = [line for line in priced(names.STORAGE_STACK, Db=database).lines if line.price_name == "rds.backup"]
    assert sum(line.quantity.running for line in lines) == 0
    stopped = sum(line.quantity.stopped for line in lines)
    assert stopped == usage.snapshots.value * usage.database_used_gb.value


def test_an_internal_load_balancer_has_no_public_addresses(priced: Callable[..., Estimate]) -> None:
    kind = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    assert "public_ipv4.hour" not in quantities(priced(Lb=of(kind, Scheme="internal", Subnets=["a", "b"])))
    assert quantities(priced(Lb=of(kind, Scheme="internet-facing", Subnets=["a", "b"])))["public_ipv4.hour"] == 1460


def test_interface_endpoints_bill_by_zone_and_gateways_do_not(priced: Callable[..., Estimate]) -> None:
    endpoint = "AWS::EC2::VPCEndpoint"
    assert quantities(priced(A=of(endpoint, VpcEndpointType="Interface", SubnetIds=["a", "b"])))[
        "interface_endpoint.hour"
    ] == (1460)
    gateway = priced(A=of(endpoint, VpcEndpointType="Gateway"))
    assert gateway.lines == ()
    assert [one.resource_type for one in gateway.free] == [endpoint]


def test_an_alarm_on_a_formula_bills_for_its_metrics(priced: Callable[..., Estimate]) -> None:
    metrics = [{"Expression": "a/b", "Id": "e"}, {"MetricStat": {}, "Id": "a"}, {"MetricStat": {}, "Id": "b"}]
    result = priced(A=of("AWS::CloudWatch::Alarm", Metrics=metrics), B=of("AWS::CloudWatch::Alarm", MetricName="x"))
    assert [line.quantity.running for line in result.lines] == [2, 1]


@pytest.mark.parametrize("period", [10, 30])
def test_an_alarm_of_high_resolution_bills_three_times_as_much(priced: Callable[..., Estimate], period: int) -> None:
    """CloudWatch pricing, alarms: 0.30 in place of 0.10 USD a metric."""
    metrics = [{"Expression": "a", "Id": "e"}, {"MetricStat": {"Period": period}, "Id": "a"}]
    result = priced(
        A=of("AWS::CloudWatch::Alarm", Metrics=metrics),
        B=of("AWS::CloudWatch::Alarm", MetricName="x", Period=period),
        C=of("AWS::CloudWatch::Alarm", MetricName="x", Period=60),
    )
    assert [round(line.cost.running, 9) for line in result.lines] == [0.3, 0.3, 0.1]


def test_anomaly_detection_bills_for_its_band_too(priced: Callable[..., Estimate]) -> None:
    """CloudWatch pricing, alarms: the metric and two that are the band."""
    band = [{"Expression": "ANOMALY_DETECTION_BAND(a, 2)", "Id": "b"}, {"MetricStat": {"Period": 60}, "Id": "a"}]
    result = priced(A=of("AWS::CloudWatch::Alarm", ThresholdMetricId="b", Metrics=band))
    assert [line.quantity.running for line in result.lines] == [3]


def test_enhanced_insights_are_more_metrics_that_cost_less_each(priced: Callable[..., Estimate], usage: Usage) -> None:
    def cluster(value: str) -> Estimate:
        return priced(C=of("AWS::ECS::Cluster", ClusterSettings=[{"Name": "containerInsights", "Value": value}]))

    enabled, enhanced = usage.container_insights_metrics.value, usage.container_insights_enhanced_metrics.value
    assert quantities(cluster("enabled")) == {"cloudwatch.metric": enabled}
    assert quantities(cluster("enhanced")) == {"cloudwatch.insights": enhanced}
    assert enhanced > enabled
    assert cluster("disabled").lines == ()


def test_the_first_three_dashboards_are_free_together(priced: Callable[..., Estimate]) -> None:
    boards = {f"D{number}": of("AWS::CloudWatch::Dashboard") for number in range(5)}
    assert sum(line.cost.running for line in priced(**boards).lines) == pytest.approx(6)


def test_data_events_of_a_trail_are_not_priced(priced: Callable[..., Estimate]) -> None:
    result = priced(Trail=of("AWS::CloudTrail::Trail", EventSelectors=[{"IncludeManagementEvents": True}]))
    assert "data events" in result.not_priced[0].reason


def test_a_log_group_that_keeps_longer_keeps_more(priced: Callable[..., Estimate]) -> None:
    short, long = (
        quantities(priced(G=of("AWS::Logs::LogGroup", LogGroupName="/ecs/x", RetentionInDays=days)))["logs.kept"]
        for days in (30, 90)
    )
    assert long == pytest.approx(3 * short, rel=1e-4)


# -- files -------------------------------------------------------------------------------------------------


def test_days_that_no_month_has_are_refused(assembly: Synthesized) -> None:
    with pytest.raises(UnusableInputError, match="0 to 31"):
        estimate(assembly("dev"), days=32)


def test_a_folder_without_templates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="no templates"):
        estimate(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_a_broken_template_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "A.template.json").write_text(text)
    with pytest.raises(UnusableInputError, match=r"A\.template\.json"):
        estimate(tmp_path)
