"""Drift is what somebody changed by hand, not what releases move by design."""

import re
from typing import Any

import cmarkgfm  # type: ignore[import-untyped]
import pytest

from ops.errors import FailedError
from ops.stacks.drift import Drift, markdown, read_drift
from tests.support.clock import Clock
from tests.support.fakes import FakeAccount, FakeCloudFormation

GROUP = {
    "LogicalResourceId": "ServiceGroup",
    "PhysicalResourceId": "sg-1",
    "ResourceType": "AWS::EC2::SecurityGroup",
    "StackResourceDriftStatus": "MODIFIED",
    "PropertyDifferences": [
        {"PropertyPath": "/SecurityGroupIngress/0/CidrIp", "ExpectedValue": "10.0.0.0/8", "ActualValue": "0.0.0.0/0"}
    ],
}


def moved(kind: str, *paths: str) -> dict[str, Any]:
    differences = [{"PropertyPath": path, "ExpectedValue": "blue", "ActualValue": "green"} for path in paths]
    return GROUP | {"ResourceType": kind, "PropertyDifferences": differences}


class DriftingCloudFormation(FakeCloudFormation):
    """Compares what a test says differs, and takes two looks to do it."""

    def __init__(self, account: FakeAccount, *pages: list[dict[str, Any]]) -> None:
        super().__init__(account)
        self.pages = pages or ([],)
        self.looks: dict[str, int] = {}
        self.outcome = "DETECTION_COMPLETE"

    def detect_stack_drift(self, StackName: str) -> Any:  # noqa: N803 - boto3's name
        assert not self.looks, "all are begun before the first is waited for"
        return {"StackDriftDetectionId": f"id-{StackName}"}

    def describe_stack_drift_detection_status(self, StackDriftDetectionId: str) -> Any:  # noqa: N803
        looks = self.looks[StackDriftDetectionId] = self.looks.get(StackDriftDetectionId, 0) + 1
        return {"DetectionStatus": self.outcome if looks > 1 else "DETECTION_IN_PROGRESS"}

    def describe_stack_resource_drifts(self, StackName: str, NextToken: str = "0", **_: Any) -> Any:  # noqa: N803
        if StackName != "NetworkStack":
            return {"StackResourceDrifts": []}
        number = int(NextToken)
        more = {"NextToken": str(number + 1)} if number + 1 < len(self.pages) else {}
        return {"StackResourceDrifts": self.pages[number], **more}


@pytest.fixture
def stacks(account: FakeAccount) -> FakeAccount:
    for name in ("NetworkStack", "ComputeStack", "SomebodyElses"):
        account.add_stack(name)
    return account


def drift_of(account: FakeAccount, *pages: list[dict[str, Any]]) -> Drift:
    client: Any = DriftingCloudFormation(account, *pages)
    return read_drift(client, polling=Clock().polling())


def test_all_our_stacks_are_compared_and_no_others(stacks: FakeAccount) -> None:
    found = drift_of(stacks)
    assert found.stacks == ("NetworkStack", "ComputeStack")
    assert found.resources == ()
    assert markdown(found, "dev") == "No drift in the 2 stacks of dev.\n"


def test_a_change_by_hand_is_told_with_both_values(stacks: FakeAccount) -> None:
    found = drift_of(stacks, [GROUP])
    assert found.unexpected == found.resources
    text = markdown(found, "dev")
    assert "1 resources" not in text
    assert "`10.0.0.0/8` became `0.0.0.0/0`" in text


def test_what_somebody_wrote_by_hand_formats_nothing_in_the_issue(stacks: FakeAccount) -> None:
    value = "`@team` <details> [x](https://attacker.example)\n# heading"
    difference = {"PropertyPath": value, "ExpectedValue": value, "ActualValue": value}
    hostile = {"PhysicalResourceId": value, "LogicalResourceId": value, "PropertyDifferences": [difference]}
    text = markdown(drift_of(stacks, [GROUP | hostile]), "dev")

    page = cmarkgfm.github_flavored_markdown_to_html(text, cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE)
    assert set(re.findall(r"<(?!/)([^\s>]+)", page)) <= {"p", "ul", "li", "strong", "code"}
    assert "@t" not in re.sub(r"<code>.*?</code>", "", page)


def test_pages_belong_together(stacks: FakeAccount) -> None:
    assert len(drift_of(stacks, [GROUP], [GROUP, GROUP]).resources) == 3


@pytest.mark.parametrize(
    ("resource", "by_release"),
    [
        (moved("AWS::ElasticLoadBalancingV2::Listener", "/DefaultActions/0/TargetGroupArn"), True),
        (moved("AWS::ElasticLoadBalancingV2::Listener", "/DefaultActions/0/ForwardConfig/TargetGroups/1/Weight"), True),
        (moved("AWS::ElasticLoadBalancingV2::ListenerRule", "/Actions/0/ForwardConfig/TargetGroups/0/Weight"), True),
        (moved("AWS::ElasticLoadBalancingV2::ListenerRule", "/Actions/0/Type", "/Actions/0/ForwardConfig"), False),
        (moved("AWS::ElasticLoadBalancingV2::ListenerRule", "/Conditions/0/HttpHeaderConfig/Values/0"), False),
        (moved("AWS::ECS::Service", "/TaskDefinition", "/LoadBalancers/0/TargetGroupArn"), True),
        (moved("AWS::ElasticLoadBalancingV2::Listener", "/DefaultActions/0/TargetGroupArn", "/Port"), False),
        (moved("AWS::ECS::Service", "/DesiredCount"), False),
        (moved("AWS::EC2::SecurityGroup", "/TaskDefinition"), False),
        (moved("AWS::ECS::Service") | {"StackResourceDriftStatus": "DELETED"}, False),
    ],
)
def test_what_releases_move_is_no_drift(stacks: FakeAccount, resource: dict[str, Any], by_release: bool) -> None:
    found = drift_of(stacks, [resource])
    assert found.resources[0].by_release is by_release
    assert len(found.unexpected) == (0 if by_release else 1)


def test_a_comparison_that_fails_or_never_ends_is_said_so(stacks: FakeAccount) -> None:
    client: Any = DriftingCloudFormation(stacks)
    client.outcome = "DETECTION_FAILED"
    with pytest.raises(FailedError, match="could not compare NetworkStack"):
        read_drift(client, polling=Clock().polling())
    client = DriftingCloudFormation(stacks)
    client.outcome = "DETECTION_IN_PROGRESS"
    with pytest.raises(FailedError, match="15 minutes"):
        read_drift(client, polling=Clock().polling())
