"""Load balancers that balance: weights, health, errors of their own, metrics, refusals."""

import gzip
import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.support.embedded.running_service import RunningService, client_error, control, get
from tests.support.embedded.server import EmbeddedAws
from tests.support.http_server import serving
from tests.support.waiting import LIMIT_SECONDS, wait_for

pytestmark = pytest.mark.embedded


class Target:
    """A plain server outside the emulator, registered by its loopback address."""

    def __init__(self, name: str) -> None:
        self.port = 0
        self.healthy = True
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.heard: list[dict[str, str]] = []
        target = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                health = self.path == "/health"
                target.may_answer.wait(LIMIT_SECONDS)
                if not health:
                    target.heard.append({key.lower(): value for key, value in self.headers.items()})
                self.send_response(200 if target.healthy or not health else 500)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps({"name": name}).encode())

        self.handler = Handler


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    server = EmbeddedAws(tmp_path_factory.mktemp("load_balancer"), options=("--clock-factor", "60"))
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def service(server: EmbeddedAws) -> RunningService:
    """Only its network, its load balancer and its empty target group green are used here."""
    return RunningService(server, "web")


@pytest.fixture
def targets() -> Iterator[Callable[[str], Target]]:
    with ExitStack() as servers:

        def make(name: str) -> Target:
            target = Target(name)
            target.port = servers.enter_context(serving(target.handler)).server_port
            return target

        yield make


def _behind(service: RunningService, name: str, target: Target | None) -> str:
    """A target group with one target."""
    group = service.create_target_group(name)
    if target is not None:
        service.elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "127.0.0.1", "Port": target.port}])
    return group


def _forward(service: RunningService, port: int, **weights: int) -> str:
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    arn: str = service.elb.create_listener(
        LoadBalancerArn=service.load_balancer,
        Port=port,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
    )["Listeners"][0]["ListenerArn"]
    return arn


def _health(service: RunningService, group: str) -> list[tuple[str, str | None, str | None]]:
    return [
        (h["TargetHealth"]["State"], h["TargetHealth"].get("Reason"), h["TargetHealth"].get("Description"))
        for h in service.targets(group)
    ]


def test_requests_are_spread_by_weight(service: RunningService, targets: Callable[[str], Target]) -> None:
    light, heavy = (_behind(service, name, targets(name)) for name in ("light", "heavy"))
    listener = _forward(service, 8001, **{light: 10, heavy: 90})
    assert service.weights(listener) == {light: 10, heavy: 90}
    wait_for(lambda: [state for state, _, _ in _health(service, light) + _health(service, heavy)] == ["healthy"] * 2)
    counts = Counter(get(service.url(8001))[1]["name"] for _ in range(300))
    assert 10 <= counts["light"] <= 60
    assert counts["heavy"] == 300 - counts["light"]
    action = {
        "Type": "forward",
        "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": light, "Weight": 0}, {"TargetGroupArn": heavy, "Weight": 1}]
        },
    }
    service.elb.modify_listener(ListenerArn=listener, DefaultActions=[action])
    assert Counter(get(service.url(8001))[1]["name"] for _ in range(50)) == {"heavy": 50}


def test_a_target_gets_the_address_of_the_client(service: RunningService, targets: Callable[[str], Target]) -> None:
    target = targets("listener")
    group = _behind(service, "headers", target)
    _forward(service, 8002, **{group: 1})
    wait_for(lambda: [state for state, _, _ in _health(service, group)] == ["healthy"])
    get(service.url(8002), headers={"X-Forwarded-For": "203.0.113.9"})
    heard = target.heard[-1]
    assert heard["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    assert (heard["x-forwarded-proto"], heard["x-forwarded-port"]) == ("http", "8002")
    assert heard["x-amzn-trace-id"].startswith("Root=1-")


def test_headers_with_other_names_are_dropped_where_the_load_balancer_says_so(
    service: RunningService, targets: Callable[[str], Target]
) -> None:
    target = targets("dropping")
    group = _behind(service, "dropping", target)
    _forward(service, 8009, **{group: 1})
    wait_for(lambda: [state for state, _, _ in _health(service, group)] == ["healthy"])
    for value, heard in (("false", {"x_api_key", "x-api-key"}), ("true", {"x-api-key"})):
        attribute = {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": value}
        service.elb.modify_load_balancer_attributes(LoadBalancerArn=service.load_balancer, Attributes=[attribute])
        get(service.url(8009), headers={"X_Api_Key": "a", "X-Api-Key": "b"})
        assert {name for name in target.heard[-1] if "api" in name} == heard


def test_health_follows_the_target(service: RunningService, targets: Callable[[str], Target]) -> None:
    target = targets("patient")
    group = _behind(service, "health", target)
    assert _health(service, group) == [
        ("unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer")
    ]
    target.healthy = False
    target.may_answer.clear()
    _forward(service, 8003, **{group: 1})
    assert _health(service, group)[0][0] == "initial"
    target.may_answer.set()
    wait_for(lambda: _health(service, group)[0][0] == "unhealthy")
    assert _health(service, group) == [
        ("unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [500]")
    ]
    target.healthy = True
    wait_for(lambda: _health(service, group) == [("healthy", None, None)])
    for seconds in (3600, 0):
        attribute = {"Key": "deregistration_delay.timeout_seconds", "Value": str(seconds)}
        service.elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[attribute])
        described = [{"Id": "127.0.0.1", "Port": target.port}]
        service.elb.register_targets(TargetGroupArn=group, Targets=described)
        assert _health(service, group)[0][0] != "draining"  # else it would go on with the former delay, a minute here
        service.elb.deregister_targets(TargetGroupArn=group, Targets=described)
        if seconds:
            assert _health(service, group) == [
                ("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
            ]
            assert get(service.url(8003))[0] == 503
    wait_for(lambda: _health(service, group) == [])


def test_no_target_is_503_and_a_dead_one_502(service: RunningService) -> None:
    empty = _behind(service, "empty", None)
    _forward(service, 8004, **{empty: 1})
    assert get(service.url(8004))[0] == 503
    with socket.socket() as closed:  # bound, so that no other program listens there
        closed.bind(("127.0.0.1", 0))
        dead = {"Id": "127.0.0.1", "Port": closed.getsockname()[1]}
        service.elb.register_targets(TargetGroupArn=empty, Targets=[dead])
        assert get(service.url(8004))[0] == 502
        failed = ("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
        wait_for(lambda: _health(service, empty) == [failed])


def test_requests_are_counted(service: RunningService, server: EmbeddedAws) -> None:
    service.wait_until_steady()
    for _ in range(5):
        get(service.url())
    cloudwatch = server.session().client("cloudwatch")
    balancer = service.load_balancer.partition("loadbalancer/")[2]

    def total(name: str, **more: str) -> float:
        now = datetime.now(UTC)
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/ApplicationELB",
            MetricName=name,
            Dimensions=[{"Name": k, "Value": v} for k, v in {"LoadBalancer": balancer, **more}.items()],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=5),
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))

    group = service.blue.rpartition(":")[2]
    wait_for(lambda: total("HTTPCode_Target_2XX_Count", TargetGroup=group) == 5)
    assert total("RequestCount") >= 5
    assert total("HTTPCode_ELB_5XX_Count") == 3  # of the tests before
    assert total("TargetResponseTime", TargetGroup=group) > 0
    wait_for(lambda: total("HealthyHostCount", TargetGroup=group) >= 1)


def test_requests_are_logged_to_the_bucket(service: RunningService, server: EmbeddedAws) -> None:
    s3: Any = server.session().client("s3")
    s3.create_bucket(Bucket="web-logs", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    attributes = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "web-logs"}

    def enable() -> None:
        service.elb.modify_load_balancer_attributes(
            LoadBalancerArn=service.load_balancer, Attributes=[{"Key": k, "Value": v} for k, v in attributes.items()]
        )

    def allow(path: str, **more: Any) -> None:
        writes = {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::web-logs/{path}",
        }
        s3.put_bucket_policy(Bucket="web-logs", Policy=json.dumps({"Statement": [writes | more]}))

    denied = ("InvalidConfigurationRequest", "Access Denied for bucket: web-logs. Please check S3bucket permission")
    assert client_error(enable) == denied
    others: tuple[object, ...] = (
        {"Service": "logging.s3.amazonaws.com"},
        {"Service": ["logging.s3.amazonaws.com", "delivery.logs.amazonaws.com"]},
    )
    for other in others:
        allow("AWSLogs/000000000000/*", Principal=other)
        assert client_error(enable) == denied
    allow("AWSLogs/111111111111/*")
    assert client_error(enable) == denied
    allow("AWSLogs/000000000000/*", Condition={"StringEquals": {"aws:SourceAccount": "000000000000"}})
    assert client_error(enable) == denied
    allow("AWSLogs/000000000000/*")
    enable()
    service.elb.modify_load_balancer_attributes(
        LoadBalancerArn=service.load_balancer, Attributes=[{"Key": "access_logs.s3.prefix"}]
    )
    get(f"{service.url()}/logged?really=yes")

    def files() -> list[str]:
        return [item["Key"] for item in s3.list_objects_v2(Bucket="web-logs").get("Contents", [])]

    wait_for(lambda: bool(files()))
    (key,) = files()
    assert key.startswith("AWSLogs/000000000000/elasticloadbalancing/ap-northeast-1/")
    assert "_app.web." in key
    line = gzip.decompress(s3.get_object(Bucket="web-logs", Key=key)["Body"].read()).decode()
    assert '"GET http://127.0.0.1:' in line
    assert "/logged?really=yes HTTP/1.1" in line
    assert " 200 200 0 " in line
    assert service.blue in line


def test_a_listener_has_the_address_where_it_answers(service: RunningService, server: EmbeddedAws) -> None:
    listeners = [item for item in control(server, "GET", "listeners") if item["listener_arn"] == service.production]
    assert listeners[0]["port"] == 80
    assert listeners[0]["url"].startswith("http://127.0.0.1:")


def test_a_rule_has_a_place_of_its_own(service: RunningService) -> None:
    def rule(priority: int) -> Any:
        condition = {"Field": "path-pattern", "Values": [f"/{priority}&more"]}
        refusing = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403", "MessageBody": "<b>no</b>"}}
        return service.elb.create_rule(
            ListenerArn=service.test, Priority=priority, Conditions=[condition], Actions=[refusing]
        )["Rules"][0]["RuleArn"]

    first, second = rule(10), rule(20)
    in_use = ("PriorityInUse", "Priority '10' is currently in use")
    assert client_error(lambda: rule(10)) == in_use
    taken = [{"RuleArn": second, "Priority": 10}]
    assert client_error(lambda: service.elb.set_rule_priorities(RulePriorities=taken)) == in_use
    assert client_error(lambda: rule(50_001))[0] == "ValidationError"
    service.elb.set_rule_priorities(RulePriorities=[*taken, {"RuleArn": first, "Priority": 20}])
    (found,) = service.elb.describe_rules(RuleArns=[first])["Rules"]
    assert (found["Priority"], found["Conditions"][0]["Values"]) == ("20", ["/10&more"])
    assert found["Actions"][0]["FixedResponseConfig"]["MessageBody"] == "<b>no</b>"
    for each in (first, second):
        service.elb.delete_rule(RuleArn=each)


def test_a_rule_looks_at_the_query_string(service: RunningService) -> None:
    pairs: Any = {"Values": [{"Key": "version", "Value": "2*"}, {"Value": "beta"}]}
    answer: Any = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "418"}}
    made = service.elb.create_rule(
        ListenerArn=service.test,
        Priority=7,
        Conditions=[{"Field": "query-string", "QueryStringConfig": pairs}],
        Actions=[answer],
    )["Rules"][0]

    assert made["Conditions"] == [{"Field": "query-string", "QueryStringConfig": pairs}]
    statuses = [get(f"{service.url(9000)}/{query}")[0] for query in ("", "?version=1", "?Version=2.1", "?x=BETA")]
    assert [status == 418 for status in statuses] == [False, False, True, True]
    service.elb.delete_rule(RuleArn=made["RuleArn"])


def test_a_port_takes_one_listener(service: RunningService) -> None:
    assert client_error(lambda: service.create_listener(80, service.blue)) == (
        "DuplicateListener",
        f"A listener already exists on this port for this load balancer '{service.load_balancer}'",
    )


def test_a_target_group_in_use_is_not_deleted(service: RunningService) -> None:
    assert client_error(lambda: service.elb.delete_target_group(TargetGroupArn=service.green)) == (
        "ResourceInUse",
        f"Target group '{service.green}' is currently in use by a listener or a rule",
    )


def test_a_target_group_knows_its_load_balancers(service: RunningService) -> None:
    groups = service.elb.describe_target_groups(LoadBalancerArn=service.load_balancer)["TargetGroups"]
    found = {group["TargetGroupArn"]: group["LoadBalancerArns"] for group in groups}
    assert found[service.green] == [service.load_balancer]


def test_a_protected_load_balancer_is_not_deleted(service: RunningService) -> None:
    attribute = {"Key": "deletion_protection.enabled", "Value": "true"}
    service.elb.modify_load_balancer_attributes(LoadBalancerArn=service.load_balancer, Attributes=[attribute])
    code, message = client_error(lambda: service.elb.delete_load_balancer(LoadBalancerArn=service.load_balancer))
    assert code == "OperationNotPermitted"
    assert "deletion protection is enabled" in message


def test_a_repeated_creation_gives_what_the_first_has_made(service: RunningService) -> None:
    balancer: Any = {"Name": "once", "Subnets": service.subnets, "Scheme": "internal"}
    group: Any = {"Name": "once", "Protocol": "HTTP", "Port": 80, "VpcId": service.vpc, "TargetType": "ip"}
    made = [service.elb.create_load_balancer(**balancer)["LoadBalancers"][0] for _ in range(2)]
    assert made[0] == made[1]
    groups = [service.elb.create_target_group(**group)["TargetGroups"][0] for _ in range(2)]
    assert groups[0] == groups[1]

    said = "A target group with the same name 'once' exists, but with different settings"
    other = client_error(lambda: service.elb.create_target_group(**group | {"Port": 81}))
    assert other == ("DuplicateTargetGroupName", said)
    code, _ = client_error(lambda: service.elb.create_load_balancer(**balancer | {"Scheme": "internet-facing"}))
    assert code == "DuplicateLoadBalancerName"
    service.elb.delete_load_balancer(LoadBalancerArn=made[0]["LoadBalancerArn"])
    service.elb.delete_target_group(TargetGroupArn=groups[0]["TargetGroupArn"])


def test_a_rule_says_how_long_its_groups_keep_a_client(service: RunningService) -> None:
    sticky = {"Enabled": True, "DurationSeconds": 60}
    forward = {"TargetGroups": [{"TargetGroupArn": service.green, "Weight": 1}], "TargetGroupStickinessConfig": sticky}
    action: Any = {"Type": "forward", "ForwardConfig": forward}
    condition: Any = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/sticky"]}}
    made = service.elb.create_rule(
        ListenerArn=service.production, Priority=77, Conditions=[condition], Actions=[action]
    )["Rules"][0]["RuleArn"]
    rule = service.elb.describe_rules(RuleArns=[made])["Rules"][0]
    service.elb.delete_rule(RuleArn=made)
    assert rule["Actions"][0]["ForwardConfig"]["TargetGroupStickinessConfig"] == sticky
