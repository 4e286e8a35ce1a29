"""The header by which the load balancer knows our distribution, when both ends do not say the same."""

from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.doctor.examiner import Examiner
from ops.doctor.origin_header import note_header
from ops.doctor.subjects import Subject
from tests.support.aws import given
from tests.support.boto_model import ModelledClient
from tests.support.fake_clients import FakeClient
from tests.support.fakes import NOW, FakeAccount


class LoadBalancer(FakeClient):
    values: tuple[str, ...] = ("this-month",)

    def describe_load_balancers(self, Names: list[str]) -> Any:  # noqa: N803 - boto3's name
        return {"LoadBalancers": [{"LoadBalancerArn": name} for name in Names]}

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
def test_both_ends_say_the_same(
    account: FakeAccount, settings: Settings, sent: tuple[str, ...], expected: tuple[str, ...], differs: bool
) -> None:
    balancer = LoadBalancer(account)
    balancer.values = expected
    aws: Any = SimpleNamespace(elbv2=ModelledClient("elbv2", balancer))
    examiner = Examiner(Subject.EDGE, given(aws, settings), NOW)

    note_header(examiner, sending(*sent))

    findings = examiner.examination().findings
    assert [one.cause for one in findings] == (["origin-header-differs"] if differs else [])
    assert "-month" not in str(findings), "no value is shown"
