"""The way of requests from CloudFront to healthy tasks: header, listeners, rules and ports."""

from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.doctor import absence, edge
from ops.doctor.edge import note_header
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence
from ops.doctor.subjects import Subject
from ops.service.traffic import TargetGroup
from tests.support.aws import given
from tests.support.fake_clients import FakeClient
from tests.support.fakes import NOW, FakeAccount


class LoadBalancer(FakeClient):
    values: tuple[str, ...] = ("this-month",)

    def describe_load_balancers(self, Names: list[str]) -> Any:  # noqa: N803 - boto3's name
        return {"LoadBalancers": [{"LoadBalancerArn": name} for name in Names]}

    groups: tuple[str, ...] = ()

    def describe_target_groups(self) -> Any:
        return {"TargetGroups": [{"TargetGroupName": name, "TargetGroupArn": f"arn:{name}"} for name in self.groups]}

    def describe_listeners(self, LoadBalancerArn: str) -> Any:  # noqa: N803
        return {"Listeners": [{"ListenerArn": LoadBalancerArn}]}

    def describe_rules(self, ListenerArn: str) -> Any:  # noqa: N803
        header = {"HttpHeaderName": "X-Hannibal-Origin", "Values": list(self.values)}
        condition = {"Field": "http-header", "HttpHeaderConfig": header}
        paths = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["*"]}}
        rules = [{"Conditions": [condition]}] if self.values else []
        return {"Rules": [*rules, {"RuleArn": ListenerArn, "Conditions": [paths]}]}


def sending(*values: str) -> Any:
    headers = [{"HeaderName": "X-Hannibal-Origin", "HeaderValue": value} for value in values]
    return {"Origins": {"Items": [{"Id": "pages"}, {"Id": "api", "CustomHeaders": {"Items": headers}}]}}


@pytest.mark.parametrize(
    ("sent", "expected", "differs"),
    [
        (("this-month",), ("this-month",), False),
        (("last-month",), ("this-month",), True),
        ((), ("this-month",), True),
        (("last-month",), (), False),  # a month that began before there were rules
    ],
)
def test_distribution_and_service_have_the_same_secret_header(
    account: FakeAccount, settings: Settings, sent: tuple[str, ...], expected: tuple[str, ...], differs: bool
) -> None:
    balancer = LoadBalancer(account)
    balancer.values = expected
    aws: Any = SimpleNamespace(elbv2=balancer)
    examiner = Examiner(Subject.EDGE, given(aws, settings), NOW)

    note_header(examiner, sending(*sent))

    findings = examiner.examination().findings
    assert [one.cause for one in findings] == (["origin-header-differs"] if differs else [])
    assert "-month" not in str(findings), "no value is shown"


@pytest.mark.parametrize(
    ("blue", "green", "releases", "causes"),
    [
        (({"healthy": 1}, 100.0), ({}, 0.0), (), []),
        (({"healthy": 1}, 0.0), ({}, 100.0), (), ["traffic-misdirected"]),
        (({"healthy": 1}, 0.0), ({}, 0.0), (), ["traffic-misdirected"]),  # nothing is forwarded
        (({"healthy": 1}, 60.0), ({}, 40.0), (), ["traffic-misdirected"]),
        (({"unhealthy": 1}, 60.0), ({}, 40.0), (), ["traffic-misdirected"]),
        (({}, 60.0), ({}, 40.0), (), ["traffic-misdirected"]),  # in a pause
        (({"unhealthy": 1}, 0.0), ({}, 100.0), (), ["traffic-misdirected"]),
        (({"unhealthy": 1}, 0.0), ({"healthy": 1}, 100.0), (), []),  # tasks have a section of their own
        (({"healthy": 1}, 0.0), ({"unhealthy": 1}, 100.0), ("d-1",), []),  # shifted, and the former tasks wait
        (({"unhealthy": 1}, 100.0), ({"healthy": 1}, 0.0), ("d-1",), []),  # one that repairs, before it shifts
        (({"unhealthy": 1}, 100.0), ({"healthy": 1}, 0.0), (), []),  # left of one that ended
    ],
)
def test_healthy_tasks_get_the_requests_or_not(
    account: FakeAccount,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    blue: Any,
    green: Any,
    releases: tuple[str, ...],
    causes: list[str],
) -> None:
    groups = {"blue": blue, "green": green}
    monkeypatch.setattr(edge, "running_deployments", lambda _: releases, raising=False)
    monkeypatch.setattr(edge, "read_serving", lambda _: SimpleNamespace(colour="blue"), raising=False)
    monkeypatch.setattr(
        edge,
        "read_target_groups",
        lambda _: [
            TargetGroup(colour=name, name=name, production_percent=share, health=health)
            for name, (health, share) in groups.items()
        ],
    )
    aws: Any = SimpleNamespace(elbv2=LoadBalancer(account))
    examiner = Examiner(Subject.EDGE, given(aws, settings), NOW)
    edge._note_way(examiner)
    assert [one.cause for one in examiner.examination().findings] == causes


@pytest.mark.parametrize(
    ("kept", "weights", "rule", "command"),
    [
        (2, (60, 40), {"RuleArn": "r"}, "modify-rule --rule-arn r --actions"),
        (2, (0, 0), {"RuleArn": "r"}, "modify-rule --rule-arn r --actions"),
        (1, (60, 40), {"RuleArn": "r"}, "modify-rule --rule-arn r --actions"),  # the other group was deleted
        (2, (60, 40), {"RuleArn": "r", "IsDefault": True}, "modify-listener --listener-arn l --default-actions"),
        (2, (100, 0), {"RuleArn": "r"}, ""),
    ],
)
def test_commands_send_all_requests_to_the_serving_group(
    account: FakeAccount, settings: Settings, kept: int, weights: tuple[int, int], rule: Any, command: str
) -> None:
    balancer = LoadBalancer(account)
    serving, other = settings.names.blue_target_group, settings.names.green_target_group
    balancer.groups = ("somebody-elses", *(serving, other)[:kept])
    aws: Any = SimpleNamespace(elbv2=balancer)
    split = [
        {"TargetGroupArn": f"arn:{name}", "Weight": it} for name, it in zip((serving, other), weights, strict=True)
    ]
    rule |= {"Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": split}}]}
    behind: Any = {"Conditions": [{"PathPatternConfig": {"Values": ["*"]}}]}
    groups = [f"{{TargetGroupArn=arn:{serving},Weight=100}}", f"{{TargetGroupArn=arn:{other},Weight=0}}"][:kept]
    wanted = [f"aws elbv2 {command} 'Type=forward,ForwardConfig={{TargetGroups=[{','.join(groups)}]}}'"]
    listener: Any = {"ListenerArn": "l"}
    found = list(edge._corrected_rules(given(aws, settings), serving, [(listener, [rule])]))
    assert [it.command for it in found] == (wanted if command else [])
    found = list(edge._corrected_rules(given(aws, settings), serving, [(listener, [behind, rule])]))
    assert bool(found) == command.startswith("modify-rule")  # no request gets to the default action


def test_a_rule_that_forwards_no_more_forwards_again(account: FakeAccount, settings: Settings) -> None:
    balancer = LoadBalancer(account)
    balancer.groups = (settings.names.blue_target_group,)
    aws: Any = SimpleNamespace(elbv2=balancer)
    (ours, elsewhere) = balancer.describe_rules("l")["Rules"]
    closed: Any = [{"RuleArn": "r", "Actions": [{"Type": "fixed-response"}], **rule} for rule in (ours, elsewhere)]
    listener: Any = {"ListenerArn": "l"}
    (found,) = edge._corrected_rules(given(aws, settings), settings.names.blue_target_group, [(listener, closed)])
    assert found.command.startswith("aws elbv2 modify-rule --rule-arn r --actions")


def test_a_rule_that_was_put_before_ours_is_deleted(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward: Any = {"RuleArn": "ours", "Priority": "10", "Actions": [{"Type": "forward", "TargetGroupArn": "blue"}]}
    closed: Any = {"RuleArn": "r", "Priority": "1", "Actions": [{"Type": "fixed-response"}]}
    behind: Any = {"RuleArn": "last", "Priority": "20", "Actions": [{"Type": "fixed-response"}]}
    listeners = [({"Port": 80}, [closed, forward, behind])]
    monkeypatch.setattr(edge, "describe_listeners", lambda *_: listeners)
    monkeypatch.setattr(edge, "read_target_groups", lambda _: ())
    monkeypatch.setattr(edge, "missing_ingress_of_cloudfront", lambda *_: ())
    aws: Any = SimpleNamespace(elbv2=LoadBalancer(account))
    examiner = Examiner(Subject.EDGE, given(aws, settings), NOW)
    edge._note_way(examiner)
    (finding,) = examiner.examination().findings
    assert finding.cause == "traffic-misdirected"
    assert finding.remediations[0].command == "aws elbv2 delete-rule --rule-arn r"


@pytest.mark.parametrize(
    ("actions", "asked"),
    [
        ({80: "forward", 9000: "forward"}, [80]),
        ({80: "redirect", 443: "forward", 9000: "forward"}, [443]),
        ({80: "redirect", 9000: "forward"}, []),
    ],
)
def test_with_a_certificate_cloudfront_asks_its_port_alone(
    account: FakeAccount,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    actions: dict[int, str],
    asked: list[int],
) -> None:
    """Not the redirect of port 80, which may be open while the other port is closed."""

    def listeners(*_: object) -> list[Any]:
        return [
            ({"Port": port}, [{"IsDefault": True, "Actions": [{"Type": kind, "TargetGroupArn": "blue"}]}])
            for port, kind in actions.items()
        ]

    looked: list[int] = []
    monkeypatch.setattr(edge, "read_target_groups", lambda _: ())
    monkeypatch.setattr(edge, "describe_listeners", listeners)
    monkeypatch.setattr(edge, "missing_ingress_of_cloudfront", lambda _, __, port: looked.append(port))
    aws: Any = SimpleNamespace(elbv2=LoadBalancer(account))
    edge._note_way(Examiner(Subject.EDGE, given(aws, settings), NOW))
    assert looked == asked


@pytest.mark.parametrize("stack", ["ComputeStack", "StorageStack"])
def test_a_load_balancer_that_was_deleted_by_hand(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, stack: str
) -> None:
    monkeypatch.setattr(edge, "describe_load_balancer", lambda _: None)
    monkeypatch.setattr(
        absence, "_missing", lambda _, name, __: Evidence(name, "CREATE_COMPLETE") if name == stack else None
    )
    examiner = Examiner(Subject.EDGE, given(SimpleNamespace(), settings), NOW)
    edge._note_way(examiner)
    assert [(one.cause, one.level) for one in examiner.examination().findings] == [("load-balancer-deleted", "trouble")]
